"""Texts as people type them, cleaned before they become values: width, blanks, dates, money.

Every cleaner raises `ValueError` with a Chinese predicate ("应为…") that is put behind the label.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from kit.codes import id_problem, normalize_id, normalize_uscc, uscc_problem

WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)} | {0x3000: " "}
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Signs that no text of a person holds and that no database or wire takes."""
DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
LATEST = date(9999, 12, 31)


def line(text: str) -> str:
    """A line: digits and blanks half width, nothing around it."""
    return plain(text.replace("\r", " ").replace("\n", " ")).translate(WIDE_DIGITS).strip()


def paragraphs(text: str) -> str:
    """Several lines, as typed but for what surrounds them; a browser sends CR LF."""
    return plain(text.replace("\r\n", "\n").replace("\r", "\n")).strip(" \u3000\n\t")


def plain(text: str) -> str:
    """The text, if it has no hidden sign."""
    if HIDDEN.search(text):
        raise ValueError("含有无法显示的字符，请删除后重新填写。")
    return text


def code(text: str) -> str:
    """A code or number: half width, without blanks."""
    return "".join(line(text).translate(HALF_WIDTH).split())


def day(text: str) -> str:
    """A date as YYYY-MM-DD from 20261122, 2026-11-22 and what looks like them; empty stays empty."""
    typed = code(text)
    found = DAY.fullmatch(typed)
    if not typed:
        return ""
    if found is None or (typed.isdigit() and len(typed) != 8):
        raise ValueError("应为日期，例如 20261122 或 2026-11-22。")
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError as error:
        raise ValueError("不是日历上的日期，请核对年月日。") from error


def integer(text: str) -> int:
    """A whole number, with or without thousands separators; empty is zero."""
    typed = code(text).replace(",", "")
    if typed and not INTEGER.fullmatch(typed):
        raise ValueError("应为整数，例如 12。")
    return int(typed or "0")


def fen(text: str) -> int:
    """Yuan as typed to fen, exactly; empty is zero."""
    typed = code(text).replace(",", "").removesuffix("元").removeprefix("¥")
    try:
        amount = Decimal(typed or "0") * 100
    except InvalidOperation as error:
        raise ValueError("应为金额，单位为元，例如 5000 或 5000.50。") from error
    if not amount.is_finite() or abs(amount) >= 10**17 or amount != amount.to_integral_value():
        raise ValueError("应为金额，单位为元，最多两位小数。")
    return int(amount)


def yuan(amount: int) -> str:
    """Fen as yuan without float: 5000 or 5000.50."""
    whole, rest = divmod(abs(amount), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{rest:02}" if rest else f"{sign}{whole}"


def identity(text: str) -> str:
    """A resident identity number; its check character is tested here, its rules by the service."""
    typed = code(normalize_id(text))
    if typed and id_problem(typed, today=LATEST):
        raise ValueError("应为 18 位居民身份证号码，请逐位核对。")
    return typed


def credit(text: str) -> str:
    """A unified social credit code, its check character tested."""
    typed = code(normalize_uscc(text))
    if typed and uscc_problem(typed) not in (None, "org_check"):
        raise ValueError("应为 18 位统一社会信用代码，请逐位核对。")
    return typed
