"""Codes as people type them in, and what a check may be asked by."""

import re

from kit.errors import Kind, Refusal, invalid

CODE = re.compile("[0-9A-HJKMNP-TV-Z]{16}")
MISREAD = str.maketrans("OIL", "011")
"""Letters that codes do not have, read for the digits they resemble."""


def code_of(text: str) -> str:
    """A code as it is printed: XXXX-XXXX-XXXX-XXXX; Refusal 422 for what is none."""
    signs = re.sub(r"[\s\-－—–]", "", text).upper().translate(MISREAD)
    if not CODE.fullmatch(signs):
        raise invalid(
            "filing.verification_code", "核验码应为16位字母和数字，请对照文书页脚重新输入。"
        )
    return "-".join(signs[at : at + 4] for at in range(0, 16, 4))


def expect_question(code: str, number: str, digest: str) -> None:
    """Refuse a check that names neither a code nor a number with a hash."""
    if not code and not (number and digest):
        raise invalid(
            "filing.verification_incomplete", "请输入核验码，或者输入文书编号并提供文书文件。"
        )


def unknown() -> Refusal:
    """One answer for what never was and for what was changed: it tells nothing to who guesses."""
    return Refusal(
        Kind.NOT_FOUND,
        "filing.document_unknown",
        "没有查到与之相符的文书：核验码或编号有误，或者文件已被改动。请勿采信，并向出具机关核实。",
    )
