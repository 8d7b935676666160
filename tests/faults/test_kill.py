"""kill -9 in mid work: what was accepted survives, and has one effect.

A small form of the fault harness: the service with its relay, and the consumer, are killed while
requests are in flight; unknown outcomes are resolved by sending the same request again.
"""

import asyncio
import itertools
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from gateway.demo.application import form
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from tests.faults.figures import note
from tests.faults.journal import Journal
from tests.platform import Platform

COMMUNITY = "460106004002"
NAME = "海口市龙华区大同街道大同里社区{}志愿服务队"
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")
WORKERS = 4
KILLS = int(os.environ.get("MINZHENG_FAULT_SUDDEN", "3"))
"""Of each process, at a moment nobody chose."""
RESIDENTS = {
    "filing": "resident.datong",
    "notifications": "resident.tianya",
    "gateway": "resident.yangpu",
}
AGAIN = (409, 429, 503, 504)
STALE = "common.stale_grants"
"""Answers that ask for the same request again: every filed organization gives its applicant a post."""
PATIENCE, PAUSE = 90.0, 0.15
"""Seconds; a process that dies often is started again after up to 10 s."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform to kill parts of."""
    running = Platform.prepare(tmp_path_factory.mktemp("faults") / "var")
    with running.serving():
        yield running


@dataclass
class Client:
    """Somebody who never gives up: the same request is sent until its outcome is known."""

    http: httpx.AsyncClient
    token: str
    journal: Journal
    in_flight: int = field(default=0)
    answered: int = field(default=0)

    async def send(self, method: str, path: str, key: str, **options: object) -> dict[str, object]:
        """The answer, once there is one."""
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key}
        last, end = "", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.in_flight += 1
            try:
                answer = await self.http.request(method, path, headers=headers, **options)  # type: ignore[arg-type]
                if answer.is_success:
                    self.answered += 1
                    return dict(answer.json())
                last = answer.text
                assert answer.status_code in AGAIN or STALE in last, last
            except httpx.TransportError as error:
                last = type(error).__name__
            finally:
                self.in_flight -= 1
            self.journal.note("unknown", key)
            await asyncio.sleep(PAUSE)
        raise AssertionError(f"no outcome of {path}: {last}")

    async def file(self, number: int, community: str = COMMUNITY, name: str = NAME) -> str:
        """One filing up to submission."""
        filing_id = str(uuid7())
        data = form(name.format(f"守望{number:04}".translate(DIGITS)), community, number, "二楼")
        made = {"filingId": filing_id, "communityCode": community, "form": data}
        await self.send("POST", "/api/v1/filings", str(uuid7()), json=made)
        for code in ("B02", "B05"):
            upload = {"content": b"%PDF-1.7\n%%EOF\n"}
            receipt = (await self.send("POST", "/api/v1/uploads", str(uuid7()), **upload))[
                "receipt"
            ]  # type: ignore[arg-type]
            path = f"/api/v1/filings/{filing_id}/materials/MATERIAL_CODE_{code}"
            await self.send("PUT", path, str(uuid7()), json={"receipt": receipt})
        self.journal.note("sent", filing_id)
        answer = await self.send(
            "POST",
            f"/api/v1/filings/{filing_id}:submit",
            str(uuid7()),
            json={"pledgeVersion": "CN-2026-01"},
        )
        filing = answer["filing"]
        assert isinstance(filing, dict)
        self.journal.note("accepted", filing_id, str(filing["applicationNo"]))
        return filing_id


def pids(platform: Platform) -> dict[str, int]:
    """Process ids by name."""
    state = json.loads((platform.var / "run" / "processes.json").read_text())
    return {row["name"]: row["pid"] for row in state["processes"]}


async def kill_while_busy(platform: Platform, client: Client, name: str, moment: float) -> None:
    """kill -9 in full work, `moment` seconds after the last kill is overcome.

    Requests are answered again and others are in flight; a kill in idleness does not count.
    Returns when the supervisor has started it again.
    """
    before = client.answered
    await until(lambda: client.answered > before + WORKERS, f"no work before {name} dies")
    await asyncio.sleep(moment)
    await until(lambda: client.in_flight > 0, "nobody asks")
    killed = pids(platform)[name]
    os.kill(killed, signal.SIGKILL)
    await until(lambda: pids(platform)[name] not in (0, killed), f"{name} stays away")


async def until(check: Callable[[], bool], otherwise: str) -> None:
    """Wait for something to become true; longer than the minute between two checkpoints."""
    end = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < end, otherwise
        await asyncio.sleep(0.005)


async def messages(client: Client) -> dict[str, int]:
    """How many receipts of submission came, by filing."""
    found: dict[str, int] = {}
    token = ""
    while True:
        query = {"page.size": "100", "page.token": token}
        page = await client.send("GET", "/api/v1/messages", str(uuid7()), params=query)
        for message in page["messages"]:  # type: ignore[attr-defined]
            if message["subject"].startswith("已收件"):
                filing_id = message["about"].rpartition("/")[2]
                found[filing_id] = found.get(filing_id, 0) + 1
        token = str(page["page"]["nextToken"])  # type: ignore[index]
        if not token:
            return found


@pytest.mark.parametrize("victim", ["filing", "notifications", "gateway"])
def test_what_was_accepted_survives(platform: Platform, tmp_path: Path, victim: str) -> None:
    asyncio.run(run(platform, Journal(tmp_path / "journal.jsonl"), victim))


async def run(platform: Platform, journal: Journal, victim: str) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=6) as http:
        client = Client(http, await token_of(platform, victim), journal)
        enough = asyncio.Event()
        work = asyncio.create_task(drive(client, enough))
        chance = random.Random(victim)
        for _ in range(KILLS):
            client.token = await token_of(platform, victim)
            await kill_while_busy(platform, client, victim, chance.uniform(0, 0.4))
        enough.set()
        filed = await work
        assert sorted(journal.accepted) == sorted(filed)
        assert len(set(journal.accepted.values())) == len(filed), "every application number once"
        received = await settled(client, len(filed))
        assert {filing_id: received.get(filing_id, 0) for filing_id in filed} == dict.fromkeys(
            filed, 1
        )
        if victim != "notifications":
            assert journal.unknown > 0, "the kills hit nothing"
        restarts = {row["name"]: row["restarts"] for row in platform.status()["processes"]}  # type: ignore[attr-defined]
        assert restarts[victim] >= KILLS
        note("random", victim=victim, kills=KILLS, accepted=len(filed), unknown=journal.unknown,
             workers=WORKERS)  # fmt: skip
        for row in platform.status()["workloads"].values():  # type: ignore[attr-defined]
            assert (row["outbox_unpublished"], row["parked"]) == (0, 0)
    journal.close()


async def token_of(platform: Platform, victim: str) -> str:
    """A fresh token: they last five minutes, a run may take longer."""
    issuer = platform.environment["MINZHENG_ISSUER"]
    return (await sign_in(issuer, RESIDENTS[victim], "demo-Minzheng-2026")).access_token


async def drive(client: Client, enough: asyncio.Event) -> list[str]:
    """Filings by several workers until it is enough; the ids of all that were begun."""
    numbers = itertools.count()

    async def worker() -> list[str]:
        filed = []
        while not enough.is_set():
            filed.append(await client.file(next(numbers)))
        return filed

    return list(itertools.chain(*await asyncio.gather(*(worker() for _ in range(WORKERS)))))


async def settled(client: Client, expected: int) -> dict[str, int]:
    """The receipts once they have all come, or after 20 s."""
    found: dict[str, int] = {}
    for _ in range(100):
        found = await messages(client)
        if len(found) >= expected:
            break
        await asyncio.sleep(0.2)
    return found
