"""One form of an audit row: what its MAC and its place in the chain are computed from."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

COLUMNS = (
    "service", "at", "business_on", "subject", "role", "post_id", "action", "object_id",
    "region_path", "outcome", "reason", "from_state", "to_state", "rule_version", "decision_id",
    "traceparent", "key_id",
)  # fmt: skip
"""Columns under the MAC, in its order. `service` keeps a row of another database out."""

GENESIS = bytes(32)
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(row: Mapping[str, Any]) -> bytes:
    """The one text of a row: a JSON list of its columns, times in UTC with microseconds."""
    told = [_text(row[name]) for name in COLUMNS]
    return _write(told).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def signed(values: Mapping[str, Any], key_id: int, mac: Any) -> dict[str, Any]:
    """The row with its key id and MAC; `mac` is a function of the text's bytes."""
    row = {**values, "key_id": key_id}
    return row | {"mac": mac(canonical(row))}


def digest(audit_id: int, text: bytes, mac: bytes) -> bytes:
    """What the chain holds of a row: its id, text and MAC."""
    content = str(audit_id).encode() + b"\n" + text + b"\n" + mac
    return hashlib.sha256(content).digest()


def link(previous: bytes, number: int, row_digest: bytes) -> bytes:
    """The next link of the chain."""
    return hashlib.sha256(previous + number.to_bytes(8, "big") + row_digest).digest()
