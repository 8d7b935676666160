"""A member of a group of the embedded log: locks, wake-ups, reads and offsets on one connection.

With the connection all claims vanish, so a member that was killed is replaced within a second.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from kit.database import parameters
from kit.log.headers import headers_of
from kit.log.members import Membership, Place
from kit.log.port import BATCH, Delivery, LogError, Record
from kit.log.session import UNREACHABLE, leave
from kit.settings import Settings

if TYPE_CHECKING:
    from kit.database import Connection
    from kit.database import Record as Row

log = logging.getLogger(__name__)
REBALANCE_SECONDS = 1.0
SECONDS = 10.0
SESSION = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    # A lost offset delivers again, which is borne anyway: none waits for the disk.
    "synchronous_commit": "off",
}
CHANNEL = "log"
TOPICS = "SELECT id, name, partitions FROM log.topic WHERE name = ANY ($1::text[])"
START = """INSERT INTO log.committed (consumer_group, topic_id, partition)
 SELECT $1, topic_id, partition FROM log.head WHERE topic_id = ANY ($2::integer[])
 ORDER BY topic_id, partition ON CONFLICT DO NOTHING"""
COMMITTED = """SELECT topic_id, partition, next_offset FROM log.committed
 WHERE consumer_group = $1 AND topic_id = ANY ($2::integer[])"""
FETCH = """SELECT p.topic_id, p.partition, r."offset", r.key, r.value, r.headers, r.appended_at
 FROM unnest($1::integer[], $2::integer[], $3::bigint[]) WITH ORDINALITY
   AS p (topic_id, partition, at, place)
 CROSS JOIN LATERAL (SELECT * FROM log.record r WHERE r.topic_id = p.topic_id
   AND r.partition = p.partition AND r."offset" >= p.at ORDER BY r."offset" LIMIT $4) r
 ORDER BY p.place, r."offset" LIMIT $4"""
# Never backwards: a member that was cut off may commit late.
MOVE = """UPDATE log.committed c SET next_offset = greatest(c.next_offset, d.next_offset)
 FROM unnest({1}::integer[], {2}::integer[], {3}::bigint[]) AS d (topic_id, partition, next_offset)
 WHERE c.consumer_group = {0} AND c.topic_id = d.topic_id AND c.partition = d.partition"""
COMMIT = MOVE.format("$1", "$2", "$3", "$4")
COMMIT_AND_FETCH = f"WITH moved AS ({MOVE.format('$5', '$6', '$7', '$8')}) {FETCH}"

HEADS = "SELECT topic_id, partition, next_offset FROM log.head WHERE topic_id = ANY ($1::integer[])"
# A log that lost its records begins anew; who had read further would wait for ever.
ANEW = """UPDATE log.committed c SET next_offset = 0 FROM log.head h
 WHERE c.consumer_group = $1 AND c.topic_id = ANY ($2::integer[]) AND h.topic_id = c.topic_id
 AND h.partition = c.partition AND c.next_offset > h.next_offset"""


@dataclass
class PostgresConsumer:
    """One member (`kit.log.port.Consumer`); connects with the first poll."""

    group: str
    topics: tuple[str, ...]
    config: Settings | None = None
    connection: "Connection | None" = None
    membership: Membership | None = None
    positions: dict[Place, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    due: float = 0.0
    turn: int = 0

    async def poll(
        self, seconds: float, limit: int = BATCH, done: Sequence[Delivery] = ()
    ) -> list[Delivery]:
        """The next records of the owned partitions; see the port."""
        end = time.monotonic() + seconds
        if time.monotonic() >= self.due:
            # Partitions may move, and their next reader begins behind what is committed.
            await self.commit(done)
            done = ()
        try:
            while True:
                self.woken.clear()
                await self._rebalance()
                rows = await self._fetch(limit, done)
                done = ()
                left = end - time.monotonic()
                if rows or left <= 0:
                    return [self._delivery(row) for row in rows]
                await self._doze(min(left, self.due - time.monotonic()))
        except UNREACHABLE as error:
            await self.close()
            raise LogError(type(error).__name__) from error

    async def _doze(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.woken.wait(), max(seconds, 0))
        except TimeoutError:
            return

    async def _open(self) -> "Connection":
        if self.connection is None:
            connection = await asyncpg.connect(
                **parameters("log", "app", self.config),
                command_timeout=SECONDS,
                server_settings=SESSION,
            )
            await connection.add_listener(CHANNEL, self._notified)
            self.connection = connection
            self.membership = Membership(connection, self.group)
        return self.connection

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload == self._call:
            self.due = 0.0
            self.woken.set()
        elif payload in [str(number) for number in self.names]:
            self.woken.set()

    @property
    def _call(self) -> str:
        """What members of the group tell each other when partitions should move."""
        return f"group:{self.group}"

    async def _rebalance(self) -> None:
        if time.monotonic() < self.due:
            return
        connection = await self._open()
        membership = self.membership
        assert membership is not None
        topics = await connection.fetch(TOPICS, self.topics)
        self.names = {row["id"]: row["name"] for row in topics}
        self.due = time.monotonic() + REBALANCE_SECONDS
        if await membership.rebalance({row["id"]: row["partitions"] for row in topics}):
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, self._call)
        await self._start_positions(connection, membership.owned)
        await self._begin_anew(connection)

    async def _start_positions(self, connection: "Connection", owned: set[Place]) -> None:
        new = owned - self.positions.keys()
        self.positions = {p: at for p, at in self.positions.items() if p in owned}
        if new:
            ids = list(self.names)
            await connection.execute(START, self.group, ids)
            for row in await connection.fetch(COMMITTED, self.group, ids):
                place = Place(row["topic_id"], row["partition"])
                if place in new:
                    self.positions[place] = row["next_offset"]

    async def _begin_anew(self, connection: "Connection") -> None:
        """Read from the start where the log holds less than was read: it lost its records."""
        ids = list(self.names)
        heads = {
            Place(row["topic_id"], row["partition"]): row["next_offset"]
            for row in await connection.fetch(HEADS, ids)
        }
        lost = [place for place, at in self.positions.items() if at > heads.get(place, 0)]
        if lost:
            log.error("the log lost records of %d partitions of %s", len(lost), self.group)
            await connection.execute(START, self.group, ids)
            await connection.execute(ANEW, self.group, ids)
            self.positions |= dict.fromkeys(lost, 0)

    async def _fetch(self, limit: int, done: Sequence[Delivery]) -> "list[Row]":
        if not self.positions or self.connection is None:
            await self.commit(done)
            return []
        places = sorted(self.positions)
        # Partitions take turns at being first, so that a full one does not starve the others.
        self.turn = (self.turn + 1) % len(places)
        places = places[self.turn :] + places[: self.turn]
        rows = await self.connection.fetch(
            COMMIT_AND_FETCH if done else FETCH,
            [place.topic_id for place in places],
            [place.partition for place in places],
            [self.positions[place] for place in places],
            limit,
            *(self._ends(done) if done else ()),
        )
        for row in rows:
            self.positions[Place(row["topic_id"], row["partition"])] = row["offset"] + 1
        return rows

    def _delivery(self, row: "Row") -> Delivery:
        record = Record(row["key"], bytes(row["value"]), headers_of(row["headers"]))
        topic = self.names[row["topic_id"]]
        return Delivery(topic, row["partition"], row["offset"], record, row["appended_at"])

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """Move the group's offsets behind these; see the port."""
        if not deliveries:
            return
        if self.connection is None:
            raise LogError("not a member")
        try:
            await self.connection.execute(COMMIT, *self._ends(deliveries))
        except UNREACHABLE as error:
            await self.close()
            raise LogError(type(error).__name__) from error

    def _ends(self, deliveries: Sequence[Delivery]) -> tuple[Any, ...]:
        ids = {name: number for number, name in self.names.items()}
        ends: dict[Place, int] = {}
        for d in deliveries:
            place = Place(ids[d.topic], d.partition)
            ends[place] = max(ends.get(place, 0), d.offset + 1)
        columns = [p.topic_id for p in ends], [p.partition for p in ends]
        return self.group, *columns, list(ends.values())

    async def close(self) -> None:
        """Leave the group: the connection ends, its locks with it."""
        connection, self.connection, self.membership = self.connection, None, None
        self.positions, self.due = {}, 0.0
        if connection is not None:
            await leave(connection)
