"""How long the oldest event waits on its way to a department, for those who watch the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.subscriptions.store.deliveries import EVERYTHING
from kit.database import Database
from kit.sql import IN_SCOPE, NOW, bind
from kit.telemetry import signals
from kit.telemetry.signals import Reading

OLDEST = f"""SELECT coalesce(extract(epoch FROM ({NOW}) - min(f.at)), 0)::float
 FROM subscription s CROSS JOIN LATERAL (SELECT w.position FROM delivery w
 WHERE w.subscription_id = s.subscription_id AND NOT w.delivered ORDER BY w.due_at LIMIT 1) w
 JOIN feed f USING (position) WHERE s.state = 'LIVE' AND {IN_SCOPE}"""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits in one gateway database."""

    database: Database

    async def measure(self) -> Sequence[Reading]:
        """Of live subscriptions; paused ones wait because somebody said so."""
        text, arguments = bind(OLDEST, {"scope": EVERYTHING})
        oldest = await self.database.pool.fetchval(text, *arguments)
        return (Reading(signals.WEBHOOK_OLDEST, max(oldest, 0.0)),)
