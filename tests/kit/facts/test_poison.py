"""Facts that fail: tried again, then parked with their aggregate; replay restores all."""

import asyncio

import pytest

from kit.log.port import Record
from kit.reactions import Intake, Outcome, Reaction, Undecodable, parked, replay
from kit.reactions.intake import by_type
from kit.reactions.replay import discard
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.kit.facts.helpers import (
    apply,
    delivery,
    effects,
    record,
    submitted,
    until,
    withdrawn,
    without,
)
from tests.kit.facts.test_intake import count, take

ORG, OTHER = "poisoned", "healthy"


class Poison:
    """Fails for one organization until it is cured; counts the tries."""

    def __init__(self) -> None:
        self.cured, self.tries = False, 0

    async def __call__(self, connection, fact, event) -> None:
        await apply(connection, fact, event)
        if event.aggregate_id == ORG and not self.cured:
            self.tries += 1
            raise ValueError("text that names 张三")


def intake_of(database, handle, delays=(0, 0, 0, 0)) -> Intake:
    return Intake("filing", database, by_type([Reaction(FilingSubmitted, handle)]), delays)


async def list_parked(database):
    return await parked(database.pool)


async def test_poison_parks_its_aggregate_after_five_tries_and_others_go_on(database):
    poison = Poison()
    intake = intake_of(database, poison)
    assert await take(
        intake, submitted(ORG, 1), submitted(OTHER, 1), submitted(ORG, 2), submitted(OTHER, 2)
    ) == [Outcome.WAITING, Outcome.APPLIED, Outcome.WAITING, Outcome.APPLIED]
    while poison.tries < 5:
        await intake.sweep()
    assert await take(intake, withdrawn(ORG, 3), submitted(OTHER, 3)) == [
        Outcome.PARKED, Outcome.APPLIED,
    ]  # fmt: skip
    await intake.sweep()
    assert poison.tries == 5
    assert await effects(database, ORG) == []
    assert await effects(database, OTHER) == [1, 2, 3]
    assert [(row.aggregate, row.version) for row in await list_parked(database)] == [
        (ORG, 1), (ORG, 2), (ORG, 3),
    ]  # fmt: skip
    assert await count(database, "waiting") == 0


async def test_what_is_kept_of_a_failure_names_no_person(database):
    await take(intake_of(database, Poison(), delays=()), submitted(ORG, 1))
    [row] = await list_parked(database)
    assert (row.reason, row.type) == ("ValueError", "minzheng.filing.v1.FilingSubmitted")
    assert len(row.event_id) == 36


async def test_a_failure_waits_for_its_delay_and_then_succeeds(database):
    poison = Poison()
    intake = intake_of(database, poison, delays=(0.3, 0.3))
    await take(intake, submitted(ORG, 1))
    poison.cured = True
    assert await intake.sweep() == 0

    async def resumed() -> bool:
        await intake.sweep()
        return await effects(database, ORG) == [1]

    await until(resumed, seconds=3)


async def test_replay_restores_in_order_and_opens_the_aggregate(database):
    poison = Poison()
    intake = intake_of(database, poison, delays=())
    await take(intake, *(submitted(ORG, version) for version in (1, 2, 3, 5)))
    reactions = [Reaction(FilingSubmitted, poison)]
    with pytest.raises(ValueError, match="张三"):
        await replay(database, reactions, ORG)
    assert await effects(database, ORG) == []
    poison.cured = True
    assert await replay(database, reactions, ORG) == 4
    assert await replay(database, reactions, ORG) == 0
    assert await effects(database, ORG) == [1, 2, 3]
    assert await take(intake, submitted(ORG, 4), submitted(ORG, 6)) == [Outcome.APPLIED] * 2
    assert await effects(database, ORG) == [1, 2, 3, 4, 5, 6]
    assert await list_parked(database) == []


async def test_facts_that_arrive_during_a_replay_are_neither_lost_nor_overtaken(database):
    poison = Poison()
    intake = intake_of(database, poison, delays=())
    await take(intake, *(submitted(ORG, version) for version in range(1, 6)))
    poison.cured = True
    arriving = [delivery(submitted(ORG, version)) for version in range(6, 16)]

    async def arrive() -> None:
        for one in arriving:
            await intake.take(one)

    await asyncio.gather(replay(database, [Reaction(FilingSubmitted, poison)], ORG), arrive())
    await replay(database, [Reaction(FilingSubmitted, poison)], ORG)
    assert await effects(database, ORG) == list(range(1, 16))


FOREIGN = {
    "no headers": Record("k", b"junk"),
    "NUL": Record("k\0", b"junk", (("ce_id", b"\xff\x00"),)),
    "id": without(record(submitted(OTHER, 1)), ce_id="7"),
    "sequence": without(record(submitted(OTHER, 1)), ce_sequence="0"),
    "large sequence": without(record(submitted(OTHER, 1)), ce_sequence="9" * 5000),
    "time": without(record(submitted(OTHER, 1)), ce_time="2026-01-01T00:00:00"),
    "subject": without(record(submitted(OTHER, 1)), ce_subject="a\0b"),
    "other topic": without(record(submitted(OTHER, 1)), ce_type="minzheng.posts.v1.PostChanged"),
}


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_foreign_record_is_parked_once_and_stops_nobody(database, name):
    intake = intake_of(database, apply)
    assert await intake.take(delivery(FOREIGN[name], 7)) is Outcome.PARKED
    assert await intake.take(delivery(FOREIGN[name], 7)) is Outcome.DUPLICATE
    assert await take(intake, submitted(OTHER, 1)) == [Outcome.APPLIED]
    [row] = await list_parked(database)
    assert row.version is None


SENT = record(submitted(ORG, 1))
UNDECODABLE = {
    "malformed": Record(ORG, b"\xff\xff\xff", SENT.headers),
    "other version": without(SENT, ce_sequence="1", ce_subject="somebody"),
    "unknown enum value": Record(ORG, SENT.value + bytes([9 << 3, 99]), SENT.headers),
}


@pytest.mark.parametrize("name", UNDECODABLE)
async def test_an_undecodable_payload_is_parked_at_once_with_what_follows(database, name):
    sent = UNDECODABLE[name]
    aggregate = dict(sent.headers)["ce_subject"].decode()
    intake = intake_of(database, apply)
    assert await take(intake, submitted(aggregate, 2), submitted(OTHER, 1)) == [
        Outcome.WAITING, Outcome.APPLIED,
    ]  # fmt: skip
    assert await intake.take(delivery(sent)) is Outcome.PARKED
    assert [row.version for row in await list_parked(database)] == [1, 2]
    with pytest.raises(Undecodable):
        await replay(database, [Reaction(FilingSubmitted, apply)], aggregate)


async def test_a_broken_transaction_in_a_handler_counts_as_a_try(database):
    async def handle(connection, fact, event):
        try:
            await connection.execute("SELECT 1 / 0")
        except Exception:
            return

    intake = intake_of(database, handle, delays=())
    assert await take(intake, submitted(ORG, 1), submitted(OTHER, 1)) == [Outcome.PARKED] * 2


async def test_a_constraint_deferred_to_the_commit_counts_as_a_try(database):
    async def handle(connection, fact, event):
        await connection.execute("INSERT INTO probe.late VALUES (1), (1)")

    intake = intake_of(database, handle, delays=())
    assert await take(intake, submitted(ORG, 1)) == [Outcome.PARKED]
    [row] = await list_parked(database)
    assert row.reason == "UniqueViolationError"


async def test_a_handler_that_hangs_counts_as_a_try(database, monkeypatch):
    monkeypatch.setattr("kit.reactions.intake.HANDLER_SECONDS", 0.2)

    async def handle(connection, fact, event):
        await connection.execute("SELECT pg_sleep(4)")

    intake = intake_of(database, handle, delays=())
    assert await take(intake, submitted(ORG, 1)) == [Outcome.PARKED]
    [row] = await list_parked(database)
    assert row.reason == "TimeoutError"


async def test_a_fact_given_up_lets_the_later_ones_follow(database):
    poison = Poison()
    intake = intake_of(database, poison, delays=())
    for version in (1, 2):
        await intake.take(delivery(submitted(ORG, version)))
    async with database.transaction() as connection:
        assert await discard(connection, ORG, consumer="filing")
    poison.cured = True
    assert await replay(database, [Reaction(FilingSubmitted, poison)], ORG) == 1
    assert await effects(database, ORG) == [2]
    async with database.transaction() as connection:
        assert not await discard(connection, ORG, consumer="filing")
