"""Taking facts in: one effect each, in order, whatever the delivery does."""

import asyncio
import random

import pytest

from kit.outbox import state_fact
from kit.reactions import Intake, Outcome, Reaction
from kit.reactions.intake import by_type
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.kit.facts.helpers import apply, delivery, effects, submitted, withdrawn

ORG = "org"


def intake_of(database, handle=apply, **options) -> Intake:
    return Intake("test", database, by_type([Reaction(FilingSubmitted, handle)]), **options)


async def take(intake: Intake, *facts) -> list[Outcome]:
    return [await intake.take(delivery(fact)) for fact in facts]


async def count(database, table: str) -> int:
    return int(await database.pool.fetchval(f"SELECT count(*) FROM kit.{table}"))


async def test_a_duplicate_delivery_has_one_effect(database):
    intake = intake_of(database)
    twice = delivery(submitted(ORG, 1))
    assert await intake.take(twice) is Outcome.APPLIED
    assert await intake.take(twice) is Outcome.DUPLICATE
    assert await effects(database, ORG) == [1]


async def test_the_same_fact_at_two_members_at_once_has_one_effect(database):
    twice = delivery(submitted(ORG, 1))
    found = await asyncio.gather(*(intake_of(database).take(twice) for _ in range(6)))
    assert sorted(o.value for o in found) == ["applied", *["duplicate"] * 5]
    assert await effects(database, ORG) == [1]


async def slowly(connection, fact, event) -> None:
    await apply(connection, fact, event)
    await asyncio.sleep(0.1)


async def test_one_version_stated_by_two_events_at_once_has_one_effect(database):
    intake = intake_of(database, slowly)
    found = await asyncio.gather(*(take(intake, submitted(ORG, 1)) for _ in range(3)))
    assert sorted(o.value for [o] in found) == ["applied", "old", "old"]
    assert await effects(database, ORG) == [1]


async def test_the_next_version_at_another_member_waits_for_the_one_before(database):
    intake = intake_of(database, slowly)
    await take(intake, submitted(ORG, 1))
    second = asyncio.create_task(take(intake, submitted(ORG, 2)))
    await asyncio.sleep(0.05)
    assert await take(intake, submitted(ORG, 3)) == [Outcome.APPLIED]
    assert await second == [Outcome.APPLIED]
    assert await effects(database, ORG) == [1, 2, 3]


async def test_an_older_version_is_dropped(database):
    intake = intake_of(database)
    assert await take(intake, submitted(ORG, 1), submitted(ORG, 1)) == [
        Outcome.APPLIED, Outcome.OLD,
    ]  # fmt: skip
    assert await effects(database, ORG) == [1]


async def test_a_gap_waits_and_closes_in_order(database):
    intake = intake_of(database)
    facts = [submitted(ORG, version) for version in (1, 4, 3, 2)]
    assert await take(intake, *facts) == [
        Outcome.APPLIED, Outcome.WAITING, Outcome.WAITING, Outcome.APPLIED,
    ]  # fmt: skip
    assert await effects(database, ORG) == [1, 2, 3, 4]
    assert await count(database, "waiting") == 0


async def test_the_first_version_seen_is_one_or_waits(database):
    intake = intake_of(database)
    assert await take(intake, submitted(ORG, 2)) == [Outcome.WAITING]
    assert await effects(database, ORG) == []
    await take(intake, submitted(ORG, 1))
    assert await effects(database, ORG) == [1, 2]


async def test_a_gap_does_not_stop_another_aggregate(database):
    intake = intake_of(database)
    await take(intake, submitted("gap", 2), submitted(ORG, 1))
    assert await effects(database, ORG) == [1]


async def test_ignored_kinds_count_in_the_position(database):
    intake = intake_of(database)
    assert await take(intake, withdrawn(ORG, 1), submitted(ORG, 2), withdrawn(ORG, 3)) == [
        Outcome.IGNORED, Outcome.APPLIED, Outcome.IGNORED,
    ]  # fmt: skip
    assert await effects(database, ORG) == [2]


@pytest.mark.parametrize("seed", range(8))
async def test_a_shuffled_and_duplicated_feed_ends_in_the_same_state(database, seed):
    random_ = random.Random(seed)
    feed = [
        delivery((submitted if version % 3 else withdrawn)(f"o{org}", version))
        for org in range(4)
        for version in range(1, 9)
    ] * 3
    random_.shuffle(feed)
    intake = intake_of(database)
    for one in feed:
        await intake.take(one)
    for org in range(4):
        assert await effects(database, f"o{org}") == [1, 2, 4, 5, 7, 8]
    assert (await count(database, "waiting"), await count(database, "parked")) == (0, 0)


async def test_the_effect_and_the_inbox_row_are_one_transaction(database):
    async def handle(connection, fact, event):
        await apply(connection, fact, event)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await intake_of(database, handle).take(delivery(submitted(ORG, 1)))
    assert await effects(database, ORG) == []
    assert await count(database, "inbox") == 0


async def test_a_handler_states_a_fact_with_its_effect(database):
    rung = []

    class Bell:
        def ring(self):
            rung.append(True)

    async def handle(connection, fact, event):
        await state_fact(connection, withdrawn("other", 1), headers={})

    await take(intake_of(database, handle, doorbell=Bell()), submitted(ORG, 1))
    assert await count(database, "outbox") == 1
    assert rung


async def test_rooms_of_one_workload_react_to_the_same_fact_in_one_transaction(database):
    async def fail(connection, fact, event):
        raise ValueError

    both = by_type([Reaction(FilingSubmitted, apply), Reaction(FilingSubmitted, apply)])
    await Intake("test", database, both).take(delivery(submitted(ORG, 1)))
    assert await effects(database, ORG) == [1, 1]
    torn = by_type([Reaction(FilingSubmitted, apply), Reaction(FilingSubmitted, fail)])
    await Intake("test", database, torn).take(delivery(submitted("torn", 1)))
    assert await effects(database, "torn") == []
