"""The relay: sends the unpublished rows of one workload, one active among its replicas.

It reads what is unpublished in the order of id, never behind a cursor; no transaction is open
while it sends. A row that fails holds back the later rows of its aggregate and nothing else.
"""

import asyncio
import json
import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context

from kit.contracts import topic_of
from kit.crash import during, point
from kit.database import Database, connect, tracer
from kit.log.port import Log, LogError, Producer
from kit.log.session import UNREACHABLE, leave, pause
from kit.log.tracing import links
from kit.outbox.doorbell import Doorbell
from kit.outbox.record import record_of
from kit.settings import Settings

if TYPE_CHECKING:
    from kit.database import Connection
    from kit.database import Record as Row

log = logging.getLogger(__name__)
BATCH = 500
POLL_SECONDS = 1.0
SEND_SECONDS = 60.0
"""Longest wait for the acknowledgements of a batch."""
KEY = zlib.crc32(b"relay")
LEAD = "SELECT pg_try_advisory_lock($1)"
READ = """SELECT id, event_id, aggregatetype, aggregateid, aggregate_version, partition_key, type,
 payload, headers::text AS headers, created_at FROM kit.outbox
 WHERE published_at IS NULL AND aggregateid <> ALL ($1::text[]) ORDER BY id LIMIT $2"""
MARK = "UPDATE kit.outbox SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])"
Results = dict[int, Exception | None]


@dataclass
class Relay:
    """Sends the facts of a workload; several may run, the one that holds the lock works."""

    workload: str
    database: Database
    log: Log
    doorbell: Doorbell
    config: Settings | None = None
    poll_seconds: float = POLL_SECONDS
    leading: bool = field(default=False, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; databases that are away are tried again after the slow poll."""
        while not stop.is_set():
            try:
                await self._work(stop)
            except UNREACHABLE as error:
                log.warning("relay of %s interrupted: %s", self.workload, type(error).__name__)
            finally:
                self.leading = False
            await pause(stop, self.poll_seconds)

    async def _work(self, stop: asyncio.Event) -> None:
        # Lock, reading and marking share one connection: who lost the lock can mark nothing.
        connection = await connect(self.database.workload, "app", self.config)
        producer = self.log.producer()
        try:
            if not await connection.fetchval(LEAD, KEY):
                return
            self.leading = True
            while not stop.is_set():
                healthy = await self._round(connection, producer)
                await (self._rest(stop) if healthy else pause(stop, self.poll_seconds))
            # What was committed while the process drained leaves before the lock is free.
            await self._round(connection, producer)
        finally:
            await producer.close()
            await leave(connection)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait for the bell, the slow poll or the end."""
        bell = asyncio.create_task(self.doorbell.wait(self.poll_seconds))
        end = asyncio.create_task(stop.wait())
        await asyncio.wait({bell, end}, return_when=asyncio.FIRST_COMPLETED)
        for task in (bell, end):
            task.cancel()

    async def _round(self, connection: "Connection", producer: Producer) -> bool:
        """Send everything unpublished once; aggregates with a failed row wait for the next round.

        Answers False when the log is in trouble.
        """
        held: set[str] = set()
        while True:
            rows = await connection.fetch(READ, list(held), BATCH)
            if rows:
                point(self.workload, "after_read")
            results = await send(producer, rows, self.workload)
            done = [row["id"] for row in rows if results[row["id"]] is None]
            if done:
                point(self.workload, "before_mark")
                await during(self.workload, "during_mark", connection.execute(MARK, done))
            held |= {row["aggregateid"] for row in rows if results[row["id"]] is not None}
            self._tell(results)
            if any(isinstance(result, LogError) for result in results.values()):
                return False
            if len(rows) < BATCH:
                return True

    def _tell(self, results: Results) -> None:
        failed = {number: error for number, error in results.items() if error is not None}
        if failed:
            number, error = next(iter(failed.items()))
            log.warning(
                "relay of %s: %d rows unsent, first %d: %s",
                self.workload, len(failed), number, type(error).__name__,
            )  # fmt: skip


async def send(producer: Producer, rows: "Sequence[Row]", workload: str) -> Results:
    """Send rows topic by topic in their order; the result of each by row id."""
    topics: dict[str, list[Row]] = {}
    for row in rows:
        topics.setdefault(topic_of(row["type"]), []).append(row)
    results: Results = {}
    for topic, group in topics.items():
        headers = [json.loads(row["headers"]) for row in group]
        records = [record_of(dict(r), h, workload) for r, h in zip(group, headers, strict=True)]
        with spans(topic, headers):
            async with asyncio.timeout(SEND_SECONDS):
                answers = await during(workload, "during_send", producer.send(topic, records))
        results |= {row["id"]: answer for row, answer in zip(group, answers, strict=True)}
    return results


@contextmanager
def spans(topic: str, headers: Sequence[Mapping[str, str]]) -> Iterator[None]:
    """One PRODUCER span a record, linked to the trace that stated the fact: it may run much later."""
    started = [
        tracer.start_span(f"publish {topic}", Context(), trace.SpanKind.PRODUCER, links=links(h))
        for h in headers
    ]
    try:
        yield
    finally:
        for span in started:
            span.end()
