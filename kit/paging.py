"""Page tokens: the key of the last row seen, opaque to the caller.

A token is no secret and no proof: the list's own filter and row security hold for every page.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from kit.errors import Kind, Refusal


def encode(*values: str | int) -> str:
    """Token of a key."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(token: str, *parsers: Callable[[Any], Any]) -> tuple[Any, ...]:
    """The key of a token, each value through its parser (e.g. `UUID`); without parsers as encoded.

    Raises Refusal MALFORMED `common.page_token` for whatever `encode` did not make for this list.
    """
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        checked = [_scalar(value) for value in values]
        if not parsers:
            return tuple(checked) or _refuse()
        return tuple(parse(value) for parse, value in zip(parsers, checked, strict=True))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _refusal() from error


def _scalar(value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError
    if isinstance(value, str) and "\x00" in value:
        raise ValueError
    return value


def _refuse() -> Any:
    raise _refusal()


def _refusal() -> Refusal:
    return Refusal(Kind.MALFORMED, "common.page_token", "翻页标记无效，请从第一页重新查询。")
