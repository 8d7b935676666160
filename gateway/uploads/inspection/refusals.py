"""Why a file is not kept: stable codes and sentences that several inspections share."""

from kit.errors import Refusal, invalid


def unknown_type() -> Refusal:
    """Becomes 415 at the door."""
    return invalid(
        "upload.type_refused", "只接受 PDF、JPG、PNG、OFD、DOCX、XLSX 文件，以文件内容为准。"
    )


def encrypted() -> Refusal:
    """Cannot be looked into."""
    return invalid(
        "upload.encrypted", "文件已加密或为旧版格式，请另存为未加密的 PDF、DOCX 或 XLSX 后再上传。"
    )


def damaged(what: str) -> Refusal:
    """Cut off, or not what its format asks for."""
    return invalid("upload.damaged", f"{what}，文件可能不完整或已损坏，请重新导出后再上传。")


def too_complex(what: str) -> Refusal:
    """Would take too much to look into, or to open."""
    return invalid("upload.too_complex", f"{what}，请精简后再上传。")


def macros() -> Refusal:
    """Programs inside a document."""
    return invalid("upload.macros", "文件含有宏或控件程序，请另存为不含宏的文件后再上传。")
