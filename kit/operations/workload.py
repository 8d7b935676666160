"""A process of a workload as its operation sees it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kit.log.port import Log, LogError
from kit.reactions import Reaction
from kit.recent import Recent
from kit.telemetry.signals import Reading
from kit.timers import Timer
from kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Workload:
    """What its parts tell and do."""

    unit: Unit
    log: Log
    reactions: Sequence[Reaction]
    timers: Sequence[Timer]
    """Those that run now, of its workers too."""
    calls: Recent
    requests: Recent
    leads: Callable[[], bool]
    """The relay of this process is the one that sends."""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    readings: list[Reading] = field(default_factory=list)
    """What the gauges showed last (`kit.operations.gauges`); empty while the database is away."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.unit.database.workload

    async def lag(self) -> dict[str, int] | None:
        """Records not taken in yet, by topic; None where the log does not answer."""
        try:
            return await self.log.lag(self.name)
        except LogError:
            return None
