"""Parked facts: listed, shown, replayed once their cause is gone, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kit.contracts import facts
from kit.database import Database
from kit.log.headers import headers_of
from kit.log.port import Record
from kit.reactions import store
from kit.reactions.event import NoFact, Undecodable, read_event, read_fact
from kit.reactions.intake import Intake, Reaction, by_type
from kit.reactions.store import Fact

if TYPE_CHECKING:
    from kit.database import Connection

LIST = """SELECT id, consumer, topic, aggregate, version, headers, reason, parked_at
 FROM kit.parked ORDER BY id"""
TOPICS = """SELECT DISTINCT topic FROM kit.parked
 WHERE consumer = $1 AND aggregate = $2 AND version IS NOT NULL ORDER BY topic"""
NEXT = f"""SELECT id, topic, key, value, headers FROM kit.parked
 WHERE {store.PLACE} AND version IS NOT NULL ORDER BY version LIMIT 1"""

FORGET_FOREIGN = """DELETE FROM kit.parked WHERE id = (SELECT min(id) FROM kit.parked
 WHERE consumer = $1 AND aggregate = $2 AND version IS NULL) RETURNING id"""
CONTENTS = """SELECT topic, key, value, headers FROM kit.parked
 WHERE consumer = $1 AND aggregate = $2 ORDER BY version NULLS LAST, id"""


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked record without its payload; no version where it is no fact."""

    id: int
    consumer: str
    topic: str
    aggregate: str
    version: int | None
    type: str
    event_id: str
    reason: str
    parked_at: datetime


async def parked(connection: "Connection") -> list[Parked]:
    """Everything parked in this database, in the order it was parked."""
    found = []
    for row in await connection.fetch(LIST):
        values = dict(row)
        headers = dict(headers_of(values.pop("headers")))
        kind, event = (headers.get(h, b"").decode(errors="replace") for h in ("ce_type", "ce_id"))
        found.append(Parked(**values, type=kind, event_id=event))
    return found


async def replay(
    database: Database, reactions: Sequence[Reaction], aggregate: str, *, consumer: str = ""
) -> int:
    """Apply the parked facts of an aggregate in order; answers how many left the parking place.

    Each in a transaction of its own. What a handler raises goes on to the caller: that fact and
    the later ones stay parked, the earlier ones are done. A second call finds nothing to do.
    """
    intake = Intake(consumer or database.workload, database, by_type(reactions))
    topics = await database.pool.fetch(TOPICS, intake.consumer, aggregate)
    count = 0
    for row in topics:
        while await _replay_one(intake, (intake.consumer, row["topic"], aggregate)):
            count += 1
    await intake.sweep(aggregate)
    return count


async def _replay_one(intake: Intake, place: tuple[str, str, str]) -> bool:
    async with intake.database.transaction("replay fact") as connection:
        held = await connection.fetchval(store.LOCK, *place)
        row = await connection.fetchrow(NEXT, *place)
        if row is None:
            return False
        fact = Fact.of(intake.consumer, row)
        if fact.event.version == held + 1:
            await intake.handle(connection, fact)
            await store.advance(connection, fact)
        elif fact.event.version > held:
            await store.set_aside(connection, fact, "gap")
        await connection.execute("DELETE FROM kit.parked WHERE id = $1", row["id"])
    return True


async def discard(connection: "Connection", aggregate: str, *, consumer: str) -> bool:
    """Give up the first parked record of an aggregate, in the caller's transaction.

    A fact counts as applied from then on. What is no fact goes last; its aggregate is its key.
    Answers False when nothing is parked.
    """
    topic = await connection.fetchval(TOPICS, consumer, aggregate)
    if topic is None:
        return await connection.fetchval(FORGET_FOREIGN, consumer, aggregate) is not None
    place = (consumer, topic, aggregate)
    held = await connection.fetchval(store.LOCK, *place)
    row = await connection.fetchrow(NEXT, *place)
    if row is None:
        return False
    fact = Fact.of(consumer, row)
    if fact.event.version == held + 1:
        await store.advance(connection, fact)
    await connection.execute("DELETE FROM kit.parked WHERE id = $1", row["id"])
    return True


async def contents(connection: "Connection", aggregate: str, *, consumer: str) -> list[str]:
    """What the parked records of an aggregate say, in their order.

    Facts hold no personal data and are shown as JSON; of anything else only the size is told.
    """
    rows = await connection.fetch(CONTENTS, consumer, aggregate)
    return [_content(row["topic"], Record(row["key"], bytes(row["value"]), headers_of(row["headers"])))
            for row in rows]  # fmt: skip


def _content(topic: str, record: Record) -> str:
    try:
        event = read_event(topic, record)
        return read_fact(event, facts()[event.type], record.value).to_json()
    except (NoFact, Undecodable, KeyError):
        return f"no fact: {len(record.value)} bytes"
