"""From the request to a signed delivery: two persons, a secret once, a test, the same event id."""

import asyncio
import base64
import json
from typing import Any

import asyncpg
import pytest

from gateway.subscriptions.delivering import signing
from kit.errors import Refusal
from kit.ids import uuid7
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from tests.gateway.subscriptions.conftest import DATONGLI, PROVINCE, TIANYA, Room, fact
from tests.gateway.subscriptions.conftest import department as reader
from tests.gateway.subscriptions.test_order import write_slowly
from tests.gateway.subscriptions.webhooks import LONGHUA, Desk, approver, department
from tests.sink import Sink, always


async def test_requested_approved_tested_and_delivered(desk: Desk, sink: Sink) -> None:
    found = await desk.requested(sink.url)
    assert (await desk.state(found)).state.name == "REQUESTED"
    await desk.call("ApproveSubscription", approver(), subscription_id=found)
    issued = await desk.call("RotateSecret", department(), subscription_id=found)
    secret = base64.b64decode(issued.secret.removeprefix("whsec_"))
    tested = await desk.call("TestSubscription", department(), subscription_id=found)
    assert (tested.outcome.name, tested.status, tested.subscription.state.name) == (
        "DELIVERED", 204, "LIVE",
    )  # fmt: skip
    (test,) = sink.received
    assert json.loads(test.body)["type"].endswith(".test")
    await desk.room.filed(DATONGLI)
    await desk.settle()
    got = sink.received[-1]
    (event,) = await desk.room.events(reader())
    assert (got.event_id, json.loads(got.body)["id"]) == (event.id, event.id)
    assert json.loads(got.body) == json.loads(event.to_json(always_emit_implicit=True))
    stamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signing.signature(secret, event.id, stamp, got.body)
    assert got.headers["content-type"].startswith("application/cloudevents+json")


async def code_of(call: Any) -> str:
    """Code of a call that must be refused."""
    with pytest.raises(Refusal) as refused:
        await call
    return refused.value.code


async def test_a_retry_of_the_rotation_has_the_same_secret_and_another_one_a_new_one(
    desk: Desk, sink: Sink
) -> None:
    found = await desk.live(sink)
    key = str(uuid7())
    fields = {"subscription_id": found, "request_id": key}
    first = await desk.call("RotateSecret", department(), **fields)
    again = await desk.call("RotateSecret", department(), **fields)
    other = await desk.call("RotateSecret", department(), subscription_id=found)
    assert first.secret == again.secret != other.secret


async def test_after_a_rotation_both_secrets_sign_for_a_day(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    old = (await desk.subscriptions.load(found, department()))[0].subscription.secret
    issued = await desk.call("RotateSecret", department(), subscription_id=found)
    new = base64.b64decode(issued.secret.removeprefix("whsec_"))
    await desk.room.filed(DATONGLI)
    await desk.settle()
    (got,) = sink.received
    stamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"].split(" ") == [
        signing.signature(secret, got.event_id, stamp, got.body) for secret in (new, old)
    ]


async def test_no_secret_lies_open_in_the_database(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    secret = (await desk.subscriptions.load(found, department()))[0].subscription.secret
    for table in ("subscription", "kit.request", "kit.outbox", "kit.audit"):
        rows = await desk.rows(f"SELECT t::text AS row FROM {table} t")
        assert rows
        for shape in (secret.hex(), base64.b64encode(secret).decode()):
            assert not any(shape in row["row"] for row in rows)
    (row,) = await desk.rows("SELECT secret_cell FROM subscription")
    assert row["secret_cell"], "control: there is one"


async def test_the_database_too_asks_for_two_persons(desk: Desk, sink: Sink) -> None:
    found = await desk.requested(sink.url)
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        await desk.rows(
            "UPDATE subscription SET decided_by = account, state = 'APPROVED'"
            " WHERE subscription_id = $1", found,
        )  # fmt: skip
    own = approver("dept", PROVINCE, Role.PROV_SO)
    approved = desk.call("ApproveSubscription", own, subscription_id=found)
    assert await code_of(approved) == "subscriptions.second_person"


async def test_departments_are_apart_by_row_security_alone(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    await desk.room.filed(DATONGLI)
    counts = {}
    for scope in ("s:dept", "s:other", "r:/", f"r:{hainan().get(LONGHUA).path}", "r:/44/", ""):
        async with desk.deliveries.acting(scope) as connection:
            counts[scope] = tuple([
                await connection.fetchval(f"SELECT count(*)::int FROM {table}")
                for table in ("subscription", "delivery")
            ])  # fmt: skip
    seen = {scope for scope, count in counts.items() if count == (1, 1)}
    assert seen == {"s:dept", "r:/", f"r:{hainan().get(LONGHUA).path}"}
    assert {count for scope, count in counts.items() if scope not in seen} == {(0, 0)}
    assert found


async def test_only_agreed_types_and_regions_are_delivered(desk: Desk, sink: Sink) -> None:
    await desk.live(sink)
    await desk.room.filed(TIANYA)
    await desk.room.filed(DATONGLI)
    other = "cn.gov.hainan.organization.cancelled.v1"
    async with Sink(desk.authority) as second:
        await desk.live(second, department("dept-2"), types=[other])
        await desk.room.filed(DATONGLI)
        await desk.settle()
        assert second.received == []
    assert sink.ids == (await desk.feed_ids())[1:]


async def test_everything_after_the_cursor_it_went_live_at_is_delivered(
    desk: Desk, writers: Room, sink: Sink
) -> None:
    """Subscriptions opened between slow writers: the feed after the cursor is what comes."""
    writing = asyncio.gather(*(write_slowly(writers, [fact(DATONGLI) for _ in range(4)])
                               for _ in range(6)))  # fmt: skip
    found = await desk.live(sink)
    await writing
    cursor = int((await desk.state(found)).live_from)
    await desk.settle()
    rows = await desk.rows("SELECT event_id FROM feed WHERE position > $1", cursor)
    assert sorted(sink.ids) == sorted(str(row["event_id"]) for row in rows)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"types": ["cn.gov.hainan.organization.test"]}, "subscriptions.type"),
        ({"url": "http://127.9.0.1/events"}, "subscriptions.url"),
        ({"networks": ["10.0.0.0/24"]}, "subscriptions.network_not_allowed"),
        ({"region_code": "469999999999"}, "region.unknown"),
    ],
)
async def test_what_cannot_be_subscribed_to(desk: Desk, fields: Any, code: str) -> None:
    asked = {"url": "https://127.9.0.1/events"} | fields
    assert await code_of(desk.requested(**asked)) == code


async def test_states_that_do_not_fit_are_refused(desk: Desk, sink: Sink) -> None:
    found = await desk.requested(sink.url)
    for name in ("RotateSecret", "TestSubscription", "ResumeSubscription", "RedeliverEvents"):
        call = desk.call(name, department(), subscription_id=found)
        assert await code_of(call) == "subscriptions.wrong_state"
    await desk.call("ApproveSubscription", approver(), subscription_id=found)
    test = desk.call("TestSubscription", department(), subscription_id=found)
    assert await code_of(test) == "subscriptions.no_secret"


async def test_a_test_that_fails_opens_nothing(desk: Desk, sink: Sink) -> None:
    found = await desk.requested(sink.url)
    await desk.call("ApproveSubscription", approver(), subscription_id=found)
    await desk.call("RotateSecret", department(), subscription_id=found)
    sink.behavior = always(500)
    tested = await desk.call("TestSubscription", department(), subscription_id=found)
    assert (tested.outcome.name, tested.status) == ("STATUS", 500)
    assert (await desk.state(found)).state.name == "APPROVED"


async def test_what_civil_affairs_paused_it_resumes(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    fields = {"subscription_id": found}
    await desk.call("PauseSubscription", approver(), reason="核查", **fields)
    resume = desk.call("ResumeSubscription", department(), **fields)
    assert await code_of(resume) == "subscriptions.paused_by_authority"
    answer = await desk.call("ResumeSubscription", approver(), **fields)
    assert answer.subscription.state.name == "LIVE"


async def test_a_range_is_sent_again_by_cursor_and_by_time(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    for _ in range(4):
        await desk.room.filed(DATONGLI)
    await desk.settle()
    ids, fields = await desk.feed_ids(), {"subscription_id": found}
    at = (await desk.rows("SELECT at FROM feed WHERE position = 3"))[0]["at"].isoformat()
    for more, expected in (
        ({"after": "1", "until": "3"}, ids[1:3]),
        ({"after": "3"}, ids[3:]),
        ({"from_time": at}, ids[2:]),
        ({"to_time": at}, ids[:2]),
        ({}, ids),
    ):
        sink.received.clear()
        answer = await desk.call("RedeliverEvents", department(), **fields, **more)
        await desk.settle()
        assert (answer.events, sorted(sink.ids)) == (len(expected), sorted(expected))
        assert all(one.headers["minzheng-redelivery"] == "true" for one in sink.received)
    for bad in ({"after": "4", "until": "2"}, {"from_time": "2026-03-01"}, {"to_time": "x"}):
        call = desk.call("RedeliverEvents", department(), **fields, **bad)
        assert await code_of(call) == "subscriptions.range"


async def test_the_log_of_deliveries_goes_by_pages(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    for _ in range(5):
        await desk.room.filed(DATONGLI)
    await desk.settle()
    numbers, token = [], ""
    while True:
        page = await desk.call("ListDeliveries", department(), subscription_id=found,
                               page=PageRequest(size=2, token=token))  # fmt: skip
        numbers += [int(one.number) for one in page.deliveries]
        assert all(one.delivered and one.status == 204 for one in page.deliveries)
        if not (token := page.page.next_token):
            break
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 5


async def test_going_live_waits_for_the_change_that_is_being_written(
    desk: Desk, writers: Room, sink: Sink
) -> None:
    """A change that saw no live subscription lies before the cursor the department is told."""
    found = await desk.requested(sink.url)
    await desk.call("ApproveSubscription", approver(), subscription_id=found)
    await desk.call("RotateSecret", department(), subscription_id=found)
    async with writers.database.transaction() as connection:
        await writers.apply(connection, fact(DATONGLI))
        test = desk.call("TestSubscription", department(), subscription_id=found)
        opening = asyncio.create_task(test)
        # Long enough to open the subscription, were it not held back.
        await asyncio.wait({opening}, timeout=0.5)
    assert (await opening).subscription.live_from == "1"
    await desk.room.filed(DATONGLI)
    await desk.settle()
    assert sink.ids[1:] == (await desk.feed_ids())[1:]
