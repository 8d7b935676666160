"""Wakes the relay of this process after a commit: costs the business transaction nothing."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Doorbell:
    """Rung after a commit that left a row in the outbox."""

    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Wake whoever waits; rings between two waits count as one."""
        self.rung.set()

    async def wait(self, seconds: float) -> None:
        """Return when rung, or after `seconds`: rows of other processes ring nobody."""
        try:
            await asyncio.wait_for(self.rung.wait(), seconds)
        except TimeoutError:
            return
        self.rung.clear()

    def answered(self) -> bool:
        """Whether it was rung since the last time; whoever asks looks for himself."""
        rung = self.rung.is_set()
        self.rung.clear()
        return rung
