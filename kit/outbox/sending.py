"""A batch of outbox rows on its way to the log, and the spans that say so."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.context import Context

from kit.contracts import topic_of
from kit.crash import during
from kit.log.port import Producer, Record
from kit.log.tracing import YOUNG, links
from kit.outbox.record import record_of
from kit.telemetry import context_of, is_kept
from kit.telemetry.spans import tracer

if TYPE_CHECKING:
    from kit.database import Record as Row

SEND_SECONDS = 60.0
"""Longest wait for the acknowledgements of a batch."""
LINKS = 32
"""Traces that the span of a batch names at most."""
Results = dict[int, Exception | None]
Letter = tuple["Row", Record]
"""A row and the record made of it."""


def letters(rows: "Iterable[Row]", workload: str) -> list[Letter]:
    """The records of rows, made while the batch before them is under way."""
    return [(row, record_of(row, workload)) for row in rows]


async def send(producer: Producer, batch: Sequence[Letter], workload: str) -> Results:
    """Send a batch topic by topic in its order; the result of each by row id."""
    topics: dict[str, list[Letter]] = {}
    for row, record in batch:
        topics.setdefault(topic_of(row["type"]), []).append((row, record))
    results: Results = {}
    for topic, group in topics.items():
        records = [record for _, record in group]
        with spans(topic, [row for row, _ in group]):
            async with asyncio.timeout(SEND_SECONDS):
                answers = await during(workload, "during_send", producer.send(topic, records))
        results |= {row["id"]: answer for (row, _), answer in zip(group, answers, strict=True)}
    return results


@contextmanager
def spans(topic: str, rows: "Sequence[Mapping[str, Any] | Row]") -> Iterator[None]:
    """PRODUCER spans: of each fact whose young trace is kept, in that trace; one for all others.

    What the others' traces are is said by links, to the first few that are kept.
    """
    kept = [row for row in rows if is_kept(row["traceparent"])]
    since = datetime.now(UTC) - YOUNG
    own = [row for row in kept if row["created_at"] > since]
    name, kind = f"publish {topic}", trace.SpanKind.PRODUCER
    started = [tracer.start_span(name, context_of(_headers(row)), kind) for row in own]
    if len(own) < len(rows):
        old = [row for row in kept if row["created_at"] <= since][:LINKS]
        linked = [link for row in old for link in links(_headers(row))]
        count = {"messaging.batch.message_count": len(rows) - len(own)}
        started.append(tracer.start_span(name, Context(), kind, count, linked))
    try:
        yield
    finally:
        for span in started:
            span.end()


def _headers(row: "Mapping[str, Any] | Row") -> dict[str, str]:
    return {"traceparent": row["traceparent"], "tracestate": row["tracestate"] or ""}
