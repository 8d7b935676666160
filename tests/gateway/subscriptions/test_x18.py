"""X18: what addresses do wrong. Nothing is lost in the schedule, order holds, nobody waits for another."""

import asyncio
import itertools
from datetime import timedelta

from gateway.subscriptions.domain import schedule
from kit.ids import uuid7
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.webhooks import PATIENCE, SHORT, Desk, department
from tests.sink import Authority, Received, Reply, Sink, accept, always, black_hole

HOURS_75 = timedelta(hours=75, minutes=35)
MORE = timedelta(hours=5)
"""What jitter adds at most."""


def by_organization(sink: Sink, ids: dict[str, str]) -> dict[str, list[str]]:
    """Event ids as they were accepted, by organization."""
    found: dict[str, list[str]] = {}
    for event_id in sink.accepted:
        found.setdefault(ids[event_id], []).append(event_id)
    return found


async def organizations(desk: Desk) -> dict[str, str]:
    """Organization of every event, in the order of the feed."""
    rows = await desk.rows(
        "SELECT event_id::text, organization_id::text FROM feed ORDER BY position"
    )
    return {row["event_id"]: row["organization_id"] for row in rows}


def first_seen(ids: list[str]) -> list[str]:
    """Without repetitions, in the order of the first time."""
    return list(dict.fromkeys(ids))


async def in_order_and_complete(desk: Desk, sink: Sink) -> None:
    """Every event was accepted, the events of an organization in the order of the feed."""
    ids = await organizations(desk)
    came = by_organization(sink, ids)
    wanted: dict[str, list[str]] = {}
    for event_id, organization in ids.items():
        wanted.setdefault(organization, []).append(event_id)
    assert {one: first_seen(found) for one, found in came.items()} == wanted
    assert await desk.waiting() == 0


async def changes(desk: Desk, organizations: int = 3, each: int = 3) -> None:
    """Changes of some organizations, one after the other."""
    known = [str(uuid7()) for _ in range(organizations)]
    for organization in known * each:
        await desk.room.filed(DATONGLI, organization=organization)


async def test_500s_for_75_hours_and_then_everything_in_order(desk: Desk, sink: Sink) -> None:
    """One event has its ten attempts over at least 75 h 35 min; then the platform pauses, nothing is lost."""
    found = await desk.live(sink)
    sink.behavior = always(500)
    await desk.room.filed(DATONGLI)
    began = await desk.clock.now()
    await desk.play(HOURS_75 - timedelta(minutes=5))
    assert len(sink.received) == schedule.ATTEMPTS - 1
    assert (await desk.state(found)).state.name == "LIVE"
    await desk.play(MORE)
    assert len(sink.received) == schedule.ATTEMPTS
    assert await desk.clock.now() - began >= HOURS_75
    paused = await desk.state(found)
    assert (paused.state.name, paused.stopped_by.name) == ("PAUSED", "PLATFORM")
    facts = await desk.rows("SELECT type FROM kit.outbox ORDER BY id DESC LIMIT 1")
    assert facts[0]["type"].endswith(".SubscriptionPaused"), "the owner is told"
    await changes(desk)
    await desk.play(timedelta(hours=1))
    assert len(sink.received) == schedule.ATTEMPTS, "nothing while it stands still"
    sink.behavior = accept
    await desk.call("ResumeSubscription", department(), subscription_id=found)
    await desk.settle()
    await in_order_and_complete(desk, sink)


async def test_a_resumed_address_has_all_its_attempts_again(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    sink.behavior = always(503)
    await desk.room.filed(DATONGLI)
    await desk.play(HOURS_75 + MORE)
    await desk.call("ResumeSubscription", department(), subscription_id=found)
    await desk.play(HOURS_75 + MORE)
    assert len(sink.received) == 2 * schedule.ATTEMPTS
    assert (await desk.state(found)).state.name == "PAUSED"


async def test_flapping_loses_nothing_and_keeps_the_order(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    turns = itertools.cycle((500, 204, 302, 204, 429, 404, 204))

    async def flap(_: Received) -> Reply:
        return Reply(next(turns))

    sink.behavior = flap
    await changes(desk, organizations=4, each=5)
    await desk.play(HOURS_75)
    await in_order_and_complete(desk, sink)
    assert len(sink.received) > 20, "some came again"


async def test_410_ends_the_subscription(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    sink.behavior = always(410)
    await changes(desk, organizations=1, each=2)
    await desk.play(HOURS_75)
    ended = await desk.state(found)
    assert (ended.state.name, ended.stopped_by.name) == ("ENDED", "ENDPOINT")
    assert not ended.has_secret
    assert len(sink.received) == 1


async def test_an_expired_certificate_is_a_failure_until_it_is_renewed(
    desk: Desk, sink: Sink, authority: Authority
) -> None:
    found = await desk.live(sink)
    port = sink.port
    await sink.__aexit__()
    await desk.post.close()
    async with Sink(authority, port=port, expired=True) as expired:
        await changes(desk)
        await desk.play(timedelta(minutes=10))
        assert expired.received == []
        (row, *_) = await desk.rows("SELECT outcome FROM delivery WHERE attempts > 0")
        assert row["outcome"] == "TLS"
    async with Sink(authority, port=port) as renewed:
        await desk.play(timedelta(hours=1))
        await in_order_and_complete(desk, renewed)
    assert (await desk.state(found)).failures == 0


async def test_retry_after_is_honored(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    sink.behavior = always(429, retry_after="7200")
    await changes(desk, organizations=2, each=1)
    await desk.settle()
    seen = len(sink.received)
    await desk.play(timedelta(hours=1, minutes=55))
    assert len(sink.received) == seen, "the whole address is left alone"
    sink.behavior = accept
    await desk.play(timedelta(minutes=10))
    await in_order_and_complete(desk, sink)


async def test_a_redirect_is_a_failure_and_is_not_followed(desk: Desk, sink: Sink) -> None:
    async with Sink(desk.authority) as elsewhere:
        await desk.live(sink)
        sink.behavior = always(307, location=elsewhere.url)
        await desk.room.filed(DATONGLI)
        await desk.settle()
        (row,) = await desk.rows("SELECT outcome, status, attempts FROM delivery")
        assert tuple(row.values()) == ("REDIRECT", 307, 1)
        assert elsewhere.connections == 0


async def test_one_black_hole_of_twenty_slows_nobody(desk: Desk, departments: list[Sink]) -> None:
    """The others have everything while the attempts at the hole are still under way."""
    hole, *others = departments
    hole.behavior = black_hole
    await changes(desk, organizations=8, each=2)

    async def delivered() -> None:
        while any(len(one.received) < 16 for one in others):
            await desk.worker.round()
            await asyncio.wait(desk.worker.running, return_when=asyncio.FIRST_COMPLETED)

    await asyncio.wait_for(delivered(), 60)
    ids = await organizations(desk)
    for one in others:
        assert sorted(one.ids) == sorted(ids), "each event once"
        wanted = by_organization(one, ids)
        assert all(found == sorted(found, key=list(ids).index) for found in wanted.values())
    assert len(hole.received) <= 4, "the hole holds its own room and no more"
    for task in list(desk.worker.running):
        task.cancel()
    await asyncio.gather(*desk.worker.running, return_exceptions=True)


async def test_a_black_hole_that_wakes_has_everything_in_order(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    sink.behavior = black_hole
    desk.post.patience = SHORT
    await changes(desk)
    await desk.settle()
    assert {row["outcome"] for row in await desk.rows(
        "SELECT outcome FROM delivery WHERE attempts > 0")} == {"TIMEOUT"}  # fmt: skip
    desk.post.patience = PATIENCE
    sink.behavior = accept
    await desk.play(timedelta(hours=1))
    await in_order_and_complete(desk, sink)


async def test_a_slow_answer_within_patience_is_a_delivery(desk: Desk, sink: Sink) -> None:
    """The slow one answers when the others of the address are long done: only its organization waits."""
    await desk.live(sink)
    gate, slow = asyncio.Event(), str(uuid7())

    async def hold(request: Received) -> Reply:
        if slow.encode() in request.body:
            await gate.wait()
        return Reply()

    sink.behavior = hold
    await desk.room.filed(DATONGLI, organization=slow)
    await desk.room.filed(DATONGLI, organization=slow)
    await changes(desk, organizations=5, each=2)
    while await desk.waiting() > 2:
        await desk.worker.round()
        await asyncio.wait(desk.worker.running, return_when=asyncio.FIRST_COMPLETED)
    gate.set()
    await desk.settle()
    await in_order_and_complete(desk, sink)
    assert len(sink.received) == 12, "each once"


async def test_two_gateways_share_the_work(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    other = desk.another()
    await changes(desk, organizations=6, each=4)
    while await desk.waiting():
        await asyncio.gather(desk.worker.round(), other.round())
        running = desk.worker.running | other.running
        if running:
            await asyncio.wait(running)
    await in_order_and_complete(desk, sink)
    assert len(sink.received) == 24, "no event was claimed twice"


async def test_a_claim_of_a_dead_worker_runs_out(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    await desk.room.filed(DATONGLI)
    now, nothing = await desk.clock.now(), timedelta()
    (dead,) = await desk.deliveries.claim(now, room=9, each=4, lease=nothing)
    (mine,) = await desk.deliveries.claim(now, room=9, each=4, lease=timedelta(hours=1))
    assert await desk.deliveries.claim(now, room=9, each=4, lease=nothing) == []
    await desk.deliveries.arrived([(dead, 204)])
    assert await desk.waiting() == 1, "who lost its claim records nothing"
    await desk.deliveries.arrived([(mine, 204)])
    assert await desk.waiting() == 0


async def test_an_address_that_works_again_has_at_once_what_waited_for_hours(
    desk: Desk, sink: Sink
) -> None:
    """The first event that arrives at an address that rested brings the others forward."""
    await desk.live(sink)
    sink.behavior = always(500)
    await changes(desk, organizations=4, each=2)
    await desk.play(timedelta(hours=4))
    due = await desk.next_due()
    assert due is not None
    assert due - await desk.clock.now() > timedelta(minutes=30)
    sink.behavior = accept
    await desk.room.filed(DATONGLI)
    await desk.play(timedelta(minutes=6))
    await in_order_and_complete(desk, sink)
