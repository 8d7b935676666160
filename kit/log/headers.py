"""Headers of a record as JSON text; Latin-1 carries every byte and stays readable."""

import json

from kit.log.port import Record


def headers_text(record: Record) -> str:
    """Headers of a record as text."""
    return json.dumps([[name, value.decode("latin-1")] for name, value in record.headers])


def headers_of(text: str) -> tuple[tuple[str, bytes], ...]:
    """Headers from their text."""
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text))
