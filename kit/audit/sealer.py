"""The sealer: puts audit rows into the chain within a second, and a checkpoint every minute.

It takes what is not sealed yet, by a flag: rows of a slow transaction appear behind younger ones,
so a cursor over ids would lose them.
"""

import asyncio
import logging
import math
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg

from kit.audit import checkpoint
from kit.audit.row import GENESIS, canonical, digest, link
from kit.crash import point
from kit.database import Database
from kit.errors import Kind, Refusal
from kit.log.session import UNREACHABLE
from kit.secrets import Keyring

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
KEY = zlib.crc32(b"audit.seal")
"""Of the lock: one process of a workload seals."""
EVERY = 0.5
BATCH = 1000
WARN_SECONDS = 60.0
STOP_SECONDS = 4 * 3600.0
CHECKPOINT_SECONDS = 60.0
CHECKPOINT_ROWS = 10_000
UNSEALED = "SELECT * FROM kit.audit WHERE NOT sealed ORDER BY id LIMIT $1"
LAST = "SELECT number, link FROM kit.audit_chain ORDER BY number DESC LIMIT 1"
ENCHAIN = """INSERT INTO kit.audit_chain (number, audit_id, digest, link)
 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])"""
MARK = "UPDATE kit.audit SET sealed = true WHERE id = ANY($1::bigint[])"
AGE = """SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float
 FROM kit.audit WHERE NOT sealed"""


@dataclass
class Seals:
    """How old the oldest unsealed row is; past four hours nothing is written any more."""

    oldest: float = 0.0

    def expect_sealing(self) -> None:
        """Refusal UNAVAILABLE while the audit trail cannot be sealed."""
        if self.oldest > STOP_SECONDS:
            raise Refusal(
                Kind.UNAVAILABLE,
                "common.audit_stopped",
                "审计记录未能及时封存，系统暂停办理，请联系运维人员。",
            )


@dataclass
class Sealer:
    """Seals the audit rows of one workload."""

    database: Database
    keyring: Keyring
    seals: Seals
    every: float = EVERY
    _last: tuple[int, float] = field(default=(-1, -math.inf))
    """Number and time of the last checkpoint."""

    async def run(self, stop: asyncio.Event) -> None:
        """Seal until `stop`; a database that is away is tried again and the age goes on counting."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self.look()
            except UNREACHABLE as error:
                self.seals.oldest += max(self.every, time.monotonic() - began)
                log.warning("audit not sealed: %s", type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), self.every)
            except TimeoutError:
                continue

    async def look(self) -> int:
        """Seal what there is, one process at a time; answers how many rows."""
        sealed = 0
        async with self.database.pool.acquire() as connection:
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", KEY):
                try:
                    # A checkpoint that cannot be written holds up the chain: its age is what tells.
                    await self._checkpoint(connection)
                    while (count := await self._batch(connection)) == BATCH:
                        sealed += count
                    sealed += count
                    await self._checkpoint(connection)
                finally:
                    await connection.execute("SELECT pg_advisory_unlock($1)", KEY)
            self.seals.oldest = await connection.fetchval(AGE)
        if self.seals.oldest > WARN_SECONDS:
            log.warning("oldest audit row not sealed for %d s", self.seals.oldest)
        return sealed

    async def _batch(self, connection: "Connection") -> int:
        async with connection.transaction():
            rows = await connection.fetch(UNSEALED, BATCH)
            if not rows:
                return 0
            number, previous = await head(connection)
            chained = []
            for row in rows:
                number, of_row = number + 1, digest(row["id"], canonical(dict(row)), row["mac"])
                previous = link(previous, number, of_row)
                chained.append((number, row["id"], of_row, previous))
            point(self.database.workload, "before_seal")
            await connection.execute(ENCHAIN, *map(list, zip(*chained, strict=True)))
            await connection.execute(MARK, [row["id"] for row in rows])
        return len(rows)

    async def _checkpoint(self, connection: "Connection") -> None:
        number, last = await head(connection)
        known, at = self._last
        due = time.monotonic() - at > CHECKPOINT_SECONDS or number - known >= CHECKPOINT_ROWS
        if number <= known or not due:
            return
        # Another process may have made one since, or have died between its line and its row.
        known = await recover(connection, self.database.workload)
        if number > known:
            made = checkpoint.make(self.database.workload, number, last, self.keyring)
            checkpoint.append(made)
            point(self.database.workload, "before_checkpoint")
            await keep(connection, made)
            known, at = number, time.monotonic()
        self._last = (known, at)


async def recover(connection: "Connection", service: str) -> int:
    """Number of the last checkpoint; a line written before a crash enters the table too."""
    known = await connection.fetchval("SELECT max(number) FROM kit.audit_checkpoint") or 0
    last = checkpoint.last(service)
    if last is None or last.number <= known:
        return int(known)
    await keep(connection, last)
    return last.number


async def head(connection: "Connection | asyncpg.Connection[asyncpg.Record]") -> tuple[int, bytes]:
    """Last number and link of the chain."""
    row = await connection.fetchrow(LAST)
    return (row["number"], bytes(row["link"])) if row else (0, GENESIS)


async def keep(connection: "Connection", made: checkpoint.Checkpoint) -> None:
    """The checkpoint as a row."""
    await connection.execute(
        "INSERT INTO kit.audit_checkpoint (number, line) VALUES ($1, $2)", made.number, made.line()
    )
