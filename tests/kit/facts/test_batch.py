"""Many facts with one transaction: the same end as one by one, and nothing of it when one fails."""

import asyncio
import random

import pytest

from kit.log.port import Record
from kit.reactions import Intake, Outcome, Reaction
from kit.reactions.batch import take_all
from kit.reactions.intake import by_type
from kit.reactions.run import take_in
from kit.telemetry import traceparent
from proto.gen.minzheng.filing.v1.facts_pb import FilingReturned, FilingSubmitted, FilingWithdrawn
from tests.kit.facts.helpers import apply, delivery, effects, record, submitted, withdrawn
from tests.kit.facts.test_intake import count, intake_of, slowly, take

RUNNING = asyncio.Event()
"""Nobody asks to stop."""


def among(*facts):
    return [delivery(fact) for fact in facts]


def returned(organization: str, version: int) -> FilingReturned:
    return FilingReturned(organization_id=organization, fact_version=version)


async def transactions(database) -> int:
    return int(await database.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM probe.effect"))


async def test_a_hundred_facts_are_one_transaction(database):
    feed = among(*(submitted(f"o{n % 10}", 1 + n // 10) for n in range(100)))
    assert await take_all(intake_of(database), feed) == [Outcome.APPLIED] * 100
    assert await effects(database, "o7") == list(range(1, 11))
    assert await transactions(database) == 1
    assert await count(database, "inbox") == 100


async def test_every_kind_of_delivery_ends_as_it_would_alone(database):
    intake = intake_of(database)
    await take(intake, submitted("old", 1), submitted("gap", 3))
    twice = delivery(submitted("twice", 1))
    feed = [*among(submitted("old", 1), submitted("gap", 1)), twice, twice]
    feed += among(withdrawn("ignored", 1), submitted("ignored", 2), submitted("later", 2))
    assert [outcome.name for outcome in await take_all(intake, feed) or ()] == [
        "OLD", "APPLIED", "APPLIED", "DUPLICATE", "IGNORED", "APPLIED", "WAITING",
    ]  # fmt: skip
    assert await effects(database, "twice") == [1]
    assert await effects(database, "ignored") == [2]
    assert await effects(database, "later") == []


async def test_a_gap_closes_by_a_batch_and_what_waited_follows(database):
    intake = intake_of(database)
    await take(intake, submitted("o", 4), submitted("o", 2))
    await take_all(intake, among(submitted("o", 5), submitted("o", 1)))
    assert await effects(database, "o") == [1, 2]
    await take_all(intake, among(submitted("p", 1), submitted("o", 3)))
    assert await effects(database, "o") == [1, 2, 3, 4, 5]
    assert await count(database, "waiting") == 0


@pytest.mark.parametrize("seed", range(6))
async def test_a_shuffled_and_duplicated_feed_in_batches_ends_in_the_same_state(database, seed):
    random_ = random.Random(seed)
    feed = [
        delivery((submitted if version % 3 else withdrawn)(f"o{org}", version))
        for org in range(4)
        for version in range(1, 9)
    ] * 3
    random_.shuffle(feed)
    intake = intake_of(database)
    while feed:
        size = random_.randint(1, 30)
        assert await take_all(intake, feed[:size]) is not None
        feed = feed[size:]
    for org in range(4):
        assert await effects(database, f"o{org}") == [1, 2, 4, 5, 7, 8]
    assert (await count(database, "waiting"), await count(database, "parked")) == (0, 0)


class Poison:
    """Fails for one organization; counts the tries of all."""

    def __init__(self) -> None:
        self.tries = 0

    async def __call__(self, connection, fact, event) -> None:
        await apply(connection, fact, event)
        if event.aggregate_id == "bad":
            self.tries += 1
            raise ValueError


async def test_a_failing_fact_undoes_its_batch_and_then_holds_back_only_its_own(database):
    poison = Poison()
    intake = intake_of(database, poison, delays=(0, 0, 0, 0))
    feed = among(submitted("o", 1), submitted("bad", 1), submitted("o", 2), submitted("bad", 2))
    assert await take_all(intake, feed) is None
    assert await effects(database, "o") == []
    assert await count(database, "inbox") == 0
    assert await take_in(intake, feed, RUNNING) == feed
    assert await effects(database, "o") == [1, 2]
    while await count(database, "waiting"):
        await intake.sweep()
    # A batch is no try: five alone, one in each of the two batches.
    assert poison.tries == 5 + 2
    assert await take_all(intake, among(submitted("bad", 3), submitted("o", 3))) == [
        Outcome.PARKED, Outcome.APPLIED,
    ]  # fmt: skip
    assert await count(database, "parked") == 3


async def test_a_constraint_checked_late_fails_the_batch_only(database):
    async def late(connection, fact, event):
        await apply(connection, fact, event)
        one = 1 if event.aggregate_id.startswith("twin") else fact.fact_version + 1
        await connection.execute("INSERT INTO probe.late VALUES ($1)", one)

    intake = intake_of(database, late)
    feed = among(submitted("twin a", 1), submitted("twin b", 1), submitted("o", 1))
    assert await take_in(intake, feed, RUNNING) == feed
    assert await effects(database, "twin a") == [1]
    assert await effects(database, "o") == [1]
    assert await count(database, "waiting") == 1


async def test_a_foreign_record_leaves_the_others_their_effect(database):
    intake = intake_of(database)
    feed = [delivery(Record("junk", b"junk"), 7), *among(submitted("o", 1), submitted("o", 2))]
    assert await take_in(intake, feed, RUNNING) == feed
    assert await effects(database, "o") == [1, 2]
    assert await count(database, "parked") == 1


async def test_batches_that_cross_do_not_deadlock_and_have_one_effect(database):
    names = [f"o{n}" for n in range(30)]
    feed = among(*(submitted(name, 1) for name in names))
    intake = intake_of(database)
    found = await asyncio.gather(*(take_all(intake, one) for one in (feed, feed[::-1], feed)))
    told = [outcome for outcomes in found if outcomes for outcome in outcomes]
    assert sorted(o.value for o in told) == ["applied"] * 30 + ["duplicate"] * 60
    for name in names:
        assert await effects(database, name) == [1]


async def test_one_version_stated_by_two_events_in_batches_at_once_has_one_effect(database):
    intake = intake_of(database, slowly)
    await take(intake, submitted("o", 1))
    feeds = [among(submitted("o", 2), submitted(f"p{n}", 1)) for n in range(3)]
    found = await asyncio.gather(*(take_all(intake, feed) for feed in feeds))
    assert sorted(o.value for o, _ in filter(None, found)) == ["applied", "old", "old"]
    assert await effects(database, "o") == [1, 2]


async def test_neighbors_of_one_function_are_told_together_and_in_order(database):
    told = []

    async def many(connection, pairs):
        told.append(
            [(fact.desc().type_name.rpartition(".")[2], event.version) for fact, event in pairs]
        )
        for fact, event in pairs:
            await apply(connection, fact, event)

    kinds = [Reaction(kind, apply, many) for kind in (FilingSubmitted, FilingWithdrawn)]
    intake = Intake("test", database, by_type(kinds))
    feed = among(submitted("o", 1), withdrawn("o", 2), returned("o", 3), submitted("o", 4))
    assert [o.name for o in await take_all(intake, feed) or ()] == [
        "APPLIED", "APPLIED", "IGNORED", "APPLIED",
    ]  # fmt: skip
    assert told == [[("FilingSubmitted", 1), ("FilingWithdrawn", 2)], [("FilingSubmitted", 4)]]
    assert await effects(database, "o") == [1, 2, 4]


async def test_rooms_of_one_workload_are_told_each_of_every_fact(database):
    """Who takes several is told several; who states facts is told one by one, each in its trace."""
    told, traces = [], []

    async def many(connection, pairs):
        told.append([event.version for _, event in pairs])
        for fact, event in pairs:
            await apply(connection, fact, event)

    async def alone(connection, fact, event):
        traces.append(traceparent()["traceparent"].split("-")[1])
        await apply(connection, fact, event)

    both = by_type([Reaction(FilingSubmitted, apply, many), Reaction(FilingSubmitted, alone)])
    stated = ["a" * 32, "b" * 32]
    feed = [
        delivery(record(submitted("o", n), traceparent=f"00-{trace}-{'c' * 16}-01"))
        for n, trace in enumerate(stated, start=1)
    ]
    assert await take_all(Intake("test", database, both), feed) == [Outcome.APPLIED] * 2
    assert told == [[1, 2]]
    assert traces == stated
    assert await effects(database, "o") == [1, 2, 1, 2]


async def test_one_who_is_told_to_stop_commits_what_is_done_and_no_more(database):
    stop, seen = asyncio.Event(), []

    async def handle(connection, fact, event):
        await apply(connection, fact, event)
        seen.append(event.version)
        if event.version == 3:
            raise ValueError
        if seen.count(2) == 2:
            stop.set()

    intake = Intake("test", database, by_type([Reaction(FilingSubmitted, handle)]))
    feed = among(*(submitted("o", version) for version in range(1, 5)))
    assert await take_in(intake, feed, stop) == feed[:2]
    assert await effects(database, "o") == [1, 2]
