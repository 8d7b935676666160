"""The relay: sends the unpublished rows of one workload, one active among its replicas.

It reads what is unpublished in the order of id, never behind a cursor; no transaction is open
while it sends. A row that fails holds back the later rows of its aggregate and nothing else.
"""

import asyncio
import logging
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kit.crash import during, point
from kit.database import Database, connect
from kit.log.port import Log, LogError, Producer
from kit.log.session import UNREACHABLE, beside, leave, pause
from kit.outbox.doorbell import Doorbell
from kit.outbox.record import CARRIED
from kit.outbox.sending import Letter, Results, letters, send
from kit.settings import Settings

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
BATCH = 500
POLL_SECONDS = 1.0
KEY = zlib.crc32(b"relay")
LEAD = "SELECT pg_try_advisory_lock($1)"
READ = f"""SELECT id, event_id, aggregateid, aggregate_version, partition_key, type, payload,
 created_at, {", ".join(f"headers ->> '{name}' AS {name}" for name in CARRIED)} FROM kit.outbox
 WHERE published_at IS NULL AND aggregateid <> ALL ($1::text[]) AND id <> ALL ($2::bigint[])
 ORDER BY id LIMIT $3"""
MARK = "UPDATE kit.outbox SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])"
# A lost mark sends a fact again, which is borne anyway: no mark waits for the disk. And what is
# planned while the outbox is empty must walk its index when it is full.
SESSION = """SET synchronous_commit = off; SET enable_seqscan = off; SET enable_bitmapscan = off;
 SET enable_sort = off"""


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
            await connection.execute(SESSION)
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
        """Send everything unpublished; aggregates with a failed row wait for the next round.

        While a batch is under way the one before is marked and, where there is more, the next one
        is read and made ready. Answers False when the log is in trouble.
        """
        held: set[str] = set()
        sent: list[int] = []
        batch = await self._read(connection, held, sent)
        while batch:
            async with beside(send(producer, batch, self.workload)) as sending:
                await self._mark(connection, sent)
                under_way = [row["id"] for row, _ in batch]
                full = len(batch) == BATCH
                ahead = await self._read(connection, held, under_way) if full else []
                results = await sending
            sent = [number for number in under_way if results[number] is None]
            held |= {row["aggregateid"] for row, _ in batch if results[row["id"]] is not None}
            self._tell(results)
            if any(isinstance(result, LogError) for result in results.values()):
                await self._mark(connection, sent)
                return False
            batch = [letter for letter in ahead if letter[0]["aggregateid"] not in held]
            # What is held back is tried again by the next round, which a busy bell must not put off.
            if not batch and (full or (not held and self.doorbell.answered())):
                batch = await self._read(connection, held, sent)
        await self._mark(connection, sent)
        return True

    async def _read(
        self, connection: "Connection", held: set[str], passed: list[int]
    ) -> list[Letter]:
        """The next rows without those of aggregates held back and those `passed`, which are sent."""
        rows = await connection.fetch(READ, list(held), passed, BATCH)
        if rows:
            point(self.workload, "after_read")
        return letters(rows, self.workload)

    async def _mark(self, connection: "Connection", sent: list[int]) -> None:
        if sent:
            point(self.workload, "before_mark")
            await during(self.workload, "during_mark", connection.execute(MARK, sent))

    def _tell(self, results: Results) -> None:
        failed = {number: error for number, error in results.items() if error is not None}
        if failed:
            number, error = next(iter(failed.items()))
            log.warning(
                "relay of %s: %d rows unsent, first %d: %s",
                self.workload, len(failed), number, type(error).__name__,
            )  # fmt: skip
