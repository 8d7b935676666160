"""`minzheng rebuild supervision`: the register made anew from its facts, and nothing goes out."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from protobuf import Message
from typer.testing import CliRunner

from kit.cli.app import app
from kit.cli.operator import names, service_of
from kit.contracts import topic_of
from kit.database import Database, connect
from kit.log.port import Delivery
from kit.reactions import Intake, Outcome, Reaction
from kit.reactions.intake import by_type
from kit.reactions.rebuild import CannotRebuild, ReadSide, rebuild, without_accounts
from services.supervision.reactions import REGISTER, reactions
from tests.conftest import Workload
from tests.kit.facts.helpers import record
from tests.notifications.builders import fact

ORGANIZATIONS = [f"019a0000-0000-7000-8000-{number:012}" for number in range(4)]
LIFE = ("OrganizationFiled", "FilingGuided", "RenewalDue", "FilingRenewed", "FilingExpired")
"""One of them the register does not hear."""
WHY = ("--reason", "fixed in 1.4.2")


@pytest.fixture
async def database(workload: Workload) -> Database:
    """The register of four organizations, each of one fact more than the one before; paused."""
    database = await workload("supervision")
    intake = Intake("supervision", database, by_type(reactions()))
    for number, organization in enumerate(ORGANIZATIONS):
        for version, kind in enumerate(LIFE[: number + 2], 1):
            told = fact(kind, organization_id=organization, fact_version=version)
            assert await intake.take(delivery(told)) in (Outcome.APPLIED, Outcome.IGNORED)
    await pause(database)
    return database


def delivery(told: Message) -> Delivery:
    """A fact as the log delivers it."""
    topic = topic_of(type(told).desc().type_name)
    return Delivery(topic, 0, 0, record(told), datetime.now(UTC))


async def pause(database: Database) -> None:
    owner = await connect(database.workload, "owner")
    await owner.execute("INSERT INTO kit.paused (consumer, reason) VALUES ('supervision', 'test')")
    await owner.close()


async def minzheng(*arguments: str) -> Result:
    """The command, in a thread with a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["rebuild", *arguments])


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the register, and all that could go out or say how far it has read."""
    tables = (*REGISTER.tables, "kit.outbox", "kit.position", "kit.inbox", "kit.kept_fact")
    return {
        table: sorted(tuple(row) for row in await database.pool.fetch(f"TABLE {table}"))
        for table in tables
    }


async def spoil(database: Database) -> None:
    """What a faulty release may have left: a wrong name, a lost state, an organization of nobody."""
    owner = await connect("supervision", "owner")
    await owner.execute("UPDATE register_state SET name = 'wrong' WHERE version = 1")
    await owner.execute("DELETE FROM register_state WHERE version = 3")
    await owner.execute("DELETE FROM organization WHERE organization_id = $1", ORGANIZATIONS[0])
    await owner.close()


async def test_the_register_is_the_same_afterwards_and_nothing_went_out(database: Database) -> None:
    before = await everything(database)
    assert len(before["register_state"]) == 1 + 2 + 3 + 4
    answer = await minzheng("supervision", *WHY, "--yes")
    assert answer.exit_code == 0, answer.output
    assert "organization: 4 → 4 rows, 0 gone, 0 new" in answer.output
    assert "facts: 已重建 rebuilt" in answer.output
    assert await everything(database) == before
    assert before["kit.outbox"] == []
    [row] = await database.pool.fetch("SELECT action, object_id, reason FROM kit.audit")
    facts = len(before["kit.kept_fact"])
    assert tuple(row) == ("rebuild_read_side", "supervision", f"fixed in 1.4.2 ({facts} facts)")


async def test_what_was_spoiled_is_made_good(database: Database) -> None:
    before = await everything(database)
    await spoil(database)
    spoiled = await everything(database)
    tried = await minzheng("supervision", *WHY)
    assert tried.exit_code == 0, tried.output
    assert "nothing changed" in tried.output
    assert "organization: 3 → 4 rows, 0 gone, 1 new" in tried.output
    assert await everything(database) == spoiled
    assert await database.pool.fetchval("SELECT count(*) FROM kit.audit") == 0
    done = await minzheng("supervision", *WHY, "--yes")
    assert "organization: 3 → 4 rows, 0 gone, 1 new" in done.output
    assert await everything(database) == before


async def test_later_facts_go_on_where_it_stood(database: Database) -> None:
    await minzheng("supervision", *WHY, "--yes")
    intake = Intake("supervision", database, by_type(reactions()))
    again = fact("OrganizationFiled", organization_id=ORGANIZATIONS[1], fact_version=1)
    assert await intake.take(delivery(again)) is Outcome.OLD
    later = fact("FilingExpired", organization_id=ORGANIZATIONS[1], fact_version=4)
    assert await intake.take(delivery(later)) is Outcome.APPLIED


async def test_a_consumer_at_work_is_left_alone(database: Database) -> None:
    owner = await connect("supervision", "owner")
    await owner.execute("DELETE FROM kit.paused")
    await owner.close()
    before = await everything(database)
    answer = await minzheng("supervision", *WHY, "--yes")
    assert answer.exit_code == 1
    assert "minzheng consumer pause supervision" in answer.stderr
    assert await everything(database) == before


async def test_where_facts_are_lacking_nothing_is_emptied(database: Database) -> None:
    owner = await connect("supervision", "owner")
    await owner.execute("DELETE FROM kit.kept_fact WHERE aggregate = $1", ORGANIZATIONS[3])
    await owner.close()
    before = await everything(database)
    answer = await minzheng("supervision", *WHY, "--yes")
    assert answer.exit_code == 1
    assert "1 records came of facts that were not kept" in answer.stderr
    assert await everything(database) == before


@pytest.mark.parametrize("given", [("nobody", "why"), ("supervision", " ")])
async def test_it_asks_for_a_workload_and_a_reason(workload: Workload, given: Any) -> None:
    name, reason = given
    assert (await minzheng(name, "--reason", reason)).exit_code == 1


@pytest.mark.parametrize("name", ["gateway", "notifications", "filing"])
async def test_the_others_say_why_not(workload: Workload, name: str) -> None:
    await workload(name)
    answer = await minzheng(name, *WHY, "--yes")
    assert (answer.exit_code, answer.stderr.strip()) == (1, service_of(name).read_side)


def test_every_workload_has_one_or_says_why_not() -> None:
    sides = {name: service_of(name).read_side for name in names()}
    assert {name for name, side in sides.items() if isinstance(side, ReadSide)} == {"supervision"}


async def rebuilding(database: Database, reaction: Reaction) -> None:
    side = ReadSide(REGISTER.tables, (reaction,), "SELECT 0")
    owner = await connect("supervision", "owner")
    try:
        async with owner.transaction():
            await rebuild(owner, "supervision", side, lambda *_: None)
    finally:
        await owner.close()


async def test_a_fact_that_fails_gives_all_up(database: Database) -> None:
    before = await everything(database)

    async def fail(*_: Any) -> None:
        raise ValueError("王某")

    with pytest.raises(CannotRebuild) as refused:
        await rebuilding(database, Reaction(type(fact("OrganizationFiled")), fail))
    assert f"OrganizationFiled of {ORGANIZATIONS[0]}: ValueError" in str(refused.value)
    assert "王某" not in str(refused.value)
    assert await everything(database) == before


async def test_a_reaction_that_states_facts_is_given_up(database: Database) -> None:
    from kit.outbox import state_fact

    async def state(connection: Any, told: Any, event: Any) -> None:
        await state_fact(connection, told)

    before = await everything(database)
    with pytest.raises(CannotRebuild, match="state facts again"):
        await rebuilding(database, Reaction(type(fact("OrganizationFiled")), state))
    assert await everything(database) == before


async def test_readers_see_it_as_it_was_until_it_is_done(database: Database) -> None:
    counts = []

    async def look(*_: Any) -> None:
        counts.append(await database.pool.fetchval("SELECT count(*) FROM organization"))

    await rebuilding(database, Reaction(type(fact("OrganizationFiled")), look))
    assert counts == [4] * 4


async def test_facts_are_kept_without_accounts(database: Database) -> None:
    told = fact("OrganizationFiled")
    assert told.applicant_account
    assert told.objector_accounts
    kept = [bytes(row["payload"]) for row in await database.pool.fetch("TABLE kit.kept_fact")]
    assert kept
    accounts = [told.applicant_account.encode(), told.objector_accounts[0].encode()]
    assert not [one for one in kept for account in accounts if account in one]
    bare = without_accounts(told)
    assert (bare.applicant_account, bare.objector_accounts) == ("", [])
    assert bare.name == told.name
