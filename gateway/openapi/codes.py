"""The codes a refusal may carry, with the status and the sentence each travels with."""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict


class Told(TypedDict):
    """Status (0: it depends) and the Chinese sentence."""

    status: int
    detail: str


@cache
def codes() -> dict[str, Told]:
    """By code; `codes.json` is written by `make pages` from the code that refuses."""
    text = Path(__file__).with_name("codes.json").read_text(encoding="utf-8")
    found: dict[str, Told] = json.loads(text)
    return found
