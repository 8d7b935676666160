"""`minzheng replay`: parked facts listed, shown, run again, given up; each act in the audit trail."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from protobuf import Message
from typer.testing import CliRunner

from kit.cli.app import app
from kit.cli.operator import names
from kit.database import Database
from kit.log.port import Delivery, Record
from kit.outbox import state_fact
from kit.reactions import Intake, Reaction
from kit.reactions.intake import by_type
from tests.conftest import Workload
from tests.kit.facts.helpers import record
from tests.notifications.builders import fact

ORG = "01a00000-0000-7000-8000-000000000001"
OTHER = "01a00000-0000-7000-8000-000000000002"
SECRET = "张三 13800000000"


async def broken(*_: Any) -> None:
    """A reaction of a faulty release."""
    raise ValueError(SECRET)


@pytest.fixture
async def database(workload: Workload) -> Database:
    """The consumer's database, and those the list looks into."""
    for name in names():
        await workload(name)
    return await workload("notifications")


async def minzheng(*arguments: str) -> Result:
    """The command, in a thread with a loop of its own."""
    runner = CliRunner(env={"COLUMNS": "200"})
    return await asyncio.to_thread(runner.invoke, app, ["replay", *arguments])


def told(organization: str, version: int) -> Message:
    return fact("FilingSubmitted", organization_id=organization, fact_version=version)


async def park(database: Database, *records: Record) -> None:
    """Records meet the faulty release."""
    kind = type(told(ORG, 1))
    intake = Intake("notifications", database, by_type([Reaction(kind, broken)]), delays=())
    for offset, one in enumerate(records):
        await intake.take(Delivery("minzheng.filing.v1", 0, offset, one, datetime.now(UTC)))


async def audited(database: Database) -> list[tuple[str, str, str]]:
    rows = await database.pool.fetch("SELECT action, object_id, reason FROM kit.audit ORDER BY id")
    return [(row["action"], row["object_id"], row["reason"]) for row in rows]


async def messages(database: Database) -> int:
    """Messages about the two organizations, by the service's own principal."""
    async with database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        return int(await connection.fetchval("SELECT count(DISTINCT event_id) FROM message"))


async def test_nothing_parked_is_said(database: Database) -> None:
    assert "nothing is parked" in (await minzheng("list")).output
    for verb in (["show"], ["discard", "--reason", "none"]):
        assert "nothing is parked" in (await minzheng(*verb, "notifications", ORG)).output
    assert [row[0] for row in await audited(database)] == ["show_facts"]


async def test_list_and_show_name_the_fact_and_no_person(database: Database) -> None:
    foreign = Record(ORG, SECRET.encode())
    await park(database, record(told(ORG, 1)), record(told(OTHER, 1)), foreign)
    listed = (await minzheng("list")).output
    assert listed.count("FilingSubmitted") == 2
    assert "ValueError" in listed
    shown = (await minzheng("show", "notifications", ORG)).output
    assert f'"organizationId":"{ORG}"' in shown.replace(" ", "")
    assert OTHER not in shown
    assert f"no fact: {len(SECRET.encode())} bytes" in shown
    assert SECRET not in listed + shown
    assert await audited(database) == [("show_facts", ORG, "show")]


async def test_run_restores_one_organization_in_the_fixed_release(database: Database) -> None:
    await park(database, *(record(told(org, n)) for n in (1, 2) for org in (ORG, OTHER)))
    answer = await minzheng("run", "notifications", ORG, "--reason", "fixed")
    assert (answer.exit_code, answer.output[:1]) == (0, "2")
    assert await messages(database) == 2
    assert (await minzheng("list")).output.count("FilingSubmitted") == 2, "the other one stays"
    assert await audited(database) == [("replay_facts", ORG, "fixed")]


async def test_a_run_that_fails_says_so_without_the_errors_text(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await park(database, record(told(ORG, 1)))
    monkeypatch.setattr("services.notifications.reactions.keep", broken)
    answer = await minzheng("run", "notifications", ORG, "--reason", "fixed")
    assert answer.exit_code == 1
    assert "fails again" in answer.output
    assert SECRET not in answer.output
    assert (await minzheng("list")).output.count("FilingSubmitted") == 1
    assert await audited(database) == [("replay_facts", ORG, "fixed")]


async def test_what_is_given_up_makes_way_for_the_later_ones(database: Database) -> None:
    await park(database, record(told(ORG, 1)), record(told(ORG, 2)))
    given_up = await minzheng("discard", "notifications", ORG, "--reason", "doubled")
    assert "discarded" in given_up.output
    assert (await minzheng("run", "notifications", ORG, "--reason", "fixed")).output[:1] == "1"
    assert await messages(database) == 1
    assert await audited(database) == [
        ("discard_fact", ORG, "doubled"), ("replay_facts", ORG, "fixed"),
    ]  # fmt: skip


async def test_what_is_no_fact_can_be_given_up(database: Database) -> None:
    await park(database, Record("key", b"junk"))
    assert (
        "discarded" in (await minzheng("discard", "notifications", "key", "--reason", "x")).output
    )
    assert "nothing is parked" in (await minzheng("list")).output


@pytest.mark.parametrize(
    "arguments",
    [
        ("discard", "notifications", ORG),
        ("discard", "notifications", ORG, "--reason", " "),
        ("run", "notifications", ORG),
        ("run", "notifications", ORG, "--reason", ""),
        ("run", "nobody", ORG, "--reason", "fixed"),
        ("show", "log", ORG),
    ],
)
async def test_what_is_not_said_is_not_done(database: Database, arguments: tuple[str, ...]) -> None:
    await park(database, record(told(ORG, 1)))
    assert (await minzheng(*arguments)).exit_code != 0
    assert (await minzheng("list")).output.count("FilingSubmitted") == 1
    assert await audited(database) == []


async def test_help_teaches_every_verb() -> None:
    whole = (await minzheng("--help")).output
    for verb in ("list", "show", "run", "discard"):
        assert verb in whole
        assert f"minzheng replay {verb}" in (await minzheng(verb, "--help")).output


async def test_facts_are_sent_again_when_the_log_lost_them(
    database: Database, workload: Workload
) -> None:
    filing = await workload("filing")
    async with filing.transaction() as connection:
        for version in (1, 2, 3):
            await state_fact(connection, told(ORG, version))
    await filing.pool.execute("UPDATE kit.outbox SET published_at = now() WHERE id <= 2")
    said = await minzheng("republish", "filing", "--reason", "log lost its disk")
    assert said.output.startswith("2 "), said.output
    unsent = "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
    assert await filing.pool.fetchval(unsent) == 3
    assert await audited(filing) == [("republish_facts", "filing", "log lost its disk")]


async def test_the_feed_is_sent_again_with_the_facts_of_the_gateway(
    database: Database, workload: Workload
) -> None:
    gateway = await workload("gateway")
    await gateway.pool.execute("UPDATE published SET position = 7")
    await minzheng("republish", "gateway", "--reason", "log lost its disk")
    assert await gateway.pool.fetchval("SELECT position FROM published") == 0
