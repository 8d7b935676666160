"""The relay: nothing lost, order kept, one active, a failed row stops its aggregate only."""

import asyncio
import random

import pytest

from kit.log.port import LogError, RecordRefused
from kit.outbox import Doorbell, Relay, relay, state_fact
from tests.kit.facts.helpers import state, submitted, until
from tests.kit.log.conftest import TOPIC
from tests.kit.log.reading import read

UNPUBLISHED = "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"


def relay_of(database, log, doorbell=None, poll_seconds=0.05) -> Relay:
    return Relay("filing", database, log, doorbell or Doorbell(), poll_seconds=poll_seconds)


async def write(database, organization: str, facts: int, random_: random.Random) -> None:
    """A writer whose transactions stay open after their row has its id."""
    for version in range(1, facts + 1):
        async with database.transaction() as connection:
            await state_fact(connection, submitted(organization, version))
            await asyncio.sleep(random_.random() * 0.03)


async def write_all(database, writers: int = 12, facts: int = 12) -> None:
    random_ = random.Random(7)
    await asyncio.gather(
        *(write(database, f"org-{writer}", facts, random_) for writer in range(writers))
    )


async def drained(database) -> bool:
    return await database.pool.fetchval(UNPUBLISHED) == 0


async def versions(log, count: int) -> dict[str, list[int]]:
    """Versions read, by organization."""
    consumer = log.consumer("test", [TOPIC])
    found: dict[str, list[int]] = {}
    for delivery in await read(consumer, count, seconds=3):
        headers = dict(delivery.record.headers)
        found.setdefault(delivery.record.key, []).append(int(headers["ce_sequence"]))
    await consumer.close()
    return found


@pytest.mark.parametrize("size", [1, 5, 500])
async def test_slow_commits_lose_nothing_and_keep_the_order_of_an_aggregate(
    database, log, running, monkeypatch, size
):
    monkeypatch.setattr(relay, "BATCH", size)
    async with running(relay_of(database, log).run):
        await write_all(database)
        await until(lambda: drained(database))
    assert await versions(log, 144) == {f"org-{n}": list(range(1, 13)) for n in range(12)}


async def test_one_batch_is_marked_and_one_made_ready_while_one_is_sent(
    database, running, monkeypatch
):
    monkeypatch.setattr(relay, "BATCH", 2)
    read, under_way, go = [], [], asyncio.Event()
    monkeypatch.setattr(relay, "point", lambda _, name: read.append(name))

    class Slow(Trouble):
        async def send(self, topic, records):
            under_way.append([r.key for r in records])
            if len(under_way) == 2:
                await go.wait()
            return await super().send(topic, records)

    async with database.transaction() as connection:
        for number in range(6):
            await state_fact(connection, submitted(f"org-{number}", 1))
    async with running(relay_of(database, Slow(lambda record: None)).run):
        await until(lambda: is_true(read.count("after_read") == 3))
        assert under_way == [["org-0", "org-1"], ["org-2", "org-3"]]
        assert await database.pool.fetchval(UNPUBLISHED) == 4
        go.set()
        await until(lambda: drained(database))


async def is_true(condition) -> bool:
    return bool(condition)


async def test_a_fact_stated_while_others_are_sent_does_not_wait_for_their_mark(database, running):
    doorbell, told = Doorbell(), []

    class Log(Trouble):
        async def send(self, topic, records):
            told.append([r.key for r in records])
            if len(told) == 1:
                await state(database, submitted("second", 1))
                doorbell.ring()
            return await super().send(topic, records)

    await state(database, submitted("first", 1))
    async with database.transaction() as holding:
        await holding.execute("SELECT FROM kit.outbox FOR UPDATE")
        async with running(relay_of(database, Log(lambda record: None), doorbell, 30).run):
            await until(lambda: is_true(told == [["first"], ["second"]]), seconds=1)
            await holding.execute("ROLLBACK; BEGIN")
            await until(lambda: drained(database))


async def test_a_cursor_relay_loses_rows(database):
    """Negative control: the same load, read behind `id > last`."""
    seen: set[int] = set()
    stop = asyncio.Event()

    async def cursor() -> None:
        last = 0
        while not stop.is_set():
            for row in await database.pool.fetch(
                "SELECT id FROM kit.outbox WHERE id > $1 ORDER BY id", last
            ):
                seen.add(row["id"])
                last = row["id"]
            await asyncio.sleep(0.005)

    reading = asyncio.create_task(cursor())
    await write_all(database)
    await asyncio.sleep(0.1)
    stop.set()
    await reading
    assert len(seen) < await database.pool.fetchval("SELECT count(*) FROM kit.outbox") == 144


async def test_one_of_two_relays_is_active_and_the_other_follows(database, log):
    relays, stops = [relay_of(database, log) for _ in range(2)], [asyncio.Event(), asyncio.Event()]
    tasks = [asyncio.create_task(r.run(s)) for r, s in zip(relays, stops, strict=True)]
    try:
        await until(lambda: one_leads(relays))
        await write_all(database, writers=3)
        await until(lambda: drained(database))
        assert await versions(log, 36) == {f"org-{n}": list(range(1, 13)) for n in range(3)}
        leader = 0 if relays[0].leading else 1
        stops[leader].set()
        await tasks[leader]
        await state(database, submitted("org-0", 13))
        await until(lambda: drained(database))
        assert relays[1 - leader].leading
    finally:
        for stop in stops:
            stop.set()
        await asyncio.gather(*tasks)


async def one_leads(relays) -> bool:
    assert not all(relay.leading for relay in relays)
    return any(relay.leading for relay in relays)


class Trouble:
    """A log whose producer answers what the test lays down; keeps what it accepted."""

    def __init__(self, answer) -> None:
        self.answer, self.sent, self.closed = answer, [], 0

    def producer(self):
        return self

    async def send(self, topic, records):
        results = [self.answer(record) for record in records]
        self.sent += [r for r, result in zip(records, results, strict=True) if result is None]
        return results

    async def close(self) -> None:
        self.closed += 1


async def test_a_failed_row_holds_back_its_aggregate_only_even_with_a_full_batch(database, running):
    def refuse(record):
        return RecordRefused() if record.key == "bad" else None

    async with database.transaction() as connection:
        for version in range(1, 503):
            await state_fact(connection, submitted("bad", version))
        await state_fact(connection, submitted("good", 1))
    log = Trouble(refuse)
    async with running(relay_of(database, log).run):
        await until(lambda: published(database, "good", 1))
        assert await published(database, "bad", 0)
        log.answer = lambda record: None
        await until(lambda: drained(database))
    sent = [int(dict(r.headers)["ce_sequence"]) for r in log.sent if r.key == "bad"]
    assert sent == list(range(1, 503))


async def test_what_was_made_ready_is_held_back_when_one_before_it_fails(
    database, running, monkeypatch
):
    monkeypatch.setattr(relay, "BATCH", 2)
    refused = iter([RecordRefused()])
    log = Trouble(lambda record: next(refused, None) if record.key == "bad" else None)
    async with database.transaction() as connection:
        for organization, version in [("bad", 1), ("good", 1), ("bad", 2), ("good", 2)]:
            await state_fact(connection, submitted(organization, version))
    async with running(relay_of(database, log).run):
        await until(lambda: drained(database))
    assert [r.key for r in log.sent] == ["good", "good", "bad", "bad"]
    sent = [int(dict(r.headers)["ce_sequence"]) for r in log.sent if r.key == "bad"]
    assert sent == [1, 2]


async def test_a_held_row_is_tried_again_however_busy_the_bell_is(database, running):
    doorbell, seen = Doorbell(), []

    class Busy(Trouble):
        async def send(self, topic, records):
            seen.extend(r.key for r in records)
            if len(seen) < 30:
                await state(database, submitted(f"org-{len(seen)}", 1))
                doorbell.ring()
            return await super().send(topic, records)

    refused = iter([RecordRefused()])
    log = Busy(lambda record: next(refused, None) if record.key == "bad" else None)
    await state(database, submitted("bad", 1))
    async with running(relay_of(database, log, doorbell, 30).run):
        await until(lambda: drained(database))
    assert seen.count("bad") == 2
    assert seen.index("bad", 1) < 10


async def published(database, organization: str, count: int) -> bool:
    found = await database.pool.fetchval(
        "SELECT count(*) FROM kit.outbox WHERE published_at IS NOT NULL AND aggregateid = $1",
        organization,
    )
    return bool(found == count)


async def test_a_log_that_is_away_is_tried_again(database, running):
    log = Trouble(lambda record: LogError("away"))
    await state(database, submitted("org", 1))
    async with running(relay_of(database, log).run):
        await asyncio.sleep(0.2)
        assert await published(database, "org", 0)
        log.answer = lambda record: None
        await until(lambda: drained(database))


async def test_the_doorbell_wakes_without_the_slow_poll(database, log, running):
    doorbell = Doorbell()
    relay = relay_of(database, log, doorbell, poll_seconds=30)
    async with running(relay.run):
        await until(lambda: leads(relay))
        await asyncio.sleep(0.1)
        await state(database, submitted("org", 1))
        doorbell.ring()
        await until(lambda: drained(database), seconds=3)


async def test_a_cut_lock_connection_is_made_anew(database, log, running):
    holder = (
        "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE locktype = 'advisory' AND d.datname = current_database()"
    )
    async with running(relay_of(database, log).run):
        await until(lambda: is_set(database, holder))
        before = await database.pool.fetchval(holder)
        await database.pool.execute("SELECT pg_terminate_backend($1)", before)
        await state(database, submitted("org", 1))
        await until(lambda: drained(database))
        assert await database.pool.fetchval(holder) != before


async def is_set(database, query: str) -> bool:
    return await database.pool.fetchval(query) is not None


async def leads(relay) -> bool:
    return bool(relay.leading)


async def test_what_was_sent_but_not_marked_is_sent_again(database, running):
    accepted = []

    class Torn(Trouble):
        async def send(self, topic, records):
            await super().send(topic, records)
            accepted.extend(records)
            if len(accepted) == 1:
                raise ConnectionResetError
            return [None] * len(records)

    log = Torn(lambda record: None)
    await state(database, submitted("org", 1))
    async with running(relay_of(database, log).run):
        await until(lambda: drained(database))
    assert len(accepted) == 2
    assert accepted[0] == accepted[1]
    assert log.closed == 2
