"""When a delivery is due again, when the platform gives up. Pure: no clock, no chance.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over at least 75 hours 35 minutes.
"""

from datetime import datetime, timedelta

from gateway.queue.breaker import Health

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between one attempt and the next."""
ATTEMPTS = len(DELAYS) + 1
FAILING = timedelta(hours=96)
"""Longest time an address may fail altogether: among many events no single one gets its attempts."""


def gives_up(attempts: int, health: Health, now: datetime) -> bool:
    """The platform pauses the subscription: an event had all its attempts, or nothing arrives at all."""
    since = health.failing_since
    return attempts >= ATTEMPTS or (since is not None and now - since >= FAILING)
