"""What waits in a workload's database, and how far its tables are; one reading for RPC and command."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kit.audit.sealer import AGE

if TYPE_CHECKING:
    from kit.database import Connection

WAITS = f"""SELECT
 (SELECT count(*) FROM kit.outbox WHERE published_at IS NULL) AS unpublished,
 (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float FROM kit.outbox
 WHERE published_at IS NULL) AS oldest,
 (SELECT count(*) FROM kit.parked) AS parked,
 (SELECT count(DISTINCT (consumer, topic, aggregate)) FROM kit.parked) AS aggregates,
 (SELECT count(*) FROM kit.waiting) AS aside,
 (SELECT max(received_at) FROM kit.inbox) AS taken_at,
 ({AGE}) AS unsealed"""
LEVELS = """SELECT DISTINCT ON (component) component, number, name, applied_at
 FROM public.migration ORDER BY component, number DESC"""


@dataclass(frozen=True, slots=True)
class Waits:
    """Facts on their way out, coming in and parked, audit rows outside the chain; ages in seconds."""

    unpublished: int
    oldest: float
    parked: int
    aggregates: int
    aside: int
    """Facts whose turn has not come, or which are tried again."""
    taken_at: datetime | None
    """When the last fact was taken in."""
    unsealed: float


@dataclass(frozen=True, slots=True)
class Level:
    """The last migration of a component."""

    component: str
    number: int
    name: str
    applied_at: datetime


async def waits(connection: "Connection") -> Waits:
    """What waits."""
    row = await connection.fetchrow(WAITS)
    assert row is not None
    return Waits(**dict(row))


async def levels(connection: "Connection") -> list[Level]:
    """How far the tables are."""
    return [Level(**dict(row)) for row in await connection.fetch(LEVELS)]
