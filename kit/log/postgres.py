"""The embedded event log: PostgreSQL tables of the database `log`, woken by NOTIFY.

The same promises as Kafka, for one machine. Records are kept for good: retention comes later.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg

from kit.database import parameters
from kit.log.consumer import PostgresConsumer
from kit.log.headers import headers_text
from kit.log.partition import partition_of
from kit.log.port import PARTITIONS, LogError, Record, refusals
from kit.log.session import UNREACHABLE
from kit.settings import Settings

if TYPE_CHECKING:
    from kit.database import Pool

ENSURE = """WITH made AS (INSERT INTO log.topic (name, partitions)
 SELECT n, $2 FROM unnest($1::text[]) n WHERE n NOT IN (SELECT name FROM log.topic) ORDER BY n
 ON CONFLICT (name) DO NOTHING RETURNING id)
 INSERT INTO log.head (topic_id, partition) SELECT id, p FROM made, generate_series(0, $2 - 1) p"""
TOPIC = "SELECT id, partitions FROM log.topic WHERE name = $1"
APPEND = "SELECT log.append($1, $2, $3, $4, $5)"
LAG = """SELECT t.name, sum(h.next_offset - c.next_offset)::bigint AS lag FROM log.committed c
 JOIN log.topic t ON t.id = c.topic_id JOIN log.head h USING (topic_id, partition)
 WHERE c.consumer_group = $1 GROUP BY t.name"""
SECONDS = 10.0
"""Longest wait for one answer of the log's database."""


@contextmanager
def log_errors() -> Iterator[None]:
    """Whatever the driver raises, as the port's one error."""
    try:
        yield
    except UNREACHABLE as error:
        raise LogError(type(error).__name__) from error


async def _keep(_: object) -> None:
    """No reset between uses: one statement is all a use is."""


@dataclass(frozen=True, slots=True)
class PostgresLog:
    """The embedded log (`kit.log.port.Log`)."""

    pool: "Pool"
    config: Settings | None = None

    @classmethod
    async def open(cls, config: Settings | None = None) -> "PostgresLog":
        """Open the pool; LogError when the database does not answer."""
        with log_errors():
            pool = await asyncpg.create_pool(
                **parameters("log", "app", config),
                min_size=0,
                max_size=4,
                command_timeout=SECONDS,
                reset=_keep,
            )
        return cls(pool, config)

    def producer(self) -> "PostgresProducer":
        """A producer on the shared pool."""
        return PostgresProducer(self.pool)

    def consumer(self, group: str, topics: Sequence[str]) -> PostgresConsumer:
        """A member of a group, with a connection of its own."""
        return PostgresConsumer(group, tuple(topics), self.config)

    async def ensure(self, topics: Sequence[str]) -> None:
        """Make the topics that are missing."""
        with log_errors():
            await self.pool.execute(ENSURE, list(topics), PARTITIONS)

    async def lag(self, group: str) -> dict[str, int]:
        """Records the group has not committed yet, by topic."""
        with log_errors():
            rows = await self.pool.fetch(LAG, group)
        return {row["name"]: row["lag"] for row in rows}

    async def close(self) -> None:
        """Close the pool."""
        await self.pool.close()


@dataclass(frozen=True, slots=True)
class PostgresProducer:
    """Writes records; what one call accepts is written in one transaction."""

    pool: "Pool"
    topics: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def send(self, topic: str, records: Sequence[Record]) -> list[Exception | None]:
        """Write the records; see the port."""
        results = refusals(records)
        good = [r for r, refused in zip(records, results, strict=True) if refused is None]
        try:
            with log_errors():
                await self._append(topic, good)
        except LogError as error:
            return [refused or error for refused in results]
        return results

    async def _append(self, topic: str, records: Sequence[Record]) -> None:
        if not records:
            return
        number, partitions = await self._topic(topic)
        await self.pool.execute(
            APPEND,
            number,
            [partition_of(record.key, partitions) for record in records],
            [record.key for record in records],
            [record.value for record in records],
            [headers_text(record) for record in records],
        )

    async def _topic(self, name: str) -> tuple[int, int]:
        if name not in self.topics:
            row = await self.pool.fetchrow(TOPIC, name)
            if row is None:
                raise LogError(f"no topic {name}")
            self.topics[name] = (row["id"], row["partitions"])
        return self.topics[name]

    async def close(self) -> None:
        """Nothing of its own to give back."""
