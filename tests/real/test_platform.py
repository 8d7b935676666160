"""The platform on Kafka and Keycloak: the stories, and the bus and the sign-on taken away under load."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from kit.embedded.sign_in import SignInError
from tests.platform import Platform
from tests.stories.people import Town

STOPPED_SECONDS = float(os.environ.get("STOPPED_SECONDS", "10"))
"""How long the bus stands still; the full form is 60."""
DRAIN_SECONDS = 60.0
BACK_SECONDS = 90.0


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


def process(platform: Platform, name: str) -> dict[str, Any]:
    """A process of the platform as `minzheng status` shows it."""
    rows: Any = platform.status()["processes"]
    return dict(next(row for row in rows if row["name"] == name))


def waiting(platform: Platform) -> int:
    """Facts that have not left, have not been taken in, or are parked; -1 while that is unknown."""
    found: Any = platform.status()["workloads"]
    if any(row is None or row["lag"] is None for row in found.values()):
        return -1
    return sum(
        row["outbox_unpublished"] + row["parked"] + sum(row["lag"].values())
        for row in found.values()
    )


async def until(question: Callable[[], bool], seconds: float, complaint: str) -> None:
    """Return when the answer is yes."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(question):
        assert time.monotonic() < end, complaint
        await asyncio.sleep(0.2)


async def test_the_stories_end_as_expected(platform: Platform) -> None:
    """The same stories, compared with the same files, as on the embedded parts."""
    played = await asyncio.to_thread(platform.run, "demo")
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]
    assert played.stdout.count("符合") == 4
    await until(lambda: waiting(platform) == 0, DRAIN_SECONDS, "facts still wait")


def test_status_names_the_real_parts(platform: Platform) -> None:
    found: Any = platform.status()
    assert found["parts"] == {"events": "kafka", "sign_on": "keycloak"}
    names = {row["name"]: row for row in found["processes"]}
    assert {"kafka", "keycloak", "keys"} <= names.keys()
    assert "issuer" not in names
    assert all(row["running"] and row["pss_mb"] > 0 for row in names.values())
    assert 0 < found["pss_mb"] < 2048


async def file_until(town: Town, enough: asyncio.Event, brand: str) -> int:
    """Submit filings one after another until it is enough; any refusal fails the test."""
    number = 0
    while not enough.is_set():
        form = demo_form("", town.community, 7, "大同里社区综合服务中心三楼")
        filing_id = await town.draft(f"{brand}{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}", form)
        await town.submit(filing_id)
        number += 1
    return number


async def test_no_request_is_refused_while_the_bus_stands_still(
    platform: Platform, town: Town
) -> None:
    """X6: the broker hangs; filings go on, and afterwards all facts leave within a minute."""
    broker = process(platform, "kafka")["pid"]
    await town.person("resident.datong")
    enough = asyncio.Event()
    os.kill(broker, signal.SIGSTOP)
    try:
        load = asyncio.create_task(file_until(town, enough, "停摆"))
        await asyncio.sleep(STOPPED_SECONDS)
        stuck = await asyncio.to_thread(unpublished, platform)
    finally:
        os.kill(broker, signal.SIGCONT)
    enough.set()
    assert await load > 0
    assert stuck > 0, "the fault was missed: all facts left"
    await until(lambda: waiting(platform) == 0, DRAIN_SECONDS, "facts still wait")


def unpublished(platform: Platform) -> int:
    """Facts in the outbox of filing, asked of its database: a status would ask the broker too."""

    async def count() -> int:
        connection = await platform.database("filing")
        try:
            text = "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
            return int(await connection.fetchval(text))
        finally:
            await connection.close()

    return asyncio.run(count())


async def test_no_request_is_refused_when_the_broker_is_killed(
    platform: Platform, town: Town
) -> None:
    """X6: kill -9 under load; the supervisor starts it again and the outbox drains."""
    before = process(platform, "kafka")
    await town.person("resident.datong")
    enough = asyncio.Event()
    load = asyncio.create_task(file_until(town, enough, "断链"))
    os.kill(before["pid"], signal.SIGKILL)

    def back() -> bool:
        now = process(platform, "kafka")
        return bool(now["running"] and now["pid"] != before["pid"])

    await until(back, BACK_SECONDS, "the broker was not started again")
    enough.set()
    assert await load > 0
    await until(lambda: waiting(platform) == 0, BACK_SECONDS, "facts still wait")


async def test_logins_go_on_without_the_sign_on_and_new_ones_come_back(
    platform: Platform, town: Town
) -> None:
    """X17: Keycloak is killed; who is signed in works on, and it is started again."""
    clerk = await town.person("clerk.datong")
    await clerk.get("/api/v1/filing-inbox")
    before = process(platform, "keycloak")
    os.kill(before["pid"], signal.SIGKILL)
    with pytest.raises((SignInError, httpx.HTTPError)):
        await town.person("lead.datong")
    assert "filings" in await clerk.get("/api/v1/filing-inbox")

    async def again() -> bool:
        try:
            await town.person("lead.datong")
        except (SignInError, httpx.HTTPError):
            return False
        return True

    end = time.monotonic() + 2 * BACK_SECONDS
    while not await again():
        assert time.monotonic() < end, "nobody can sign in"
        await asyncio.sleep(0.5)
    assert process(platform, "keycloak")["pid"] != before["pid"]
