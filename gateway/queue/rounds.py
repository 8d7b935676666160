"""The worker of a queue: claims what is due and there is room for, works on it, side by side."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kit.database import AWAY

log = logging.getLogger(__name__)
Claimed = TypeVar("Claimed")
POLL_SECONDS = 0.25
AGAIN_SECONDS = 1.0
LEAVE_SECONDS = 5.0
RECORD_SECONDS = 5.0
"""What a claim lasts longer than an attempt may."""


@dataclass
class Rounds(ABC, Generic[Claimed]):
    """A worker of one process; many share a queue by claims, each queue has its own."""

    room: int = field(default=64, kw_only=True)
    """Attempts under way at once."""
    running: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    @abstractmethod
    async def claim(self, room: int) -> Sequence[Claimed]:
        """At most so many pieces of work that are due, claimed for longer than one takes."""

    @abstractmethod
    async def work(self, one: Claimed) -> None:
        """Do a piece and record it; one that raises is claimed again when its claim has run out."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; a database that is away is tried again."""
        while not stop.is_set():
            try:
                if not await self.round():
                    await self._rest(stop, POLL_SECONDS)
            except AWAY as error:
                log.warning("%s interrupted: %s", type(self).__name__, type(error).__name__)
                await self._rest(stop, AGAIN_SECONDS)
        if self.running:
            # What is cut off here is claimed again when its claim has run out.
            _, late = await asyncio.wait(self.running, timeout=LEAVE_SECONDS)
            for task in late:
                task.cancel()

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Until an attempt is over, work may have come, or the end."""
        end = asyncio.create_task(stop.wait())
        await asyncio.wait(
            {end, *self.running}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        end.cancel()

    async def round(self) -> int:
        """Claim what is due and there is room for, and begin it; answers how many."""
        room = self.room - len(self.running)
        if room <= 0:
            return 0
        claimed = await self.claim(room)
        for one in claimed:
            task = asyncio.create_task(self._work(one))
            self.running.add(task)
            task.add_done_callback(self.running.discard)
        return len(claimed)

    async def _work(self, one: Claimed) -> None:
        try:
            await self.work(one)
        except Exception as error:
            log.exception("%s unrecorded: %s", type(self).__name__, type(error).__name__)
