"""Tables of the domain as package data, read once and never written."""

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent


def text(name: str) -> str:
    """Content of a table of this package."""
    return (FOLDER / name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV table by column name."""
    header, *lines = csv.reader(text(name).splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


@cache
def dictionary(name: str) -> tuple[str, ...]:
    """Codes of a dictionary of `dictionaries.json`. Raises KeyError for an unknown one."""
    return tuple(json.loads(text("dictionaries.json"))[name])


@cache
def terms(name: str) -> Mapping[str, str]:
    """Words by code of a dictionary that has words. Raises KeyError for an unknown one."""
    found: dict[str, str] = json.loads(text("dictionaries.json"))[name]
    return MappingProxyType(found)
