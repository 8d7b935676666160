"""When a letter is tried again and when it is given up. Pure: no clock, no chance."""

from datetime import datetime, timedelta

from gateway.integrations.letter import Kind, Verdict
from gateway.queue.breaker import LONGEST_HOLD, delay

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21_600, 43_200))
"""Between one attempt and the next."""
ATTEMPTS = len(DELAYS) + 1
LIFE = timedelta(hours=48)
"""A message that could not leave for so long says nothing new any more; it stays in the inbox."""
THROTTLE = timedelta(minutes=1)
"""Shortest wait after a far end asked for less."""


def again(
    attempts: int, verdict: Verdict, made_at: datetime, now: datetime, chance: float
) -> datetime | None:
    """Time of the next attempt after so many failed ones; None: it is given up.

    A far end that asks for time is heard, and its letter has lost no attempt.
    """
    wait = delay(DELAYS, attempts, chance) if verdict.kind is Kind.TRANSIENT else THROTTLE
    if verdict.kind is Kind.PERMANENT or wait is None:
        return None
    due = now + max(wait, min(verdict.asked, LONGEST_HOLD))
    return due if due - made_at < LIFE else None
