"""An outbox row as a record of the log: CloudEvents 1.0 in binary headers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kit.log.port import Record

EPOCH = b"1"
"""Counts restores of the stating database to an older point; there was none yet."""
CONTENT_TYPE = b"application/protobuf"
CARRIED = {"traceparent": "traceparent", "tracestate": "tracestate", "decision_id": "ce_decisionid"}
"""Row header → record header."""


def record_of(row: Mapping[str, Any], headers: Mapping[str, str], workload: str) -> Record:
    """The record of a row; `headers` are the row's."""
    event = {
        "ce_specversion": "1.0",
        "ce_id": str(row["event_id"]),
        "ce_type": row["type"],
        "ce_source": f"/minzheng/{workload}",
        "ce_subject": row["aggregateid"],
        "ce_time": instant(row["created_at"]),
        "ce_sequence": str(row["aggregate_version"]),
        **{CARRIED[name]: value for name, value in headers.items() if name in CARRIED and value},
    }
    texts = tuple((name, value.encode()) for name, value in event.items())
    last = (("content-type", CONTENT_TYPE), ("epoch", EPOCH))
    return Record(row["partition_key"], bytes(row["payload"]), texts + last)


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, microseconds kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
