"""Calls of the last minutes as one process sees them: how many, how slow, how many failed by our fault.

A ring of minutes, each a small histogram: noting a call is two additions, whatever the load.
"""

import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

MINUTES = 5
STEP = 1.2
"""Each bound of the histogram over the one before: a percentile is at most a fifth too high."""
BOUNDS = tuple(round(0.001 * STEP**n, 6) for n in range(52))
"""Seconds, 1 ms to 11 s."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was noted in the minutes counted; `p95` in seconds, 0 without calls."""

    calls: int = 0
    failed: int = 0
    p95: float = 0.0


@dataclass
class _Minute:
    number: int = -1
    failed: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))


class Recent:
    """The ring; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.ring = [_Minute() for _ in range(MINUTES)]

    def note(self, seconds: float, *, failed: bool) -> None:
        """One call that took so long; `failed` by our own fault."""
        number = int(self.clock() // 60)
        minute = self.ring[number % MINUTES]
        if minute.number != number:
            minute = self.ring[number % MINUTES] = _Minute(number)
        minute.counts[bisect_left(BOUNDS, seconds)] += 1
        minute.failed += failed

    def told(self) -> Traffic:
        """The minutes counted, the running one among them."""
        oldest = int(self.clock() // 60) - MINUTES + 1
        kept = [minute for minute in self.ring if minute.number >= oldest]
        counts = [sum(found) for found in zip(*(minute.counts for minute in kept), strict=True)]
        return Traffic(sum(counts), sum(minute.failed for minute in kept), percentile(counts, 0.95))


def percentile(counts: list[int], share: float) -> float:
    """Upper bound of the step in which the share of all calls is reached; 0 without calls."""
    wanted, seen = share * sum(counts), 0
    if not wanted:
        return 0.0
    for count, bound in zip(counts, (*BOUNDS, BOUNDS[-1] * STEP), strict=True):
        seen += count
        if seen >= wanted:
            return bound
    raise AssertionError("a share of all is reached")
