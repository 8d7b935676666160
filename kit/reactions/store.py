"""Rows of inbox, position, waiting and parked: one statement a function."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit.log.headers import headers_of, headers_text
from kit.log.port import Record
from kit.reactions.event import Event, read_event

if TYPE_CHECKING:
    from kit.database import Connection
    from kit.database import Record as Row

PLACE = "consumer = $1 AND topic = $2 AND aggregate = $3"
LOCK = f"SELECT version FROM kit.position WHERE {PLACE} FOR UPDATE"
TRY_LOCK = LOCK + " SKIP LOCKED"
FIRST = "INSERT INTO kit.position (consumer, topic, aggregate) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
ENTER = f"""WITH entered AS (INSERT INTO kit.inbox (consumer, event_id) VALUES ($1, $4)
 ON CONFLICT DO NOTHING RETURNING 1)
 SELECT EXISTS (SELECT FROM entered) AS fresh, EXISTS (SELECT FROM kit.parked
 WHERE {PLACE} AND version IS NOT NULL) AS parked"""
ADVANCE = f"""UPDATE kit.position SET version = $4 WHERE {PLACE}
 RETURNING EXISTS (SELECT FROM kit.waiting WHERE {PLACE} AND version > $4) AS more"""
SET_ASIDE = """INSERT INTO kit.waiting
 (consumer, topic, aggregate, version, key, value, headers, reason, tries, due_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + make_interval(secs => $10))
 ON CONFLICT (consumer, topic, aggregate, version) DO UPDATE
 SET reason = excluded.reason, tries = excluded.tries, due_at = excluded.due_at"""
PARK = """INSERT INTO kit.parked (consumer, topic, aggregate, version, key, value, headers, reason)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"""
PARK_LATER = f"""WITH moved AS (DELETE FROM kit.waiting WHERE {PLACE} RETURNING *)
 INSERT INTO kit.parked (consumer, topic, aggregate, version, key, value, headers, reason)
 SELECT consumer, topic, aggregate, version, key, value, headers, $4 FROM moved
 ORDER BY version ON CONFLICT DO NOTHING"""
DUE = """SELECT w.topic, w.key, w.value, w.headers FROM kit.waiting w
 JOIN kit.position p USING (consumer, topic, aggregate)
 WHERE consumer = $1 AND ($2::text IS NULL OR aggregate = $2)
 AND w.version <= p.version + 1 AND w.due_at <= clock_timestamp() ORDER BY w.due_at LIMIT 100"""
TRIES = f"""SELECT tries FROM kit.waiting
 WHERE {PLACE} AND version = $4 AND due_at <= clock_timestamp()"""
FORGET = f"DELETE FROM kit.waiting WHERE {PLACE} AND version = $4"

AMONG = "unnest($2::text[], $3::text[]) AS n (topic, aggregate)"
# Rows are made or locked in one order, positions before the inbox, so two batches never deadlock.
# The update of nothing is the lock: the version is the one its last holder left.
TAKE_ALL = f"""WITH held AS (INSERT INTO kit.position AS p (consumer, topic, aggregate)
 SELECT $1, topic, aggregate FROM {AMONG} ORDER BY topic, aggregate
 ON CONFLICT (consumer, topic, aggregate) DO UPDATE SET version = p.version
 RETURNING topic, aggregate, version),
 entered AS (INSERT INTO kit.inbox (consumer, event_id) SELECT $1, e FROM unnest($4::uuid[]) e
 WHERE (SELECT count(*) FROM held) > 0 ORDER BY e ON CONFLICT DO NOTHING RETURNING event_id)
 SELECT array_agg(topic) AS topics, array_agg(aggregate) AS aggregates,
 array_agg(version) AS versions, ARRAY(SELECT event_id FROM entered) AS fresh FROM held"""
PARKED_AMONG = f"""SELECT DISTINCT topic, aggregate FROM kit.parked p
 JOIN {AMONG} USING (topic, aggregate) WHERE p.consumer = $1 AND p.version IS NOT NULL"""
# Written as an insert that finds its row: an update over a join would be planned while the table is
# small, and then walk all positions of the consumer.
ADVANCE_ALL = """WITH moved AS (INSERT INTO kit.position AS p (consumer, topic, aggregate, version)
 SELECT $1, topic, aggregate, version
 FROM unnest($2::text[], $3::text[], $4::integer[]) AS n (topic, aggregate, version)
 ON CONFLICT (consumer, topic, aggregate) DO UPDATE SET version = excluded.version
 RETURNING p.aggregate, EXISTS (SELECT FROM kit.waiting w WHERE w.consumer = p.consumer
 AND w.topic = p.topic AND w.aggregate = p.aggregate AND w.version > p.version) AS more)
 SELECT aggregate FROM moved WHERE more"""
Place = tuple[str, str, str]
"""Consumer, topic, aggregate."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as one consumer holds it."""

    consumer: str
    topic: str
    event: Event
    record: Record

    @classmethod
    def of(cls, consumer: str, row: "Row") -> "Fact":
        """The fact of a waiting or parked row."""
        record = Record(row["key"], bytes(row["value"]), headers_of(row["headers"]))
        return cls(consumer, row["topic"], read_event(row["topic"], record), record)

    @property
    def place(self) -> Place:
        """Whose position it belongs to."""
        return self.consumer, self.topic, self.event.aggregate_id

    @property
    def stored(self) -> tuple[str, str, str, int, str, bytes, str]:
        """Its columns in waiting and parked."""
        record = self.record
        return *self.place, self.event.version, record.key, record.value, headers_text(record)


async def lock_position(connection: "Connection", fact: Fact) -> int:
    """Version the consumer holds of the aggregate, 0 for none; locked until the commit."""
    held = await connection.fetchval(LOCK, *fact.place)
    if held is None:
        await connection.execute(FIRST, *fact.place)
        held = await connection.fetchval(LOCK, *fact.place)
    return int(held)


async def enter(connection: "Connection", fact: Fact) -> tuple[bool, bool]:
    """Take the fact in charge; answers whether it is new and whether its aggregate is parked."""
    row = await connection.fetchrow(ENTER, *fact.place, fact.event.event_id)
    assert row is not None
    return row["fresh"], row["parked"]


async def advance(connection: "Connection", fact: Fact) -> bool:
    """Move the position to the fact; answers whether later ones wait."""
    return bool(await connection.fetchval(ADVANCE, *fact.place, fact.event.version))


async def set_aside(
    connection: "Connection", fact: Fact, reason: str, tries: int = 0, seconds: float = 0
) -> None:
    """Let the fact wait: for the ones before it, or `seconds` until the next try."""
    await connection.execute(SET_ASIDE, *fact.stored, reason, tries, seconds)


async def park(connection: "Connection", fact: Fact, reason: str) -> None:
    """Give the fact up until it is replayed."""
    await connection.execute(PARK, *fact.stored, reason)


async def park_with_later(connection: "Connection", fact: Fact, reason: str) -> None:
    """Give up the fact and what already waits behind it."""
    await park(connection, fact, reason)
    later = f"follows version {fact.event.version}"
    await connection.execute(PARK_LATER, *fact.place, later)


async def park_foreign(
    connection: "Connection",
    consumer: str,
    topic: str,
    record: Record,
    event_id: uuid.UUID,
    reason: str,
) -> bool:
    """Keep a record that is no fact; it holds back nothing. Answers whether it is new."""
    key = record.key.replace("\0", "\ufffd")
    row = await connection.fetchrow(ENTER, consumer, topic, key, event_id)
    assert row is not None
    if row["fresh"]:
        stored = (key, record.value, headers_text(record))
        await connection.execute(PARK, consumer, topic, key[:200], None, *stored, reason)
    return bool(row["fresh"])


async def take_all(
    connection: "Connection", consumer: str, facts: Sequence[Fact]
) -> tuple[dict[Place, int], set[uuid.UUID]]:
    """`lock_position` and `enter` of many facts: the versions held, the ids that are new."""
    ids = [fact.event.event_id for fact in facts]
    row = await connection.fetchrow(TAKE_ALL, consumer, *_columns({f.place for f in facts}), ids)
    assert row is not None
    places = [(consumer, *place) for place in zip(row["topics"], row["aggregates"], strict=True)]
    return dict(zip(places, row["versions"], strict=True)), set(row["fresh"])


async def parked_among(connection: "Connection", consumer: str, places: set[Place]) -> set[Place]:
    """Those of the aggregates that have a parked fact; their positions are locked."""
    rows = await connection.fetch(PARKED_AMONG, consumer, *_columns(places))
    return {(consumer, row["topic"], row["aggregate"]) for row in rows}


async def advance_all(
    connection: "Connection", consumer: str, moved: Mapping[Place, int]
) -> list[str]:
    """Move positions; answers the aggregates behind which later facts wait."""
    places = sorted(moved)
    versions = [moved[place] for place in places]
    rows = await connection.fetch(ADVANCE_ALL, consumer, *_columns(places), versions)
    return [row["aggregate"] for row in rows]


def _columns(places: Iterable[Place]) -> tuple[list[str], list[str]]:
    ordered = sorted(places)
    return [topic for _, topic, _ in ordered], [aggregate for _, _, aggregate in ordered]
