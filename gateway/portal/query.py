"""Filters in the address: what was asked for, addresses with and without a condition, choices of contracts."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TypeVar
from urllib.parse import urlencode

from gateway.portal.filters import word

Kind = TypeVar("Kind", bound=IntEnum)


def address(path: str, conditions: Mapping[str, str], **changes: str) -> str:
    """An address with its conditions as changed, those that are empty left out."""
    kept = {name: text for name, text in {**conditions, **changes}.items() if text}
    return f"{path}?{urlencode(kept)}" if kept else path


def chosen(kind: type[Kind], text: str) -> Kind:
    """A value of a contract by its short name; UNSPECIFIED for any other text."""
    return kind[text] if text in kind.__members__ else kind(0)


def choices(kind: type[IntEnum]) -> Sequence[tuple[str, str]]:
    """Values of a contract as options of a select."""
    return [(one.name, word(one)) for one in kind if one.value]
