"""Parked facts by aggregate, and their replay as one audited act; one way for RPC and command."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kit.log.headers import headers_of
from kit.reactions import Reaction
from kit.reactions import replay as replay_facts
from kit.unit import Audit, Change, Unit

if TYPE_CHECKING:
    from kit.database import Connection

LIST = """SELECT g.first, p.aggregate, p.topic, g.facts, p.version, p.headers, p.reason, p.parked_at
 FROM (SELECT min(id) AS first, count(*) AS facts, (array_agg(id ORDER BY version, id))[1] AS shown
 FROM kit.parked GROUP BY consumer, topic, aggregate, version IS NULL HAVING min(id) > $1) g
 JOIN kit.parked p ON p.id = g.shown ORDER BY g.first LIMIT $2"""
LEFT = """SELECT count(*) FROM kit.parked
 WHERE consumer = $1 AND aggregate = $2 AND version IS NOT NULL"""
SECONDS = 3.5
"""Time a replay takes at most, for calls end after 5 s; what is left then is replayed by the next."""


@dataclass(frozen=True, slots=True)
class ParkedAggregate:
    """The parked facts of one aggregate, told by the first; no version where they are no facts."""

    first: int
    """Lowest number among them: the order of the list."""
    aggregate: str
    topic: str
    facts: int
    version: int | None
    type: str
    reason: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did; `failure` is the name of the error that ended it."""

    replayed: int
    left: int
    failure: str = ""


async def listed(connection: "Connection", after: int, limit: int) -> list[ParkedAggregate]:
    """Aggregates with parked facts behind that number, in the order they were parked."""
    found = []
    for row in await connection.fetch(LIST, after, limit):
        values = dict(row)
        headers = dict(headers_of(values.pop("headers")))
        kind = headers.get("ce_type", b"").decode(errors="replace")
        found.append(ParkedAggregate(**values, type=kind))
    return found


async def replay(
    unit: Unit,
    reactions: Sequence[Reaction],
    aggregate: str,
    reason: str,
    seconds: float | None = SECONDS,
) -> Replayed:
    """Try the parked facts of an aggregate again, in their order, for so long at most.

    The running call is who acts. Its audit row comes before the work: that is many transactions,
    and one that fails was tried all the same.
    """
    database = unit.database
    act = Audit(aggregate, "/", datetime.now(UTC), None, reason=reason)
    await unit.write(Change("SELECT 1", {}, act))
    there = await database.pool.fetchval(LEFT, database.workload, aggregate)
    # Handlers act as the platform itself: in a task of its own the running call stays who it is.
    work = asyncio.create_task(replay_facts(database, reactions, aggregate))
    failure, limit = "", asyncio.timeout(seconds)
    try:
        async with limit:
            await work
    except Exception as error:
        # Never the error's text: it may name a person.
        failure = "" if limit.expired() else type(error).__name__
    left = await database.pool.fetchval(LEFT, database.workload, aggregate)
    return Replayed(there - left, left, failure)
