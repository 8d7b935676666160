"""Codes and their check characters (specification 5.1, 5.2, 5.7).

Every `…_problem` answers None for a valid code, else a short reason. Synthetic codes of the demo
are valid except in production.
"""

import re
from collections.abc import Sequence
from datetime import date

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O Z S V
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_CHECKS = "0X987654321"
_CIVIL_CLASSES = "1239"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_EARLIEST_BIRTH = date(1850, 1, 1)

SYNTHETIC_SUBJECT = "DEM0"
"""Positions 9-12 of a synthetic unified social credit code."""
SYNTHETIC_ADDRESS = "469900"
"""Unassigned address code of a synthetic identity number."""
SYNTHETIC_PHONE = "120"
"""No mobile range: first digits of a synthetic phone number."""


def normalize_uscc(text: str) -> str:
    """Trimmed, half-width, upper case; nothing is guessed."""
    return text.translate(_HALF_WIDTH).strip().upper()


def normalize_id(text: str) -> str:
    """An identity number as it is stored: like a credit code."""
    return normalize_uscc(text)


def _sum(text: str, alphabet: str, weights: Sequence[int]) -> int:
    return sum(alphabet.index(char) * weight for char, weight in zip(text, weights, strict=True))


def uscc_check(first17: str) -> str:
    """Check character of a unified social credit code, GB 32100-2015."""
    return _USCC_CHARS[-_sum(first17, _USCC_CHARS, _USCC_WEIGHTS) % 31]


def organization_check(first8: str) -> str:
    """Check character of an organization code, GB 11714."""
    return _ORG_CHECKS[_sum(first8, _ORG_CHARS, _ORG_WEIGHTS) % 11]


def uscc_problem(code: str, *, civil_only: bool = False, production: bool = False) -> str | None:
    """Reason: length charset division authority synthetic check org_check; the code is normalized.

    `civil_only` refuses codes not issued by civil affairs. On codes received from outside treat
    org_check as a warning (specification 5.1).
    """
    if len(code) != 18:
        return "length"
    if any(char not in _USCC_CHARS for char in code):
        return "charset"
    if not code[2:8].isdigit():
        return "division"
    if civil_only and (code[0] != "5" or code[1] not in _CIVIL_CLASSES):
        return "authority"
    if production and code[8:12] == SYNTHETIC_SUBJECT:
        return "synthetic"
    if uscc_check(code[:17]) != code[17]:
        return "check"
    return None if organization_check(code[8:16]) == code[16] else "org_check"


def id_check(first17: str) -> str:
    """Check character of a resident identity number, GB 11643-1999."""
    return _ID_CHECKS[_sum(first17, "0123456789", _ID_WEIGHTS) % 11]


def id_problem(number: str, *, today: date, production: bool = False) -> str | None:
    """Reason against a normalized number: format birth_date birth_range synthetic check."""
    if not re.fullmatch("[0-9]{17}[0-9X]", number):
        return "format"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "birth_date"
    if not _EARLIEST_BIRTH <= born <= today:
        return "birth_range"
    if production and number.startswith(SYNTHETIC_ADDRESS):
        return "synthetic"
    return None if id_check(number[:17]) == number[17] else "check"


def phone_problem(number: str, *, production: bool) -> str | None:
    """Reason against a mobile number: format, or synthetic in production."""
    if re.fullmatch(SYNTHETIC_PHONE + "[0-9]{8}", number):
        return "synthetic" if production else None
    return None if re.fullmatch("1[3-9][0-9]{9}", number) else "format"


def mod11_10(digits: str) -> str:
    """Check digit of a decimal string, ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def nine_digits(authority_code: str) -> str:
    """Place part of a filing number: a 12-digit code without its last three digits."""
    if not re.fullmatch("[0-9]{12}", authority_code):
        raise ValueError(f"not a division code: {authority_code!r}")
    return authority_code[:9]


def filing_number(nine_digits: str, year: int, serial: int) -> str:
    """Filing number of 23 characters: SQBA, nine digits, year, serial of five, check digit.

    Raises ValueError outside 1-99999: beyond it the form has no room.
    """
    if (
        not re.fullmatch("[0-9]{9}", nine_digits)
        or not 1000 <= year <= 9999
        or not 1 <= serial <= 99_999
    ):
        raise ValueError(f"no filing number for {nine_digits!r} {year} {serial}")
    digits = f"{nine_digits}{year}{serial:05}"
    return f"SQBA{digits}{mod11_10(digits)}"


def filing_problem(number: str) -> str | None:
    """Reason against a filing number: format check."""
    if not re.fullmatch("SQBA[0-9]{19}", number):
        return "format"
    return None if mod11_10(number[4:22]) == number[22] else "check"


def printed_number(authority_word: str, year: int, serial: int) -> str:
    """Printed number, hexagonal brackets and no padding: 大同社备〔2026〕1号."""
    return f"{authority_word}〔{year}〕{serial}号"


def application_number(day: date, county6: str, serial: int) -> str:
    """Number of an application received that day in a county: SB202603014601060001.

    Raises ValueError outside 1-9999.
    """
    if not re.fullmatch("[0-9]{6}", county6) or not 1 <= serial <= 9999:
        raise ValueError(f"no application number for {county6!r} {serial}")
    return f"SB{day:%Y%m%d}{county6}{serial:04}"
