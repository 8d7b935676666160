"""How values are written on pages: days, moments, money, words of the contracts, codes."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, cast

from gateway.portal.labels import labelled
from gateway.portal.language import CHINESE, current, gettext
from gateway.portal.wording import tongues, worded
from kit import contracts
from kit.calendar import ZONE
from kit.data import terms
from kit.masks import mask_phone
from kit.regions import hainan

NAMES = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
}
HAN = re.compile("[\u4e00-\u9fff]")


def day(value: str | date) -> str:
    """A day: 2026年11月22日, or 22 Nov 2026; empty stays empty."""
    if not value:
        return ""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    if current.get() == CHINESE:
        return f"{found.year}年{found.month}月{found.day}日"
    return f"{found.day} {found:%b} {found.year}"


def moment(value: Any) -> str:
    """A timestamp (message, RFC 3339, datetime with zone) as day and minute in Shanghai; or empty."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    at = value if isinstance(value, datetime) else cast(datetime, value.to_datetime())
    local = at.astimezone(ZONE)
    return f"{day(local.date())} {local:%H:%M}"


def yuan(fen: int) -> str:
    """Fen as yuan with thousands parted."""
    return f"{Decimal(fen) / 100:,.2f}"


def word(value: IntEnum) -> str:
    """The word of a contract's value: its Chinese comment, translated."""
    text = contracts.word(value)
    if current.get() == CHINESE:
        return text
    known = gettext(text)
    return known if known != text else value.name.replace("_", " ").capitalize()


def size(octets: int) -> str:
    """Bytes as people count them."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} KB"
    return f"{octets / 1_000_000:.1f} MB"


def media(kind: str) -> str:
    """A media type as people call it: PDF, JPEG, DOCX."""
    return NAMES.get(kind, kind.rpartition("/")[2].upper())


def term(code: str, name: str) -> str:
    """The word of a code of a dictionary, translated; the code itself where it has none."""
    return gettext(terms(name).get(code, code)) if code else ""


def tongue(text: object) -> str:
    """Language of a text on this page: names and documents stay Chinese on English pages."""
    return CHINESE if HAN.search(str(text)) else current.get()


def place_name(code: str) -> str:
    """Full name of a place; what is no code stays as it is."""
    node = hainan().find(code)
    return node.full_name if node else code


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "moment": moment,
    "yuan": yuan,
    "word": word,
    "place": place_name,
    "labelled": labelled,
    "media": media,
    "phone": mask_phone,
    "size": size,
    "term": term,
    "tongue": tongue,
    "tongues": tongues,
    "worded": worded,
}
