"""W1, W2: the gateway dies before it sends, after it was answered and while it records arrivals.

Nothing is lost, order holds; what was answered and not recorded comes again under the same event
id: twice, never skipped.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gateway.demo.client import Person
from kit.embedded.sign_in import client_token, sign_in
from kit.ids import uuid7
from tests.faults.crew import WORKERS, Crew
from tests.faults.journal import Journal
from tests.faults.test_points import die_while_filing
from tests.platform import Platform
from tests.sink import LOCAL, Authority, Sink

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "3"))
POINTS = ("gateway.before_post", "gateway.after_post", "gateway.during_arrival")
PATH = "/api/v1/subscriptions"
TYPE = "cn.gov.hainan.organization.filed.v1"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Platform]:
    """A platform whose gateway can be told where to die; a claim runs out after seven seconds."""
    running = Platform.prepare(
        tmp_path_factory.mktemp("webhooks") / "var",
        MINZHENG_CRASH_POINTS="1",
        MINZHENG_WEBHOOK_PATIENCE="2",
        MINZHENG_DEPARTMENT_CA=str(authority.file),
    )
    with running.serving():
        yield running


async def department(platform: Platform, http: httpx.AsyncClient) -> Person:
    """The department's system with a fresh token."""
    issuer = platform.environment["MINZHENG_ISSUER"]
    token = await client_token(issuer, "dept-social-work", "demo-only-dept-social-work")
    return Person("dept", http, token)


async def subscribe(platform: Platform, http: httpx.AsyncClient, sink: Sink) -> str:
    """A live subscription."""
    issuer, found = platform.environment["MINZHENG_ISSUER"], str(uuid7())
    tokens = await sign_in(issuer, "county-approve.longhua", "demo-Minzheng-2026")
    dept, county = await department(platform, http), Person("county", http, tokens.access_token)
    asked = {"subscriptionId": found, "regionCode": "460106000000", "types": [TYPE],
             "purpose": "社会组织信息共享", "url": sink.url, "networks": [f"{LOCAL}/32"]}  # fmt: skip
    await dept.post(PATH, asked)
    await county.post(f"{PATH}/{found}:approve")
    await dept.post(f"{PATH}/{found}:rotateSecret")
    tested = await dept.post(f"{PATH}/{found}:test")
    assert tested["outcome"] == "DELIVERY_OUTCOME_DELIVERED"
    sink.received.clear()
    return found


async def until(check: object, otherwise: str) -> None:
    """Wait for something to become true."""
    for _ in range(1200):
        if await check():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError(otherwise)


async def undelivered(platform: Platform) -> int:
    """Deliveries that have not arrived, as the administrator sees them."""
    connection = await platform.database("gateway")
    try:
        rows = await connection.fetchval("SELECT count(*)::int FROM delivery WHERE NOT delivered")
        found: int = rows
        return found
    finally:
        await connection.close()


def test_killed_before_and_after_a_delivery(
    platform: Platform, authority: Authority, tmp_path: Path
) -> None:
    with closing(Journal(tmp_path / "journal.jsonl")) as journal:
        asyncio.run(run(platform, authority, journal))


async def run(platform: Platform, authority: Authority, journal: Journal) -> None:
    async with (
        httpx.AsyncClient(base_url=platform.url, timeout=6) as http,
        Sink(authority) as sink,
    ):
        await subscribe(platform, http, sink)
        crew = Crew(platform, http, journal)
        for _ in range(KILLS):
            for point in POINTS:
                await die_while_filing(platform, crew, point)
        await expect_whole(platform, http, crew, sink)


async def expect_whole(platform: Platform, http: httpx.AsyncClient, crew: Crew, sink: Sink) -> None:
    """Every filing's event arrived, the ones answered before a death twice."""

    async def done() -> bool:
        return len(set(sink.ids)) == len(crew.filed) and not await undelivered(platform)

    await until(done, "something did not arrive")
    dept = await department(platform, http)
    events = (await dept.get("/api/v1/events"))["events"]
    assert {event["subject"] for event in events} == set(crew.filed.values())
    assert sorted(set(sink.ids)) == sorted(event["id"] for event in events)
    again = len(sink.ids) - len(set(sink.ids))
    # Of what died on its way to the record, either is true; and beside the event whose attempt was
    # struck, others of those who file may have been answered and not recorded.
    most = WORKERS * len(POINTS) * KILLS
    assert KILLS <= again <= most, "what was answered and not recorded comes again"
