"""Keys change while people write: nothing is refused, everything comes under the new key, the old one goes."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from kit.ids import uuid7
from tests.faults.replicas import WORKLOADS
from tests.filing.builders import synthetic_id
from tests.platform import Platform
from tests.stories.people import Town

WRITERS = 10
EVERY = 0.5
"""Seconds between two writes of a writer: 20 a second in all, beside other tests."""
ROW = re.compile(r"│ (\w+): ([\w.]+)\s+│ (\d+)\s+│ (\d+)\s+│ (\d+)")


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


@dataclass
class Writers:
    """People who save their drafts and contacts and read them back, all the time."""

    resident: Person
    drafts: list[str]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    writes: int = 0
    failures: list[str] = field(default_factory=list)

    async def write(self, number: int) -> None:
        """One writer, from now until `stop`."""
        due = time.monotonic() + number * EVERY / WRITERS
        while not self.stop.is_set():
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += EVERY
            try:
                await self.save(number, self.writes)
                self.writes += 1
            except Exception as error:
                self.failures.append(f"{type(error).__name__} {error}")

    async def save(self, number: int, phone: int) -> None:
        """A draft with its persons, or the account's contact."""
        if number == 0:
            contact = {"phone": f"1200555{phone % 10_000:04}"}
            await self.resident.put("/api/v1/my/contact", {"contact": contact})
            return
        path = f"/api/v1/filings/{self.drafts[number - 1]}"
        form = demo_form("", "460106004002", 1, "二楼")
        form["principals"][0] |= {"idNumber": synthetic_id(phone % 1000)}
        await self.resident.put(f"{path}/form", form)
        shown = (await self.resident.get(path))["filing"]["form"]["principals"][0]["idNumber"]
        assert shown == form["principals"][0]["idNumber"]


@asynccontextmanager
async def writing(town: Town) -> AsyncIterator[Writers]:
    """Writers at work."""
    resident = await town.person("resident.datong")
    drafts = [str(uuid7()) for _ in range(WRITERS - 1)]
    for filing_id in drafts:
        body = {"filingId": filing_id, "communityCode": town.community}
        await resident.post("/api/v1/filings", body)
    writers = Writers(resident, drafts)
    tasks = [asyncio.create_task(writers.write(number)) for number in range(WRITERS)]
    yield writers
    writers.stop.set()
    await asyncio.gather(*tasks)


async def keys(platform: Platform, *arguments: str, ends: int = 0) -> str:
    """`minzheng keys`, beside the writers."""
    told = await asyncio.to_thread(platform.run, "keys", *arguments)
    assert told.returncode == ends, (arguments, told.stdout, told.stderr)
    return told.stdout + told.stderr


async def values(platform: Platform) -> dict[tuple[str, int], tuple[int, int]]:
    """(values, rows waiting) by (column, key id), as `minzheng keys status` prints it."""
    rows = ROW.findall(await keys(platform, "status"))
    return {(f"{name}.{column}", int(n)): (int(v), int(w)) for name, column, n, v, w in rows}


async def patiently(platform: Platform, *arguments: str) -> None:
    """A retirement, asked for until the new key has been in use long enough."""
    async with asyncio.timeout(60):
        while True:
            told = await asyncio.to_thread(
                platform.run, "keys", "retire", *arguments, "--settled", "5"
            )
            if told.returncode == 0:
                return
            assert "not been in use long enough" in told.stderr, told.stderr


async def test_keys_are_changed_under_load(platform: Platform, town: Town) -> None:
    async with writing(town) as writers:
        old = await a_withdrawal(town)
        for kind in ("field", "index", "audit"):
            await keys(platform, "rotate", kind)
        await patiently(platform, "field", "1")
        at_retirement = writers.writes
        assert await a_withdrawal(town, old) == old, "an answer from before"
        needed = await keys(platform, "retire", "index", "1", "--settled", "0", ends=1)
        assert "need it" in needed, "answered requests do, for a week"
        await a_week_passes(platform)
        await patiently(platform, "index", "1")
        found = await all_new(platform)
    assert writers.failures == []
    assert writers.writes > at_retirement > 50
    assert {waiting for _, waiting in found.values()} == {0}
    assert found["filing.filing.persons", 2][0] >= WRITERS - 1
    assert found["notifications.contact.phone_cell", 2][0] >= 1
    left = [f.name for f in (platform.var / "secrets").glob("*_key_1")]
    assert left == ["audit_key_1"], "the rows it signed are never written again"
    await everything_is_read(writers)
    verified = await asyncio.to_thread(platform.run, "audit", "verify", "all")
    assert verified.returncode == 0, verified.stdout


async def all_new(platform: Platform) -> dict[tuple[str, int], tuple[int, int]]:
    """The counts, once the values of the retired index key are gone too."""
    async with asyncio.timeout(60):
        while True:
            await asyncio.to_thread(platform.run, "keys", "reseal")
            found = await values(platform)
            if {key_id for _, key_id in found} == {2}:
                return found


async def everything_is_read(writers: Writers) -> None:
    """Every draft and the contact open."""
    for filing_id in writers.drafts:
        shown = await writers.resident.get(f"/api/v1/filings/{filing_id}")
        assert shown["filing"]["form"]["principals"][0]["idNumber"].startswith("4699")
    contact = (await writers.resident.get("/api/v1/my/contact"))["contact"]
    assert contact["phone"].startswith("1200555")


async def a_withdrawal(
    town: Town, before: tuple[str, str, Any] | None = None
) -> tuple[str, str, Any]:
    """A draft withdrawn: (its id, the key of the request, the answer); the same request again."""
    resident = await town.person("resident.datong")
    filing_id, key = (before or (str(uuid7()), str(uuid7()), None))[:2]
    if before is None:
        body = {"filingId": filing_id, "communityCode": town.community}
        await resident.post("/api/v1/filings", body)
    answer = await town.http.post(
        f"/api/v1/filings/{filing_id}:withdraw",
        json={},
        headers={"authorization": f"Bearer {resident.token}", "idempotency-key": key},
    )
    assert answer.status_code == 200, answer.text
    return filing_id, key, answer.json()


async def a_week_passes(platform: Platform) -> None:
    """Requests answered under the old index key are forgotten, as retention does."""
    for workload in WORKLOADS:
        database = await platform.database(workload)
        await database.execute("DELETE FROM kit.request WHERE get_byte(digest, 0) = 1")
        await database.close()
