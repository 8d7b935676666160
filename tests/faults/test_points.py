"""X1: kill -9 at every named point, with whole filings under way.

0 accepted lost, 0 double effects, order kept, redeliveries seen; unknown outcomes are resolved by
sending the same request again.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kit.ids import uuid7
from tests.faults import evidence
from tests.faults.crew import WORKERS, Crew, events
from tests.faults.evidence import Strike
from tests.faults.figures import note
from tests.faults.journal import Journal
from tests.faults.test_kill import COMMUNITY, messages, until
from tests.platform import Platform

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "5"))
POINTS = [
    ("gateway", "before_forward"), ("gateway", "after_answer"),
    ("filing", "after_lock"), ("filing", "before_commit"),
    ("filing", "during_write"), ("filing", "after_commit"),
    ("filing", "after_read"), ("filing", "during_send"),
    ("filing", "before_mark"), ("filing", "during_mark"),
    ("notifications", "after_poll"), ("notifications", "before_effect_commit"),
    ("notifications", "after_effect_commit"), ("gateway", "after_effect_commit"),
    ("filing", "before_seal"), ("filing", "before_checkpoint"), ("notifications", "after_offset"),
]  # fmt: skip
"""The two points after an effect stand alone: the next life has time to write down what it saw."""
CERTAIN = {"filing.before_mark", "notifications.after_effect_commit", "gateway.after_effect_commit"}
"""Points after which something always comes twice."""
AT_START = {"filing.before_checkpoint"}
"""Passed right after a start and then once a minute: armed while the process is down."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose processes can be told where to die."""
    var = tmp_path_factory.mktemp("points") / "var"
    running = Platform.prepare(var, MINZHENG_CRASH_POINTS="1")
    with running.serving():
        yield running


def arm(platform: Platform, point: str) -> Path:
    """Tell the next process that passes to die; the file goes when it does."""
    armed = platform.var / "crash"
    armed.with_suffix(".new").write_text(point)
    armed.with_suffix(".new").rename(armed)
    return armed


async def die_while_filing(platform: Platform, crew: Crew, point: str) -> None:
    """A filing from draft to number, in the midst of which a process dies at the point."""
    await crew.sign_in()
    armed = arm(platform, point)
    filing = asyncio.create_task(crew.file())
    await until(lambda: not armed.exists(), f"nobody passes {point}")
    await filing


async def strike(platform: Platform, crew: Crew, point: str) -> Strike:
    """Arm a point and wait until a process has died there; was a request in flight?"""
    if point not in AT_START:
        await crew.sign_in()
        before = crew.answered
        await until(lambda: crew.answered > before + WORKERS, f"no work after {point}")
    armed = arm(platform, point)
    await until(lambda: not armed.exists(), f"nobody passes {point}")
    return Strike(point, time.time_ns(), crew.in_flight > 0)


async def strike_all(platform: Platform, crew: Crew) -> list[Strike]:
    """Every point so often that KILLS of each came with a request in flight; the others too."""
    strikes: list[Strike] = []
    for _ in range(KILLS):
        for point in POINTS:
            for _ in range(5):
                strikes.append(await strike(platform, crew, ".".join(point)))
                if strikes[-1].busy:
                    break
    return strikes


def test_every_point(platform: Platform, tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.jsonl")) as journal:
        asyncio.run(run(platform, journal))


async def run(platform: Platform, journal: Journal) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=6) as http:
        crew = Crew(platform, http, journal)
        await crew.sign_in()
        enough = asyncio.Event()
        work = asyncio.create_task(crew.work(enough))
        began = time.monotonic()
        try:
            strikes = await strike_all(platform, crew)
        finally:
            enough.set()
            await crew.sign_in()
            await work
        seconds = time.monotonic() - began
        busy = Counter(one.point for one in strikes if one.busy)
        assert busy == {".".join(point): KILLS for point in POINTS}, (
            "kills in idleness do not count"
        )
        again, facts = await expect_whole(platform, crew, strikes)
        note("points", kills=len(strikes), busy=busy, again=again, facts=facts,
             accepted=len(journal.accepted), unknown=journal.unknown, workers=WORKERS,
             seconds=round(seconds, 1))  # fmt: skip


async def expect_whole(
    platform: Platform, crew: Crew, strikes: Sequence[Strike]
) -> tuple[Counter[str], int]:
    """The journal against what the platform holds once it has come to rest.

    Answers the redeliveries by point and the number of facts.
    """
    await rest(platform)
    serials = sorted(int(number[-6:-1]) for number in crew.filed.values())
    assert serials == list(range(1, len(serials) + 1)), "numbers without gaps"
    assert set(crew.journal.accepted) == set(crew.filed)
    received = await messages(crew.people["resident.datong"])
    assert received == dict.fromkeys(crew.filed, 1), "one receipt each"
    assert await events(platform, crew) == sorted(crew.filed.values()), "one event each"
    records = await evidence.sent(platform)
    facts = evidence.firsts(records)
    assert evidence.order_breaks(facts) == 0
    assert await evidence.effect_breaks(platform, facts) == 0
    assert await evidence.unseen(platform) == []
    verified = platform.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    again = evidence.redelivered(platform, records, strikes)
    missed = CERTAIN - set(again)
    assert not missed, "nothing came twice: the kills missed"
    return again, len(facts)


async def rest(platform: Platform) -> None:
    """Until nothing is under way; nothing may be parked."""
    for _ in range(150):
        found = platform.status()["workloads"].values()  # type: ignore[attr-defined]
        waits = sum(row["outbox_unpublished"] + sum(row["lag"].values()) for row in found)
        if not waits:
            break
        await asyncio.sleep(0.3)
    assert [row["parked"] for row in found] == [0] * len(found)


def test_a_retry_after_the_death_gets_the_stored_answer(platform: Platform, tmp_path: Path) -> None:
    """The process dies behind its commit: the client never hears, and asks again."""

    async def ask(journal: Journal) -> None:
        async with httpx.AsyncClient(base_url=platform.url, timeout=6) as http:
            crew = Crew(platform, http, journal)
            await crew.sign_in()
            client = crew.people["resident.datong"]
            filing_id = str(uuid7())
            made = {"filingId": filing_id, "communityCode": COMMUNITY}
            armed = arm(platform, "filing.after_commit")
            first = await client.send("POST", "/api/v1/filings", filing_id, json=made)
            assert not armed.exists()
            assert journal.unknown > 0, "somebody died before the answer"
            again = await client.send("POST", "/api/v1/filings", filing_id, json=made)
            assert again == first
            connection = await platform.database("filing")
            steps = "SELECT count(*) FROM filing_step WHERE filing_id = $1"
            assert await connection.fetchval(steps, filing_id) == 1
            await connection.close()

    with closing(Journal(tmp_path / "retry.jsonl")) as journal:
        asyncio.run(ask(journal))
