"""B8d: facts a second from a full outbox to the embedded log.

`python -m tests.bench.drain` measures it alone, on a server of its own: ROUNDS=5, FACTS=20000.
"""

import asyncio
import os
import random
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from kit.contracts import facts, topic_of
from kit.database import Database, connect, parameters
from kit.ids import uuid7
from kit.log.postgres import PostgresLog
from kit.outbox import OUTBOX_COLUMNS, Doorbell, outbox_row
from kit.outbox.relay import Relay
from kit.settings import Settings
from kit.telemetry.spans import FileExporter
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.bench.measure import Figure, Goal, Table
from tests.bench.server import server
from tests.bench.stage import ONE_PERCENT

B8D = Goal("B8d", "relay: facts a second from a full outbox to the log", 15_000, 25_000, True, "/s")
FACTS = 20_000
VERSIONS = 4
"""Facts of each organization."""
SAMPLED = 0.01
"""Part of the facts stated in a trace that is kept."""
LEFT = "SELECT EXISTS (SELECT FROM kit.outbox WHERE published_at IS NULL)"
SENT = "SELECT coalesce(sum(next_offset), 0)::bigint FROM log.head"


async def drained(config: Settings, workload: str, count: int = FACTS) -> float:
    """Facts a second of a relay of its own, from its start to the last mark."""
    owner = await connect(workload, "owner", config)
    events = await connect("log", "app", config)
    pool = await asyncpg.create_pool(**parameters(workload, "app", config), min_size=1, max_size=1)
    log, stop = await PostgresLog.open(config), asyncio.Event()
    try:
        await fill(owner, count)
        before = await events.fetchval(SENT)
        relay = Relay(workload, Database(workload, pool), log, Doorbell(), config)
        began = time.monotonic()
        task = asyncio.create_task(relay.run(stop))
        while await owner.fetchval(LEFT):  # noqa: ASYNC110 - the relay works
            await asyncio.sleep(0.01)
        seconds = time.monotonic() - began
        stop.set()
        await task
        if (sent := await events.fetchval(SENT) - before) != count:
            raise RuntimeError(f"{sent} records in the log, {count} were stated")
        return count / seconds
    finally:
        await pool.close()
        await log.close()
        await events.close()
        await owner.close()


async def fill(owner: Any, count: int) -> None:
    """An outbox full of facts, as many organizations at once state them."""
    await owner.execute("TRUNCATE kit.outbox")
    names = [str(uuid7()) for _ in range(count // VERSIONS)]
    now, draw = datetime.now(UTC), random.Random(count)
    rows = [
        (*_row(name, version, draw), now) for version in range(1, VERSIONS + 1) for name in names
    ]
    await owner.copy_records_to_table(
        "outbox", schema_name="kit", records=rows, columns=[*OUTBOX_COLUMNS, "created_at"]
    )
    await owner.execute("ANALYZE kit.outbox")


def _row(name: str, version: int, draw: random.Random) -> tuple[Any, ...]:
    fact = FilingSubmitted(
        organization_id=name, fact_version=version, filing_id=str(uuid7()),
        name="海口市龙华区大同街道大同里社区暖心志愿服务队", community_code="460106010003",
        region_path="/460000000000/460100000000/460106000000/460106010000/460106010003/",
    )  # fmt: skip
    kept = "01" if draw.random() < SAMPLED else "00"
    traceparent = f"00-{draw.getrandbits(128) | 1:032x}-{draw.getrandbits(64) | 1:016x}-{kept}"
    return outbox_row(fact, {"traceparent": traceparent, "decision_id": str(uuid7())})


def trace_as_one_percent(config: Settings) -> None:
    """Spans as a process of the platform makes them."""
    os.environ |= ONE_PERCENT
    provider = TracerProvider()
    file = FileExporter(config.var / "traces" / "bench.jsonl", "bench")
    provider.add_span_processor(BatchSpanProcessor(file))
    trace.set_tracer_provider(provider)


async def ensured(config: Settings) -> None:
    """The topics of all facts."""
    log = await PostgresLog.open(config)
    await log.ensure(sorted({topic_of(fact) for fact in facts()}))
    await log.close()


async def measured(table: Table, rounds: int, count: int) -> Figure:
    """The figure, on a server of its own."""
    async with server("filing") as config:
        trace_as_one_percent(config)
        await ensured(config)
        for number in range(rounds + 1):
            rate = await drained(config, "filing", count)
            if number:
                table.note("relay", rate=rate)
    return Figure(B8D, tuple(table.of("relay", "rate")))


if __name__ == "__main__":
    environment = os.environ
    told = uvloop.run(
        measured(Table(), int(environment.get("ROUNDS", "5")), int(environment.get("FACTS", FACTS)))
    )
    print(f"{told.goal.id} {told.value:.0f}{told.goal.unit} {told.verdict}")
