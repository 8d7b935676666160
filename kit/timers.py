"""Timers: work that becomes due by the calendar, done once by whichever replica holds the lock."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kit.database import Database
from kit.log.port import LogError
from kit.log.session import pause

log = logging.getLogger(__name__)
AGAIN_SECONDS = 10.0
"""After a look that failed the next one comes no later: a job of the hour does not miss its hour."""


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
    """Look for due work until `stop`; an error is logged and tried again soon, a log that is away waited for."""
    database.kept.append(timer)
    try:
        await _looks(timer, database, stop)
    finally:
        database.kept.remove(timer)


async def _looks(timer: Timer, database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        rest = timer.every
        try:
            async with database.locks.alone(f"timer:{timer.name}") as alone:
                if alone:
                    await timer.run()
            timer.ran.well()
        except Exception as error:
            timer.ran.badly(error)
            rest = min(rest, AGAIN_SECONDS)
            if isinstance(error, LogError):
                log.warning("timer %s waits for the log: %s", timer.name, error)
            else:
                log.exception("timer %s failed", timer.name)
        await pause(stop, rest)
