"""Typed values of rules and their text."""

import re
from datetime import date
from typing import Any

LISTS = {"int_list": "int", "date_list": "date", "enum_list": "code"}
"""Comma-separated lists by the type of their items; an empty text is the empty list."""


def parse(kind: str, text: str) -> Any:
    """Value of a text: int (money in yuan, percent 0-100), bool, str, or a tuple for a list.

    Raises ValueError for a text that is no value of the type, or an unknown type.
    """
    if kind in LISTS:
        return _items(LISTS[kind], text)
    if kind.startswith("enum:"):
        return _one_of(kind.removeprefix("enum:").split("|"), text)
    match kind:
        case "int" | "money_yuan":
            return _number(text)
        case "percent":
            return _percent(text)
        case "bool":
            return _one_of(["false", "true"], text) == "true"
        case "date":
            return date.fromisoformat(text)
        case "code":
            return _matching("[A-Z][A-Z_]*", text)
        case "str":
            return text
    raise ValueError(f"unknown type {kind!r}")


def text_of(value: Any) -> str:
    """The one text of a value; `parse` reads it back."""
    if isinstance(value, tuple):
        return ",".join(text_of(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _items(kind: str, text: str) -> tuple[Any, ...]:
    items = tuple(parse(kind, item) for item in text.split(",")) if text else ()
    if kind != "int" and len(set(items)) != len(items):
        raise ValueError(f"{text!r} names an item twice")
    return items


def _matching(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError(f"{text!r} does not match {pattern}")
    return text


def _number(text: str) -> int:
    return int(_matching("0|[1-9][0-9]{0,11}", text))


def _percent(text: str) -> int:
    number = _number(text)
    if number > 100:
        raise ValueError(f"{number} % is more than all")
    return number


def _one_of(choices: list[str], text: str) -> str:
    if text not in choices:
        raise ValueError(f"{text!r} is none of {choices}")
    return text
