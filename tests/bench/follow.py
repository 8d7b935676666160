"""B8a: from a commit in one process to the durable effect in another, at 200 facts a second.

The first process states facts at an even pace and runs the relay, as every workload does; the
second runs the reactions. `python -m tests.bench.follow` measures it alone: ROUNDS=3.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import uvloop

from kit.database import Database, connect, parameters
from kit.ids import uuid7
from kit.log.postgres import PostgresLog
from kit.outbox import Doorbell, Relay, outbox_row
from kit.outbox.row import INSERT
from kit.settings import Settings
from kit.telemetry import traceparent
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.bench.consume import PROJECTION
from tests.bench.drain import ensured, trace_as_one_percent
from tests.bench.follower import CONSUMER
from tests.bench.measure import Figure, Goal, Table
from tests.bench.server import server
from tests.platform import ROOT

B8A = Goal("B8a", "commit to a consumer's durable effect at 200 facts a second, p99", 25, 10, False, "ms")  # fmt: skip
PACE = 200
SECONDS = 10
SETTLE = 3.0
"""Seconds until relay and consumer have taken their places."""


@dataclass
class Statement:
    """The process that states facts, with its relay."""

    database: Database
    doorbell: Doorbell = field(default_factory=Doorbell)
    committed: dict[str, float] = field(default_factory=dict)

    async def state(self) -> None:
        """One fact of a new organization, by one statement as the unit of work does it."""
        fact = FilingSubmitted(organization_id=str(uuid7()), fact_version=1, name="舞蹈队")
        row = outbox_row(fact, traceparent())
        await self.database.pool.execute(INSERT, *row)
        self.committed[str(row[0])] = time.time()
        self.doorbell.ring()

    async def pace(self, seconds: float) -> None:
        """Facts at an even pace, however long one takes."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * PACE)):
                await asyncio.sleep(max(0, began + number / PACE - time.monotonic()))
                group.create_task(self.state())


@asynccontextmanager
async def consumer(config: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The other process, ready."""
    told = {"VAR": config.var, "POSTGRES_PORT": config.postgres_port, "PROFILE": config.profile}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.follower", stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env=os.environ | {f"MINZHENG_{name}": str(value) for name, value in told.items()},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def followed(config: Settings, seconds: float = SECONDS) -> dict[str, float]:
    """Milliseconds from commit to effect over one run."""
    pool = await asyncpg.create_pool(**parameters("filing", "app", config), min_size=4, max_size=8)
    log, stop = await PostgresLog.open(config), asyncio.Event()
    first = Statement(Database("filing", pool))
    relay = asyncio.create_task(
        Relay("filing", first.database, log, first.doorbell, config).run(stop)
    )
    try:
        async with consumer(config) as second:
            await asyncio.sleep(SETTLE)
            await first.pace(seconds)
            await asyncio.sleep(SETTLE)
            second.send_signal(signal.SIGTERM)
            text, _ = await second.communicate()
    finally:
        stop.set()
        await relay
        await log.close()
        await pool.close()
    effects = json.loads(text)
    if first.committed.keys() - effects.keys():
        raise RuntimeError(f"{len(first.committed)} facts, {len(effects)} effects")
    return spread(sorted(1000 * (effects[key] - at) for key, at in first.committed.items()))


def spread(waits: list[float]) -> dict[str, float]:
    """The middle and the end of what was waited."""
    places = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}
    return {n: waits[min(len(waits) - 1, len(waits) * part // 100)] for n, part in places.items()}


async def figures(table: Table, rounds: int) -> list[Figure]:
    """The figure, on a server of its own."""
    async with server("filing", CONSUMER) as config:
        await ensured(config)
        owner = await connect(CONSUMER, "owner", config)
        app = f'"{parameters(CONSUMER, "app", config)["user"]}"'
        await owner.execute(PROJECTION.format(app=app))
        await owner.close()
        trace_as_one_percent(config)
        for number in range(rounds + 1):
            shown = await followed(config, SECONDS if number else 2)
            if number:
                table.note(f"{PACE} facts a second", **shown)
    return [Figure(B8A, tuple(table.of(f"{PACE} facts a second", "p99_ms")))]


if __name__ == "__main__":
    (told,) = uvloop.run(figures(Table(), int(os.environ.get("ROUNDS", "3"))))
    print(f"{told.goal.id} {told.value:.1f} {told.goal.unit} {told.verdict}")
