"""What leaves: the headers of a record and the span that says so."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.trace import SpanKind

from kit.outbox import OUTBOX_COLUMNS, outbox_row, sending
from kit.unit import OUTBOX_NAMES
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged
from tests.kit.facts.helpers import record, submitted
from tests.spans import spans_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def test_a_row_has_its_columns_in_order():
    row = dict(zip(OUTBOX_COLUMNS, outbox_row(submitted("org", 3), {"a": "b"}), strict=True))
    assert row["event_id"].version == 7
    assert (row["aggregatetype"], row["aggregateid"], row["aggregate_version"]) == (
        "organization", "org", 3,
    )  # fmt: skip
    assert (row["partition_key"], row["schema_version"]) == ("org", 1)
    assert row["type"] == "minzheng.filing.v1.FilingSubmitted"
    assert FilingSubmitted.from_binary(row["payload"]) == submitted("org", 3)
    assert json.loads(row["headers"]) == {"a": "b"}
    assert len(OUTBOX_NAMES) == len(OUTBOX_COLUMNS)


def test_an_account_is_an_aggregate_too():
    row = outbox_row(PostChanged(account="person", fact_version=1), {})
    assert row[1:5] == ("account", "person", 1, "person")


def test_a_record_is_a_cloud_event_in_binary_headers():
    at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    sent = record(submitted("org", 3), at=at, traceparent=TRACEPARENT, decision_id="d", odd="x")
    headers = dict(sent.headers)
    assert len(headers.pop("ce_id")) == 36
    assert sent.key == "org"
    assert headers == {
        "ce_specversion": b"1.0",
        "ce_type": b"minzheng.filing.v1.FilingSubmitted",
        "ce_source": b"/minzheng/filing",
        "ce_subject": b"org",
        "ce_time": b"2026-03-01T08:30:00Z",
        "ce_sequence": b"3",
        "ce_decisionid": b"d",
        "traceparent": TRACEPARENT.encode(),
        "content-type": b"application/protobuf",
        "epoch": b"1",
    }


@pytest.fixture
def finished(monkeypatch):
    return spans_of(monkeypatch, "kit.outbox.sending.tracer").get_finished_spans


def row(traceparent: str | None, minutes: float = 0) -> dict[str, object]:
    """What a span is made of; stated so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    return {"traceparent": traceparent, "tracestate": None, "created_at": at}


def test_publishing_a_fact_belongs_to_its_trace_while_that_is_young(finished):
    with sending.spans("topic", [row(TRACEPARENT)]):
        assert not finished()
    (own,) = finished()
    assert (own.name, own.kind) == ("publish topic", SpanKind.PRODUCER)
    assert f"{own.context.trace_id:032x}:{own.parent.span_id:016x}" == f"{TRACE}:b7ad6b7169203331"


def test_facts_of_old_traces_and_of_none_share_a_span_with_few_links(finished):
    unkept = TRACEPARENT[:-2] + "00"
    old = [row(TRACEPARENT, minutes=6)] * (sending.LINKS + 1)
    with sending.spans("topic", [row(None), row(unkept), row(TRACEPARENT), *old]):
        assert not finished()
    own, shared = finished()
    assert f"{own.context.trace_id:032x}" == TRACE
    assert (shared.name, shared.kind, shared.parent) == ("publish topic", SpanKind.PRODUCER, None)
    assert shared.attributes == {"messaging.batch.message_count": sending.LINKS + 3}
    assert [f"{link.context.trace_id:032x}" for link in shared.links] == [TRACE] * sending.LINKS
