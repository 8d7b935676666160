"""An outbox row as a record of the log: CloudEvents 1.0 in binary headers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kit.log.port import Record

if TYPE_CHECKING:
    from kit.database import Record as Row

EPOCH = b"1"
"""Counts restores of the stating database to an older point; there was none yet."""
CONTENT_TYPE = b"application/protobuf"
CARRIED = {"traceparent": "traceparent", "tracestate": "tracestate", "decision_id": "ce_decisionid"}
"""Row header → record header."""


def record_of(row: "Mapping[str, Any] | Row", workload: str) -> Record:
    """The record of a row, in which each of the carried headers stands as a column."""
    own = (
        ("ce_id", str(row["event_id"]).encode()),
        ("ce_subject", row["aggregateid"].encode()),
        ("ce_time", instant(row["created_at"]).encode()),
        ("ce_sequence", b"%d" % row["aggregate_version"]),
    )
    carried = tuple([(header, row[name].encode()) for name, header in CARRIED.items() if row[name]])
    headers = fixed(row["type"], workload) + own + carried
    return Record(row["partition_key"], row["payload"], headers)


@lru_cache
def fixed(kind: str, workload: str) -> tuple[tuple[str, bytes], ...]:
    """What every record of a type says: made once."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", kind.encode()),
        ("ce_source", f"/minzheng/{workload}".encode()),
        ("content-type", CONTENT_TYPE),
        ("epoch", EPOCH),
    )


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, microseconds kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
