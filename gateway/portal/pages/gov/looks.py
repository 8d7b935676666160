"""How states and files of cases look."""

from proto.gen.minzheng.filing.v1.filing_pb import FilingState, Material

LOOKS = {
    "FILED": "good",
    "REFUSED": "bad",
    "EXPIRED": "bad",
    "CORRECTION": "warn",
    "RENEW_DUE": "warn",
    "LAPSED": "plain",
    "WITHDRAWN": "plain",
}
"""Look of a state's tag."""
KINDS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}


def look_of(state: FilingState) -> str:
    """Look of a state's tag."""
    return LOOKS.get(FilingState(state).name, "")


def file_of(one: Material | None) -> str:
    """Kind and size of a material's file; empty for what the form says itself."""
    if one is None or not one.file_id:
        return ""
    return f"{KINDS.get(one.media_type, one.media_type)} {-(-one.size // 1024)} KB"
