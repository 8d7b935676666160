"""Who of a group reads which partition: session-level advisory locks, gone with their connection.

A member holds one shared lock a topic, so that all see who takes part, and one exclusive lock a
partition it reads. Each computes the same range assignment over the members' server processes,
gives up what is not its own and takes its own as soon as the former reader has let go.
"""

import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kit.database import Connection

SLOTS = 1001
"""Lock numbers of a topic: slot 0 is taken by all members, 1 + n is partition n."""
MEMBERS = """SELECT objid::bigint AS number, array_agg(pid ORDER BY pid) AS pids,
 pg_backend_pid() AS own FROM pg_locks
 WHERE locktype = 'advisory' AND classid::bigint = $1 & 4294967295 AND objsubid = 2 AND granted
 AND objid::bigint = ANY ($2::bigint[])
 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
 GROUP BY objid"""
TAKE = "SELECT n FROM unnest($2::integer[]) n WHERE pg_try_advisory_lock($1, n)"
FREE = "SELECT pg_advisory_unlock($1, n) FROM unnest($2::integer[]) n"
JOIN = "SELECT pg_advisory_lock_shared($1, n) FROM unnest($2::integer[]) n"


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A partition of a topic."""

    topic_id: int
    partition: int

    @property
    def lock(self) -> int:
        """Number of its lock."""
        return self.topic_id * SLOTS + 1 + self.partition


@dataclass(slots=True)
class Membership:
    """This member's part of a group, on its own connection."""

    connection: "Connection"
    group: str
    joined: set[int] = field(default_factory=set)
    owned: set[Place] = field(default_factory=set)

    @property
    def space(self) -> int:
        """Lock space of the group, a signed 32-bit number."""
        return zlib.crc32(self.group.encode()) - 2**31

    async def rebalance(self, topics: dict[int, int]) -> bool:
        """Take part in these topics (id → partitions) and move towards the fair share.

        Answers whether the other members should look again: a member came or partitions are free.
        """
        came = await self._join(topics.keys() - self.joined)
        fair = await self._share(topics)
        surplus = self.owned - fair
        if surplus:
            await self.connection.fetch(FREE, self.space, [place.lock for place in surplus])
            self.owned -= surplus
        wanted = {place.lock: place for place in fair - self.owned}
        if wanted:
            rows = await self.connection.fetch(TAKE, self.space, list(wanted))
            self.owned |= {wanted[row["n"]] for row in rows}
        return came or bool(surplus)

    async def _join(self, topics: Collection[int]) -> bool:
        if topics:
            locks = [topic * SLOTS for topic in topics]
            await self.connection.fetch(JOIN, self.space, locks)
            self.joined |= set(topics)
        return bool(topics)

    async def _share(self, topics: dict[int, int]) -> set[Place]:
        locks = {topic * SLOTS: topic for topic in topics}
        rows = await self.connection.fetch(MEMBERS, self.space, list(locks))
        return {
            Place(locks[row["number"]], partition)
            for row in rows
            for partition in share(
                topics[locks[row["number"]]], len(row["pids"]), row["pids"].index(row["own"])
            )
        }


def share(partitions: int, members: int, place: int) -> range:
    """Partitions of the member at `place`: ranges whose sizes differ by one at most."""
    size, larger = divmod(partitions, members)
    first = place * size + min(place, larger)
    return range(first, first + size + (place < larger))
