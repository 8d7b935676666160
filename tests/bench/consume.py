"""B8b: facts from the log into a projection, up to two hundred a transaction against one each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kit.database import Database
from kit.ids import uuid7
from kit.log.port import Delivery
from kit.log.postgres import PostgresLog
from kit.outbox.record import CARRIED, record_of
from kit.outbox.row import OUTBOX_COLUMNS, outbox_row
from kit.reactions import Intake, Reaction
from kit.reactions.intake import by_type
from kit.reactions.run import follow
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.bench.measure import Figure, Goal, Table
from tests.bench.stage import Stage

B8B = Goal("B8b", "consumer (inbox and projection, durable) in batches against one transaction per event", 10, 20, True)  # fmt: skip
TOPIC = "minzheng.filing.v1"
PROJECTION = """CREATE TABLE IF NOT EXISTS projection (organization text PRIMARY KEY,
 version integer NOT NULL, name text NOT NULL); GRANT ALL ON projection TO {app}"""
PROJECT = """INSERT INTO projection VALUES ($1, $2, $3) ON CONFLICT (organization)
 DO UPDATE SET version = excluded.version, name = excluded.name"""
PROJECT_MANY = """INSERT INTO projection SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
 ON CONFLICT (organization) DO UPDATE SET version = excluded.version, name = excluded.name"""
VERSIONS = 4
TAKEN = "SELECT count(*) FROM kit.inbox WHERE consumer = $1"


async def project(connection: Any, fact: FilingSubmitted, event: Any) -> None:
    """The effect: one row an organization."""
    await connection.execute(PROJECT, fact.organization_id, fact.fact_version, fact.name)


async def project_many(connection: Any, told: Sequence[tuple[FilingSubmitted, Any]]) -> None:
    """The same for many: the last fact of each organization is what stays."""
    last = {fact.organization_id: fact for fact, _ in told}.values()
    columns = zip(*((f.organization_id, f.fact_version, f.name) for f in last), strict=True)
    await connection.execute(PROJECT_MANY, *map(list, columns))


@dataclass
class Projection:
    """The effect of so many facts; says when it has seen the last of them."""

    left: int
    last: asyncio.Event = field(default_factory=asyncio.Event)

    async def one(self, connection: Any, fact: FilingSubmitted, event: Any) -> None:
        """Of a fact."""
        await project(connection, fact, event)
        self._told(1)

    async def many(self, connection: Any, told: Sequence[tuple[FilingSubmitted, Any]]) -> None:
        """Of several."""
        await project_many(connection, told)
        self._told(len(told))

    def _told(self, count: int) -> None:
        self.left -= count
        if self.left <= 0:
            self.last.set()


async def figures(stage: Stage, table: Table, rounds: int, count: int) -> list[Figure]:
    """Send facts to the log, then let two consumers of their own groups take them in."""
    await stage.twin("consumer")
    owner = await stage.superuser("consumer")
    app = f'"{stage.config.database("consumer")}_app"'
    await owner.execute(PROJECTION.format(app=app))
    log = await PostgresLog.open(stage.config)
    pool = await stage.pool("consumer")
    try:
        for number in range(rounds + 1):
            await _send(log, count // VERSIONS)
            for name, batched in (("in batches", True), ("one by one", False)):
                rate = await _consume(log, Database("consumer", pool), name, batched, count)
                if number:
                    table.note(f"consumer: {name}", rate=rate)
            await owner.execute("CHECKPOINT")
    finally:
        await pool.close()
        await log.close()
        await owner.close()
    return [Figure(B8B, table.ratios("consumer: in batches", "consumer: one by one", "rate"))]


async def _send(log: PostgresLog, organizations: int) -> None:
    producer, names = log.producer(), [str(uuid7()) for _ in range(organizations)]
    for version in range(1, VERSIONS + 1):
        facts = [
            FilingSubmitted(organization_id=n, fact_version=version, name="舞蹈队") for n in names
        ]
        await producer.send(TOPIC, [_record(fact) for fact in facts])


def _record(fact: FilingSubmitted) -> Any:
    row: dict[str, Any] = dict(zip(OUTBOX_COLUMNS, outbox_row(fact, {}), strict=True))
    return record_of(row | dict.fromkeys(CARRIED) | {"created_at": datetime.now(UTC)}, "filing")


async def _consume(
    log: PostgresLog, database: Database, group: str, batched: bool, count: int
) -> float:
    """Facts a second from the first poll to the last offset; nobody looks before the last fact."""
    waiting = (await log.lag(f"bench {group}")).get(TOPIC, 0) or count
    projection = Projection(waiting)
    reaction = Reaction(FilingSubmitted, projection.one, projection.many)
    intake = Intake(f"bench {group}", database, by_type([reaction]))
    consumer, stop = log.consumer(f"bench {group}", [TOPIC]), asyncio.Event()
    before = await database.pool.fetchval(TAKEN, intake.consumer)
    began = time.monotonic()
    work = follow if batched else _alone
    task = asyncio.create_task(work(consumer, intake, stop))
    last = asyncio.create_task(projection.last.wait())
    await asyncio.wait({task, last}, return_when=asyncio.FIRST_COMPLETED)
    last.cancel()
    while True:
        if task.done() or not (await log.lag(f"bench {group}"))[TOPIC]:
            break
        await asyncio.sleep(0.005)
    seconds = time.monotonic() - began
    stop.set()
    await task
    await consumer.close()
    taken = await database.pool.fetchval(TAKEN, intake.consumer) - before
    if taken != waiting:
        raise RuntimeError(f"{taken} facts taken in, {waiting} were sent")
    return float(taken / seconds)


async def _alone(consumer: Any, intake: Intake, stop: asyncio.Event) -> None:
    """A transaction per fact, as the runtime did before it knew batches."""
    while not stop.is_set():
        done: list[Delivery] = []
        for delivery in await consumer.poll(0.5):
            await intake.take(delivery)
            done.append(delivery)
        await consumer.commit(done)
