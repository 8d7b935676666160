"""Headers of a record as JSON text; Latin-1 carries every byte and stays readable."""

import json
from functools import lru_cache

from kit.log.port import Record

quoted = json.encoder.encode_basestring_ascii
"""A text as JSON, by the standard library's own compiled code."""


def headers_text(record: Record) -> str:
    """Headers of a record as text."""
    pairs = [f"{opened(name)}{quoted(value.decode('latin-1'))}]" for name, value in record.headers]
    return f"[{', '.join(pairs)}]"


@lru_cache
def opened(name: str) -> str:
    """How the pair of a name begins: there are few names."""
    return f"[{quoted(name)}, "


def headers_of(text: str) -> tuple[tuple[str, bytes], ...]:
    """Headers from their text."""
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text))
