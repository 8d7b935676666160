"""X1: kill -9 at every named point, five times each, with whole filings under way.

0 accepted lost, 0 double effects, order kept, redeliveries seen; unknown outcomes are resolved by
sending the same request again.
"""

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.demo.stories import MATERIALS
from kit.embedded.sign_in import client_token, sign_in
from kit.ids import uuid7
from tests.faults.journal import Journal
from tests.faults.test_kill import Client, messages
from tests.platform import Platform

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "5"))
WORKERS = 4
POINTS = [
    ("gateway", "before_forward"), ("gateway", "after_answer"),
    ("filing", "after_lock"), ("filing", "before_commit"),
    ("filing", "during_write"), ("filing", "after_commit"),
    ("filing", "after_read"), ("filing", "during_send"),
    ("filing", "before_mark"), ("filing", "during_mark"),
    ("notifications", "after_poll"), ("notifications", "before_effect_commit"),
    ("notifications", "after_effect_commit"), ("notifications", "after_offset"),
    ("gateway", "after_effect_commit"),
    ("filing", "before_seal"), ("filing", "before_checkpoint"),
]  # fmt: skip


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose processes can be told where to die."""
    var = tmp_path_factory.mktemp("points") / "var"
    running = Platform.prepare(var, MINZHENG_CRASH_POINTS="1")
    running.start()
    yield running
    assert running.stop() == 0


class Crew:
    """The people of a street who file and decide without end."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient, journal: Journal) -> None:
        self.platform = platform
        self.http = http
        self.journal = journal
        self.people: dict[str, Client] = {}
        self.numbers = itertools.count()
        self.filed: dict[str, str] = {}

    async def sign_in(self) -> None:
        """Everybody anew: tokens are short."""
        issuer = self.platform.environment["MINZHENG_ISSUER"]
        for name in ("resident.datong", "village.datongli", "clerk.datong", "lead.datong"):
            token = (await sign_in(issuer, name, "demo-Minzheng-2026")).access_token
            if name in self.people:
                self.people[name].token = token
            else:
                self.people[name] = Client(self.http, token, self.journal)

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return sum(client.in_flight for client in self.people.values())

    async def file(self) -> None:
        """One filing from the draft to its number."""
        filing_id = await self.people["resident.datong"].file(next(self.numbers))
        path = f"/api/v1/filings/{filing_id}"
        findings = [
            {"code": f"MATERIAL_CODE_{code}", "completeness": "COMPLETENESS_PRESENT"}
            for code in MATERIALS
        ]
        await self._post("village.datongli", f"{path}:giveOpinion",
                         {"opinion": "VILLAGE_OPINION_AGREE"})  # fmt: skip
        await self._post("clerk.datong", f"{path}:markCompleteness", {"findings": findings})
        await self._post("clerk.datong", f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
        answer = await self._post("lead.datong", f"{path}:decide", {"agree": True})
        self.filed[filing_id] = answer["filing"]["filingNo"]

    async def _post(self, name: str, path: str, body: dict[str, Any]) -> Any:
        return await self.people[name].send("POST", path, str(uuid7()), json=body)

    async def work(self, enough: asyncio.Event) -> None:
        """Until it is enough; what was begun is finished."""

        async def worker() -> None:
            while not enough.is_set():
                await self.file()

        await asyncio.gather(*(worker() for _ in range(WORKERS)))


async def strike(
    platform: Platform, crew: Crew, point: tuple[str, str], work: "asyncio.Task[None]"
) -> bool:
    """Arm a point and wait until a process has died there; was a request in flight?"""
    armed = platform.var / "crash"
    armed.with_suffix(".new").write_text(".".join(point))
    armed.with_suffix(".new").rename(armed)
    for _ in range(4000):
        if not armed.exists():
            return crew.in_flight > 0
        if work.done():
            work.result()
        await asyncio.sleep(0.005)
    raise AssertionError(f"nobody passes {point}")


def test_every_point(platform: Platform, tmp_path: Path) -> None:
    asyncio.run(run(platform, Journal(tmp_path / "journal.jsonl")))


async def run(platform: Platform, journal: Journal) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=6) as http:
        crew = Crew(platform, http, journal)
        await crew.sign_in()
        enough = asyncio.Event()
        work = asyncio.create_task(crew.work(enough))
        busy = 0
        for number, point in enumerate(itertools.chain(*[POINTS] * KILLS)):
            if number % len(POINTS) == 0 and number:
                await crew.sign_in()
            busy += await strike(platform, crew, point, work)
        enough.set()
        await crew.sign_in()
        await work
        assert busy > len(POINTS) * KILLS * 0.5, "kills in idleness do not count"
        await expect_whole(platform, crew)
    journal.close()


async def expect_whole(platform: Platform, crew: Crew) -> None:
    """The journal against what the platform holds once it has come to rest."""
    for _ in range(150):
        found = platform.status()["workloads"].values()  # type: ignore[attr-defined]
        waits = sum(row["outbox_unpublished"] + sum(row["lag"].values()) for row in found)
        if not waits:
            break
        await asyncio.sleep(0.3)
    assert [row["parked"] for row in found] == [0] * len(found)
    serials = sorted(int(number[-6:-1]) for number in crew.filed.values())
    assert serials == list(range(1, len(serials) + 1)), "numbers without gaps"
    assert set(crew.journal.accepted) == set(crew.filed)
    received = await messages(crew.people["resident.datong"])
    assert received == dict.fromkeys(crew.filed, 1), "one receipt each"
    assert await events(platform, crew) == sorted(crew.filed.values()), "one event each"
    verified = platform.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    assert duplicates(platform) > 0, "nothing came twice: the kills missed"


async def events(platform: Platform, crew: Crew) -> list[str]:
    """Filing numbers in the department's feed."""
    issuer = platform.environment["MINZHENG_ISSUER"]
    token = await client_token(issuer, "dept-social-work", "demo-only-dept-social-work")
    department = Client(crew.http, token, crew.journal)
    found: list[str] = []
    after = ""
    while True:
        query = {"after": after} if after else {}
        page: Any = await department.send("GET", "/api/v1/events", str(uuid7()), params=query)
        found += [event["subject"] for event in page["events"]]
        if not page["events"]:
            return sorted(found)
        after = page["cursor"]


def duplicates(platform: Platform) -> int:
    """Facts that came a second time and had no effect, by the traces."""
    traces = (platform.var / "traces").glob("*.jsonl")
    return sum(file.read_text(errors="replace").count('"duplicate"') for file in traces)
