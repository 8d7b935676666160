"""When a far end rests, and for how long. Pure: no clock, no chance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

JITTER = 0.05
"""Largest part by which a delay grows, so that what failed together does not come back together."""
LONGEST_HOLD = timedelta(days=1)
"""More than this a far end cannot ask for by Retry-After."""
TRIPS = 5
"""Failures in a row after which a far end rests and is then probed by one attempt at a time."""
REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)


def delay(delays: Sequence[timedelta], attempts: int, chance: float) -> timedelta | None:
    """Time to wait after so many attempts, None when there were enough; `chance` is 0 to 1."""
    if attempts > len(delays):
        return None
    return delays[attempts - 1] * (1 + JITTER * chance)


@dataclass(frozen=True, slots=True)
class Health:
    """How a far end fares; while `held_until` lies ahead nothing is sent there."""

    failures: int = 0
    failing_since: datetime | None = None
    held_until: datetime | None = None

    @property
    def tripped(self) -> bool:
        """It has failed so often that only one attempt at a time tries it."""
        return self.failures >= TRIPS


def failed(health: Health, now: datetime, asked: timedelta = timedelta()) -> Health:
    """After an attempt that failed; `asked` is the time of a Retry-After."""
    failures = health.failures + 1
    hold = max(rest(failures), min(asked, LONGEST_HOLD))
    until = now + hold if hold else health.held_until
    return replace(
        health,
        failures=failures,
        failing_since=health.failing_since or now,
        held_until=max(filter(None, (until, health.held_until)), default=None),
    )


def rest(failures: int) -> timedelta:
    """How long a far end rests after failures in a row: 30 s at the fifth, doubling up to 5 min."""
    if failures < TRIPS:
        return timedelta()
    doubled: timedelta = REST * 2 ** min(failures - TRIPS, 10)
    return min(doubled, LONGEST_REST)
