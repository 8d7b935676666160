"""`minzheng consumer`: paused, a consumer takes nothing in; resumed, it goes on; both are audited."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from kit.cli.app import app
from kit.cli.operator import names
from kit.database import Database
from kit.log.port import Delivery
from kit.reactions import Reaction, run
from tests.conftest import Workload
from tests.kit.facts.helpers import record
from tests.notifications.builders import fact

ORG = "01a00000-0000-7000-8000-000000000001"


async def minzheng(*arguments: str) -> Result:
    """The command, in a thread with a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["consumer", *arguments])


class Log:
    """A log with one fact, given out to each new member until it is committed."""

    def __init__(self) -> None:
        self.polls = 0
        self.committed = 0

    def consumer(self, group: str, topics: Any) -> "Log":
        """A member."""
        return self

    async def poll(self, seconds: float, done: Any = ()) -> list[Delivery]:
        """The fact, once."""
        self.polls += 1
        self.committed += len(done)
        await asyncio.sleep(0.01)
        told = record(fact("FilingSubmitted", organization_id=ORG, fact_version=1))
        now = datetime.now(UTC)
        return [] if self.polls > 1 else [Delivery("minzheng.filing.v1", 0, 0, told, now)]

    async def commit(self, done: Any) -> None:
        """The end."""

    async def close(self) -> None:
        """Left."""


async def until(check: Any) -> None:
    async with asyncio.timeout(10):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_paused_consumer_takes_nothing_in(workload: Workload) -> None:
    for name in names():
        await workload(name)
    database: Database = await workload("notifications")
    assert "no consumer is paused" in (await minzheng("list")).output
    paused = await minzheng("pause", "notifications", "--reason", "a faulty release")
    assert paused.output.strip().endswith("paused")
    assert "so already" in (await minzheng("pause", "notifications", "--reason", "again")).output
    assert "a faulty release" in (await minzheng("list")).output
    seen: list[Any] = []

    async def see(_: Any, told: Any, __: Any) -> None:
        seen.append(told)

    log, stop = Log(), asyncio.Event()
    kind = type(fact("FilingSubmitted", organization_id=ORG, fact_version=1))
    reacting = [Reaction(kind, see)]
    work = asyncio.create_task(run("notifications", database, log, reacting, stop=stop))  # type: ignore[arg-type]
    await asyncio.sleep(1.5)
    assert (log.polls, seen) == (0, [])
    await minzheng("resume", "notifications", "--reason", "mended")
    await until(lambda: seen)
    await minzheng("pause", "notifications", "--reason", "once more")
    await asyncio.sleep(0.5)
    before = log.polls
    await asyncio.sleep(0.5)
    assert log.polls == before, "it stands still within half a second"
    stop.set()
    await work
    rows = await database.pool.fetch("SELECT action, reason FROM kit.audit ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("pause_consumer", "a faulty release"),
        ("resume_consumer", "mended"),
        ("pause_consumer", "once more"),
    ]


@pytest.mark.parametrize("given", [("nobody", "why"), ("notifications", " ")])
async def test_it_asks_for_a_workload_and_a_reason(workload: Workload, given: Any) -> None:
    name, reason = given
    answer = await minzheng("pause", name, "--reason", reason)
    assert answer.exit_code == 1
