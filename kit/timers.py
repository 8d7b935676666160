"""Timers: work that becomes due by the calendar, done once by whichever replica holds the lock."""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kit.database import Database

log = logging.getLogger(__name__)


@dataclass
class Ran:
    """What became of a timer in this process."""

    at: datetime | None = None
    """End of the last look that went well."""
    failures: int = 0
    failed_at: datetime | None = None
    failure: str = ""
    """Name of the last error, never its text."""

    def well(self) -> None:
        """A look went well."""
        self.at = datetime.now(UTC)

    def badly(self, error: Exception) -> None:
        """A look failed."""
        self.failures += 1
        self.failed_at, self.failure = datetime.now(UTC), type(error).__name__


@dataclass(frozen=True, slots=True)
class Timer:
    """A piece of due work: `run` answers how many cases it moved, 0 when nothing was due."""

    name: str
    run: Callable[[], Awaitable[int]]
    every: float = 1.0
    """Seconds between two looks."""
    ran: Ran = field(default_factory=Ran, compare=False)


async def keep(timer: Timer, database: Database, stop: asyncio.Event) -> None:
    """Look for due work until `stop`; an error is logged and tried again at the next look."""
    key = zlib.crc32(f"timer:{timer.name}".encode())
    while not stop.is_set():
        try:
            await run_locked(timer, database, key)
            timer.ran.well()
        except Exception as error:
            timer.ran.badly(error)
            log.exception("timer %s failed", timer.name)
        try:
            await asyncio.wait_for(stop.wait(), timer.every)
        except TimeoutError:
            continue


async def run_locked(timer: Timer, database: Database, key: int) -> int:
    """Run once if no other process runs it now; answers how many cases it moved."""
    async with database.pool.acquire() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", key):
            return 0
        try:
            return await timer.run()
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", key)
