"""J7, IF-11: a department subscribes, civil affairs approves, a filing reaches it by every channel."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from gateway.subscriptions.delivering import signing
from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.embedded.sign_in import client_token
from kit.ids import uuid7
from kit.log.adapters import open_log
from tests.platform import Platform
from tests.sink import LOCAL, Authority, Received, Sink
from tests.stories.people import Town, refusal

FILED = "cn.gov.hainan.organization.filed.v1"
LONGHUA = "460106000000"
PATH = "/api/v1/subscriptions"
Check = Callable[[], Awaitable[bool]]


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


@pytest.fixture
async def sink(platform: Platform, authority: Authority) -> AsyncIterator[Sink]:
    """The department's server."""
    async with Sink(authority) as running:
        yield running


async def department(town: Town, client: str = "dept-social-work") -> Person:
    """A department's system, signed in."""
    issuer = town.platform.environment["MINZHENG_ISSUER"]
    return Person(client, town.http, await client_token(issuer, client, f"demo-only-{client}"))


async def filed(town: Town, brand: str) -> str:
    """A filing from the draft to its number; answers the number."""
    form = demo_form("", town.community, 9, "大同里社区综合服务中心四楼")
    filing_id = await town.draft(brand, form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    await clerk.post(
        f"/api/v1/filings/{filing_id}:proposeDecision", {"decision": "DECISION_ACCEPT"}
    )
    decided = await lead.post(f"/api/v1/filings/{filing_id}:decide", {"agree": True})
    return str(decided["filing"]["filingNo"])


async def until(check: Check, otherwise: str) -> None:
    """Wait for something to become true."""
    for _ in range(600):
        if await check():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(otherwise)


async def event_of(dept: Person, number: str) -> dict[str, Any]:
    """The event of a filing number in the feed, once it is there."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        after = ""
        while page := (await dept.get("/api/v1/events", after=after, size="500")):
            found[:] = [one for one in page["events"] if one["subject"] == number]
            if found or not page["events"]:
                return bool(found)
            after = page["cursor"]
        return False

    await until(there, "not in the feed")
    return found[0]


def arrived(sink: Sink, event_id: str) -> list[Received]:
    """Deliveries of an event."""
    return [one for one in sink.received if one.event_id == event_id]


async def asked(dept: Person, sink: Sink) -> str:
    """A subscription asked for."""
    found = str(uuid7())
    body = {
        "subscriptionId": found, "regionCode": LONGHUA, "types": [FILED],
        "purpose": "社会组织信息共享", "url": sink.url, "networks": [f"{LOCAL}/32"],
    }  # fmt: skip
    await dept.post(PATH, body)
    return found


async def opened(town: Town, dept: Person, sink: Sink) -> tuple[str, bytes]:
    """A live subscription and its secret."""
    found = await asked(dept, sink)
    county = await town.person("county-approve.longhua")
    await county.post(f"{PATH}/{found}:approve")
    secret = (await dept.post(f"{PATH}/{found}:rotateSecret"))["secret"]
    tested = await dept.post(f"{PATH}/{found}:test")
    assert tested["outcome"] == "DELIVERY_OUTCOME_DELIVERED"
    assert tested["subscription"]["state"] == "SUBSCRIPTION_STATE_LIVE"
    return found, base64.b64decode(secret.removeprefix("whsec_"))


async def test_a_filing_reaches_a_department_by_every_channel_under_one_id(
    town: Town, sink: Sink
) -> None:
    dept = await department(town)
    found, secret = await opened(town, dept, sink)
    assert base64.b64encode(secret).decode() not in json.dumps(await dept.get(f"{PATH}/{found}"))
    number = await filed(town, "订阅")
    event = await event_of(dept, number)

    async def delivered() -> bool:
        return bool(arrived(sink, event["id"]))

    await until(delivered, "no delivery")
    (got,) = arrived(sink, event["id"])
    assert json.loads(got.body) == event
    stamp = int(got.headers["webhook-timestamp"])
    good = signing.signature(secret, event["id"], stamp, got.body)
    assert got.headers["webhook-signature"] == good
    for topic in (HISTORY, TWIN):
        assert await on_the_log(town.platform, topic, event["partitionkey"]) == [event["id"]]


async def on_the_log(platform: Platform, topic: str, key: str) -> list[str]:
    """Event ids of an organization on a public topic, once there is one."""
    log, ids = await open_log(platform.settings), list[str]()
    consumer = log.consumer(f"test-{uuid7()}", [topic])

    async def there() -> bool:
        own = (one.record for one in await consumer.poll(0.2) if one.record.key == key)
        ids.extend(dict(record.headers)["ce_id"].decode() for record in own)
        return bool(ids)

    await until(there, f"nothing on {topic}")
    await consumer.close()
    await log.close()
    return ids


async def test_paused_kept_resumed_and_sent_again(town: Town, sink: Sink) -> None:
    dept = await department(town)
    found, _ = await opened(town, dept, sink)
    await dept.post(f"{PATH}/{found}:pause", {"reason": "系统检修"})
    event = await event_of(dept, await filed(town, "暂停"))
    waiting = await dept.get(f"{PATH}/{found}/deliveries")
    assert [(one["eventId"], one["attempts"]) for one in waiting["deliveries"]] == [
        (event["id"], 0)
    ]
    assert arrived(sink, event["id"]) == []
    await dept.post(f"{PATH}/{found}:resume")

    async def delivered() -> bool:
        log = (await dept.get(f"{PATH}/{found}/deliveries"))["deliveries"]
        return all(one["delivered"] for one in log)

    await until(delivered, "not delivered after the pause")
    assert len(arrived(sink, event["id"])) == 1
    cursor = waiting["deliveries"][0]["cursor"]
    again = await dept.post(
        f"{PATH}/{found}:redeliver", {"after": str(int(cursor) - 1), "until": cursor}
    )
    assert (again["events"], again["cursor"]) == (1, cursor)
    await until(delivered, "not sent again")
    first, second = arrived(sink, event["id"])
    assert first.body == second.body
    assert "minzheng-redelivery" not in first.headers
    assert second.headers["minzheng-redelivery"] == "true"


async def test_who_asks_does_not_decide_and_others_do_not_see(town: Town, sink: Sink) -> None:
    dept, other = await department(town), await department(town, "dept-politics-law")
    found = await asked(dept, sink)
    assert (await refusal(dept.post(f"{PATH}/{found}:approve")))[0] == 403
    elsewhere = await town.person("county-approve.tianya")
    for person in (other, elsewhere):
        assert await refusal(person.get(f"{PATH}/{found}")) == (404, "common.not_found")
        listed = (await person.get(PATH))["subscriptions"]
        assert found not in [one["subscriptionId"] for one in listed]
    assert (await refusal(elsewhere.post(f"{PATH}/{found}:approve")))[0] == 404
    assert (await refusal(dept.post(f"{PATH}/{found}:test")))[1] == "subscriptions.wrong_state"
    assert sink.connections == 0


async def test_what_may_be_subscribed_to_is_published(town: Town) -> None:
    document = (await town.http.get("/api/asyncapi.json")).json()
    assert (document["asyncapi"], set(document["channels"])) == (
        "3.0.0",
        {HISTORY, TWIN, "webhook"},
    )


async def test_both_sides_are_told(town: Town, sink: Sink) -> None:
    dept = await department(town)
    found = await asked(dept, sink)
    county = await town.person("county-approve.longhua")

    async def told(person: Person, template: str) -> bool:
        messages = (await person.get("/api/v1/messages"))["messages"]
        return any(m["about"] == f"subscriptions/{found}" and m["template"] == template
                   for m in messages)  # fmt: skip

    await until(lambda: told(county, "subscription_requested/1"), "the county is not told")
    await county.post(f"{PATH}/{found}:refuse", {"reason": "用途不明"})
    await until(lambda: told(dept, "subscription_refused/1"), "the department is not told")
