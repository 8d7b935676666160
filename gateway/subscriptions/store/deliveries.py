"""What is on its way: claimed by a worker, recorded when it arrived or failed, listed, sent again.

Only the first event of an organization that has not arrived can be claimed, so order holds per
subscription and organization and nothing else waits. A claim that ran out is claimed again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from gateway.queue.breaker import TRIPS, Health
from gateway.subscriptions.domain.subscription import Subscription
from gateway.subscriptions.store.subscriptions import Subscriptions
from kit.crash import during
from kit.database import Database
from kit.sql import IN_SCOPE, NOW, bind

if TYPE_CHECKING:
    from kit.database import Connection, Pool

SCOPE = "SELECT set_config('minzheng.scope', $1, true)"
EVERYTHING = "r:/"
CLAIM = f"""UPDATE delivery d
 SET claim = :claim, claimed_until = clock_timestamp() + :lease FROM (
  SELECT p.number, p.position FROM subscription s CROSS JOIN LATERAL (
   SELECT w.number, w.position, w.due_at FROM delivery w
   WHERE w.subscription_id = s.subscription_id AND NOT w.delivered AND w.due_at <= :now
   AND (w.claimed_until IS NULL OR w.claimed_until < clock_timestamp())
   AND NOT EXISTS (SELECT FROM delivery e WHERE e.subscription_id = w.subscription_id
    AND e.organization_id = w.organization_id AND NOT e.delivered AND e.number < w.number)
   ORDER BY w.due_at, w.number
   LIMIT greatest(0, CASE WHEN s.failures >= :trips THEN 1 ELSE :each END
    - (SELECT count(*) FROM delivery r WHERE r.subscription_id = s.subscription_id
       AND NOT r.delivered AND r.claim IS NOT NULL AND r.claimed_until >= clock_timestamp()))
   FOR UPDATE SKIP LOCKED) p
  WHERE s.state = 'LIVE' AND coalesce(s.held_until, '-infinity') <= :now
  ORDER BY p.due_at, p.number LIMIT :room) c JOIN feed f USING (position)
 WHERE d.number = c.number AND {IN_SCOPE}
 RETURNING d.number, d.redelivery, d.attempts, d.subscription_id, f.event_id, f.sequence, f.type,
 f.at, f.traceparent, f.state"""
SUBSCRIBED = f"""SELECT * FROM subscription
 WHERE subscription_id = ANY (:wanted::uuid[]) AND state = 'LIVE' AND {IN_SCOPE}"""
# Rows are locked in one order, here and where a subscription is resumed, so nobody deadlocks.
ARRIVED = f"""UPDATE delivery d SET delivered = true, attempts = attempts + 1, claim = NULL,
 claimed_until = NULL, outcome = 'DELIVERED', status = a.status, tried_at = clock_timestamp()
 FROM (SELECT w.number, n.status FROM delivery w
  JOIN unnest(:numbers::bigint[], :claims::uuid[], :statuses::integer[])
   AS n (number, claim, status) USING (number, claim) ORDER BY number FOR UPDATE OF w) a
 WHERE d.number = a.number AND {IN_SCOPE}"""
HEALED = """UPDATE subscription SET failures = 0, failing_since = NULL, held_until = NULL
 WHERE subscription_id = :subscription_id AND failures > 0"""
FORWARD = """UPDATE delivery SET due_at = :now WHERE number IN (SELECT number FROM delivery
 WHERE subscription_id = :subscription_id AND NOT delivered AND due_at > :now
 ORDER BY number FOR UPDATE)"""
LOCK = "SELECT * FROM subscription WHERE subscription_id = :subscription_id FOR UPDATE"
FAILED = """UPDATE delivery SET attempts = attempts + 1, claim = NULL, claimed_until = NULL,
 outcome = :outcome, status = :status, tried_at = clock_timestamp(), due_at = :due_at
 WHERE number = :number AND claim = :claim RETURNING number"""
HEALTH = """UPDATE subscription SET failures = :failures, failing_since = :failing_since,
 held_until = :held_until WHERE subscription_id = :subscription_id"""
LIST = """SELECT d.*, f.event_id, f.type, s.state, s.held_until FROM delivery d
 JOIN feed f USING (position) JOIN subscription s USING (subscription_id)
 WHERE d.subscription_id = :subscription_id AND (:after::bigint IS NULL OR number < :after)
 AND (NOT :waiting OR NOT delivered) ORDER BY number DESC LIMIT :size"""
AGAIN = """WITH again AS (INSERT INTO delivery
 (subscription_id, position, organization_id, redelivery, due_at)
 SELECT :subscription_id, position, organization_id, true, now() FROM feed
 WHERE position > :after AND position <= :until AND type = ANY (:types)
 AND starts_with(region_path, :region_path)
 AND (:from_time::timestamptz IS NULL OR at >= :from_time)
 AND (:to_time::timestamptz IS NULL OR at < :to_time)
 ORDER BY position LIMIT :most RETURNING position)
 SELECT count(*)::int, coalesce(max(position), :until) AS reached FROM again"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event a worker may send now; `row` is its row of the feed."""

    number: int
    claim: UUID
    attempts: int
    redelivery: bool
    subscription: Subscription
    row: Mapping[str, Any]


Arrival = tuple[Claimed, int]
"""An event that is there, and the status it was answered with."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of the feed, by position and by time."""

    after: int
    until: int
    from_time: datetime | None
    to_time: datetime | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of one gateway database."""

    database: Database
    subscriptions: Subscriptions

    @asynccontextmanager
    async def acting(self, scope: str = EVERYTHING) -> AsyncIterator["Connection"]:
        """A transaction in a scope; without one that of the platform, which reaches every region."""
        async with self.database.transaction("deliver") as connection:
            await connection.execute(SCOPE, scope)
            yield connection

    async def now(self) -> datetime:
        """Time of the schedule: the database's, moved with the business clock."""
        found: datetime = await self.database.pool.fetchval(NOW)
        return found

    async def claim(
        self, now: datetime, *, room: int, each: int, lease: timedelta
    ) -> list[Claimed]:
        """At most `room` events that are due, at most `each` under way to one address."""
        claim = uuid4()
        values = {
            "claim": claim, "lease": lease, "now": now, "trips": TRIPS, "each": each,
            "room": room, "scope": EVERYTHING,
        }  # fmt: skip
        rows = await run(self.database.pool, CLAIM, values)
        known = await self._subscribed({row["subscription_id"] for row in rows})
        return [
            Claimed(
                row["number"], claim, row["attempts"], row["redelivery"],
                known[row["subscription_id"]], row,
            )
            for row in sorted(rows, key=itemgetter("number"))
            if row["subscription_id"] in known
        ]  # fmt: skip

    async def _subscribed(self, wanted: Set[UUID]) -> dict[UUID, Subscription]:
        """The live ones of some subscriptions; what was claimed for one that just stopped waits."""
        if not wanted:
            return {}
        values = {"wanted": list(wanted), "scope": EVERYTHING}
        rows = await run(self.database.pool, SUBSCRIBED, values)
        return {row["subscription_id"]: self.subscriptions.subscription_of(row) for row in rows}

    async def arrived(self, arrivals: Sequence[Arrival]) -> None:
        """The events are there; who lost its claim meanwhile records nothing."""
        values = {
            "numbers": [claimed.number for claimed, _ in arrivals],
            "claims": [claimed.claim for claimed, _ in arrivals],
            "statuses": [status for _, status in arrivals],
            "scope": EVERYTHING,
        }
        writing = run(self.database.pool, ARRIVED, values)
        await during(self.database.workload, "during_arrival", writing)

    async def healed(self, found: Subscription) -> None:
        """An address that rested is taken back into full use."""
        # A transaction of its own: locks are always taken first on the subscription, then behind it.
        values = {"subscription_id": UUID(found.subscription_id), "now": await self.now()}
        async with self.acting() as connection:
            await run(connection, HEALED, values)
            if found.health.tripped:
                await run(connection, FORWARD, values)

    async def lock(self, connection: "Connection", found: Subscription) -> Subscription:
        """The subscription as it is now; nobody changes it before the transaction ends."""
        values = {"subscription_id": UUID(found.subscription_id)}
        (row,) = await run(connection, LOCK, values)
        return self.subscriptions.subscription_of(row)

    async def failed(
        self, connection: "Connection", one: Claimed, outcome: str, status: int, due: datetime
    ) -> bool:
        """The attempt failed; False where another worker had taken it over."""
        values = {"number": one.number, "claim": one.claim, "due_at": due}
        return bool(await run(connection, FAILED, values | {"outcome": outcome, "status": status}))

    async def fares(self, connection: "Connection", found: Subscription, health: Health) -> None:
        """Keep how the address fares."""
        values = {
            "subscription_id": UUID(found.subscription_id),
            "failures": health.failures,
            "failing_since": health.failing_since,
            "held_until": health.held_until,
        }
        await run(connection, HEALTH, values)

    async def listed(
        self, found: Subscription, size: int, after: int | None, waiting: bool
    ) -> Sequence[Mapping[str, Any]]:
        """Deliveries of a subscription the caller reaches, newest first, one more than asked."""
        values = {"subscription_id": UUID(found.subscription_id), "size": size + 1}
        async with self.acting(around(found)) as connection:
            return await run(connection, LIST, values | {"after": after, "waiting": waiting})

    async def again(
        self, connection: "Connection", found: Subscription, span: Span, most: int
    ) -> tuple[int, int]:
        """Put events of a range behind what is on its way; answers how many, and the last position.

        The head is locked by the caller, so numbers keep following the order of the feed.
        """
        values = {
            "subscription_id": UUID(found.subscription_id),
            "types": list(found.types),
            "region_path": found.region_path,
            "after": span.after,
            "until": span.until,
            "from_time": span.from_time,
            "to_time": span.to_time,
            "most": most,
        }
        (row,) = await run(connection, AGAIN, values)
        return row["count"], row["reached"] if row["count"] == most else span.until


def around(found: Subscription) -> str:
    """The scope of a subscription's region: it sees the region's events and the subscription."""
    return f"r:{found.region_path}"


async def run(
    connection: "Connection | Pool", text: str, values: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """Rows of a statement."""
    rendered, arguments = bind(text, values)
    return [dict(row) for row in await connection.fetch(rendered, *arguments)]
