"""How states of cases look."""

from proto.gen.minzheng.filing.v1.filing_pb import FilingState

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


def look_of(state: FilingState) -> str:
    """Look of a state's tag."""
    return LOOKS.get(FilingState(state).name, "")
