"""What becomes due by the clock: dispatches whose hour has come, and those to be forgotten."""

from dataclasses import dataclass

from kit.call import Call, enter
from proto.gen.minzheng.common.v1.access_pb import Access
from services.notifications.store import SYSTEM
from services.notifications.store.dispatches import BATCH, Dispatches


@dataclass(frozen=True, slots=True)
class DueDispatches:
    """Releases what is due."""

    dispatches: Dispatches

    async def run(self) -> int:
        """Release until nothing is due; answers how many."""
        enter(Call(SYSTEM, "timer", Access(action="release_dispatch")))
        released = 0
        while (done := await self.dispatches.release()) == BATCH:
            released += done
        return released + done


@dataclass(frozen=True, slots=True)
class OldDispatches:
    """Forgets what ended long ago."""

    dispatches: Dispatches

    async def run(self) -> int:
        """Forget until nothing is old; answers how many."""
        forgotten = 0
        while (done := await self.dispatches.forget()) == BATCH:
            forgotten += done
        return forgotten + done
