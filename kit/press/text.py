"""Texts made printable: what no font has becomes 〓, what nobody sees goes, long words may break."""

import re
from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from kit.press.editions import FONTS

MISSING = "〓"
"""The printer's mark for a sign that is not in the case (〓)."""
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control signs, signs without a shape, signs that turn the direction of reading."""
SPACES = re.compile(r"\s+")
LONG = re.compile(r"[!-~]{25,}")
PART = re.compile(r"(.{10})(?=.)")
BREAK = "\u200b"


@cache
def covered() -> Set[int]:
    """Code points that every font of the layout has."""
    return frozenset(set.intersection(*map(_covers, FONTS.glob("*.otf"))))


def _covers(file: Path) -> set[int]:
    with TTFont(file, lazy=True) as font:
        return set(font.getBestCmap())


def printable(text: str) -> str:
    """The text on one line as it is printed."""
    seen = SPACES.sub(" ", UNSEEN.sub("", SPACES.sub(" ", text))).strip()
    return "".join(sign if ord(sign) in covered() else MISSING for sign in seen)


def breakable(text: str) -> str:
    """The printable text with places where a word longer than a line may break."""
    return LONG.sub(lambda word: PART.sub(rf"\1{BREAK}", word[0]), printable(text))


def every_text(value: Any, change: Any) -> Any:
    """A structure of plain data with `change` applied to every text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: every_text(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [every_text(item, change) for item in value]
    return value
