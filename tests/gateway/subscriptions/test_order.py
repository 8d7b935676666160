"""Commit order: cursors that lose nothing, snapshots that converge, facts taken in once."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from gateway.subscriptions import reactions
from kit.ids import uuid7
from kit.log.port import Delivery
from kit.outbox.record import CARRIED, record_of
from kit.outbox.row import OUTBOX_COLUMNS, outbox_row
from kit.reactions import Intake, Outcome
from kit.reactions.intake import by_type
from kit.server import Runtime
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled
from tests.gateway.subscriptions.conftest import (
    DATONGLI,
    TIANYA,
    TRACE,
    WRITERS,
    Room,
    department,
    fact,
)

SECONDS = 10
TRUTH = """SELECT organization_id::text, sequence FROM organization_state
 WHERE (SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"""
NUMBERED = """INSERT INTO kit.audit (at, subject, role, post_id, action, object_id, region_path, outcome,
 reason, from_state, to_state, rule_version, decision_id, traceparent) VALUES (now(), '', '', '',
 'x', '', '', 'done', '', '', '', '', gen_random_uuid(), '') RETURNING id"""


async def write_slowly(room: Room, stated: Sequence[OrganizationFiled]) -> None:
    """One transaction a fact, held open for up to 20 ms before its commit."""
    for one in stated:
        async with room.database.transaction() as connection:
            await room.apply(connection, one)
            await asyncio.sleep(random.random() / 50)


async def follow(room: Room, cursor: str, running: "asyncio.Future[Any]") -> list[Any]:
    """Poll from a cursor until the writers are done and nothing more comes."""
    seen: list[Any] = []
    while True:
        done = running.done()
        page = await room.read("ListEvents", department(), after=cursor, size=7)
        seen, cursor = seen + list(page.events), page.cursor
        if done and not page.events:
            return seen
        await asyncio.sleep(0.001)


async def test_twelve_writers_with_slow_commits_lose_no_reader_a_row(
    room: Room, writers: Room
) -> None:
    stated = [[fact(DATONGLI) for _ in range(5)] for _ in range(WRITERS)]
    async with asyncio.timeout(SECONDS):
        writing = asyncio.gather(*(write_slowly(writers, facts) for facts in stated))
        seen = await follow(room, "", writing)
        await writing
    assert len({event.id for event in seen}) == len(seen), "twice"
    assert {event.partitionkey for event in seen} == {
        one.organization_id for facts in stated for one in facts
    }, "lost"
    assert await room.feed.head() == len(seen), "a gap"


async def test_a_plain_sequence_would_lose_rows(room: Room) -> None:
    """Negative control: the same reader over an identity column misses what commits late."""
    pool = room.database.pool
    async with pool.acquire() as slow, pool.acquire() as quick:
        transaction = slow.transaction()
        await transaction.start()
        first = await slow.fetchval(NUMBERED)
        second = await quick.fetchval(NUMBERED)
        cursor = await quick.fetchval("SELECT max(id) FROM kit.audit")
        await transaction.commit()
        late = await quick.fetch("SELECT id FROM kit.audit WHERE id > $1", cursor)
        assert (second, late) == (first + 1, []), "the reader has passed the row that commits now"


async def test_a_change_that_fails_leaves_no_gap(room: Room) -> None:
    await room.filed(DATONGLI)
    async with room.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await room.apply(connection, fact(DATONGLI))
        await transaction.rollback()
    last = await room.filed(DATONGLI)
    page = await room.read("ListEvents", department(), after="1")
    assert ([event.partitionkey for event in page.events], page.cursor) == ([last], "2")


async def snapshot(room: Room, size: int) -> tuple[dict[str, int], str]:
    """Sequences by organization over all pages, and the one cursor they name."""
    states: dict[str, int] = {}
    page = await room.read("GetSnapshot", department(), size=size)
    cursor = page.cursor
    while True:
        assert page.cursor == cursor
        states |= {state.organization_id: state.sequence for state in page.organizations}
        if not page.next_page_token:
            return states, cursor
        page = await room.read(
            "GetSnapshot", department(), size=size, page_token=page.next_page_token
        )
        await asyncio.sleep(0.005)


def apply(states: dict[str, int], events: Sequence[Any]) -> None:
    """What a department does: only greater sequences; a jump would be a lost event."""
    for event in events:
        held, sequence = states.get(event.partitionkey, 0), int(event.sequence)
        assert sequence <= held + 1, "an event is missing"
        states[event.partitionkey] = max(held, sequence)


async def test_a_snapshot_and_the_events_after_it_converge(room: Room, writers: Room) -> None:
    """Known organizations change and new ones come, before and behind the page being read."""
    known = [await room.filed(DATONGLI) for _ in range(12)]
    stated = [
        [fact(community, organization=one) for one in (*known[place::4], "") for _ in range(2)]
        for place, community in enumerate((DATONGLI, TIANYA, DATONGLI, TIANYA))
    ]
    async with asyncio.timeout(SECONDS):
        writing = asyncio.gather(*(write_slowly(writers, facts) for facts in stated))
        states, cursor = await snapshot(room, 3)
        apply(states, await follow(room, cursor, writing))
        await writing
    truth = dict(tuple(row) for row in await room.database.pool.fetch(TRUTH))
    assert states == truth
    assert (len(truth), sum(truth.values())) == (20, 12 + 32)
    assert int(cursor) < await room.feed.head(), "nothing changed meanwhile"


@pytest.mark.parametrize("before", [True, False])
async def test_a_change_beside_the_first_page_is_not_lost(
    room: Room, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    """The cursor is taken before the states are read, never after."""
    read = room.feed.states
    known = await room.filed(DATONGLI)

    async def with_a_change(*arguments: Any) -> list[Mapping[str, Any]]:
        rows = [] if before else await read(*arguments)
        await room.filed(DATONGLI, organization=known)
        await room.filed(DATONGLI)
        return await read(*arguments) if before else rows

    monkeypatch.setattr(
        "gateway.subscriptions.store.feed.Feed.states", lambda _, *a: with_a_change(*a)
    )
    states, cursor = await snapshot(room, 50)
    apply(states, await room.events(department(), after=cursor))
    assert sorted(states.values()) == [1, 2]


def delivery(stated: OrganizationFiled) -> Delivery:
    """The fact as the log delivers it."""
    headers = {"traceparent": TRACE}
    row: dict[str, Any] = dict(zip(OUTBOX_COLUMNS, outbox_row(stated, headers), strict=True))
    row |= {"created_at": datetime.now(UTC), "event_id": uuid7()}
    record = record_of(row | dict.fromkeys(CARRIED) | headers, "filing")
    return Delivery("minzheng.filing.v1", 0, 0, record, datetime.now(UTC))


async def test_a_fact_delivered_twice_is_one_event(room: Room) -> None:
    runtime = cast(Runtime, SimpleNamespace(database=room.database))
    intake = Intake("gateway", room.database, by_type(reactions(runtime)))
    sent = delivery(fact(DATONGLI))
    assert [await intake.take(sent) for _ in range(2)] == [Outcome.APPLIED, Outcome.DUPLICATE]
    (event,) = await room.events(department())
    assert event.traceparent == TRACE
    assert UUID(event.id).version == 7
    assert event.id not in [value.decode() for _, value in sent.record.headers], "not the inner id"
