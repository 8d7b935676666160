"""When an attempt is due, when an address rests, when the platform gives up. Pure: no clock, no chance.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over at least 75 hours 35 minutes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between one attempt and the next."""
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.05
"""Largest part by which a delay grows, so that what failed together does not come back together."""
LONGEST_HOLD = timedelta(days=1)
"""More than this an address cannot ask for by Retry-After."""
TRIPS = 5
"""Failures in a row after which an address rests and is then probed by one event at a time."""
REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)
FAILING = timedelta(hours=96)
"""Longest time an address may fail altogether: among many events no single one gets its attempts."""


def delay(attempts: int, chance: float) -> timedelta | None:
    """Time to wait after so many attempts, None when there were enough; `chance` is 0 to 1."""
    if attempts >= ATTEMPTS:
        return None
    return DELAYS[attempts - 1] * (1 + JITTER * chance)


@dataclass(frozen=True, slots=True)
class Health:
    """How an address fares; while `held_until` lies ahead nothing is sent there."""

    failures: int = 0
    failing_since: datetime | None = None
    held_until: datetime | None = None

    @property
    def tripped(self) -> bool:
        """It has failed so often that only one event at a time tries it."""
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
    """How long an address rests after failures in a row: 30 s at the fifth, doubling up to 5 min."""
    if failures < TRIPS:
        return timedelta()
    doubled: timedelta = REST * 2 ** min(failures - TRIPS, 10)
    return min(doubled, LONGEST_REST)


def gives_up(attempts: int, health: Health, now: datetime) -> bool:
    """The platform pauses the subscription: an event had all its attempts, or nothing arrives at all."""
    since = health.failing_since
    return attempts >= ATTEMPTS or (since is not None and now - since >= FAILING)
