"""M1, M2, M3: the gateway dies before it hands a message over, after it, and after the report.

Everything arrives. An SMS goes out once, for the provider keeps to the key; a mail that was taken
and not recorded comes once more for a death, under the same Message-ID.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kit.ids import uuid7
from tests.faults.crew import Crew
from tests.faults.journal import Journal
from tests.faults.test_points import die_while_filing
from tests.faults.test_webhooks import until
from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.sink import Authority

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "2"))
POINTS = ("gateway.before_handover", "gateway.after_handover", "gateway.after_report")
CONTACT = {"phone": "12000009876", "email": "crew@home.example"}
LEFT = """SELECT count(*)::int FROM dispatch WHERE state <> 'ACCEPTED'"""
BY_WAY = "SELECT channel, array_agg(dispatch_id::text) AS ids FROM dispatch GROUP BY channel"


@pytest.fixture(scope="module")
def neighbors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbors]:
    """An SMS provider and a mail server."""
    with Neighbors(Authority(tmp_path_factory.mktemp("authority"))) as running:
        yield running


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, neighbors: Neighbors) -> Iterator[Platform]:
    """A platform whose gateway can be told where to die; a claim runs out after twenty seconds."""
    running = neighbors.prepare(
        tmp_path_factory.mktemp("outward") / "var",
        MINZHENG_CRASH_POINTS="1",
        MINZHENG_OUTWARD_PATIENCE="3",
    )
    with running.serving():
        yield running


def test_killed_around_the_handing_over(
    platform: Platform, neighbors: Neighbors, tmp_path: Path
) -> None:
    with closing(Journal(tmp_path / "journal.jsonl")) as journal:
        asyncio.run(run(platform, neighbors, journal))


async def run(platform: Platform, neighbors: Neighbors, journal: Journal) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=6) as http:
        crew = Crew(platform, http, journal)
        await crew.sign_in()
        await crew.people["resident.datong"].send(
            "PUT", "/api/v1/my/contact", str(uuid7()), json={"contact": CONTACT}
        )
        for _ in range(KILLS):
            for point in POINTS:
                await die_while_filing(platform, crew, point)
        await expect_whole(platform, neighbors, crew)


async def expect_whole(platform: Platform, neighbors: Neighbors, crew: Crew) -> None:
    """Every message left by both ways; what came again came under its own id."""
    database = await platform.database("notifications")

    async def done() -> bool:
        filed = "SELECT count(*)::int FROM dispatched WHERE template LIKE 'organization_filed/%'"
        both = await database.fetchval(filed) == 2 * len(crew.filed)
        return both and not await database.fetchval(LEFT)

    await until(done, "something did not leave")
    ways = {row["channel"]: sorted(row["ids"]) for row in await database.fetch(BY_WAY)}
    await database.close()
    assert sorted(neighbors.sms.sent) == ways["SMS"], "each SMS once"
    mailed = Counter(str(mail["Message-ID"]).partition("@")[0][1:] for mail in neighbors.mail.taken)
    assert sorted(mailed) == ways["MAIL"]
    again = mailed.total() - len(mailed) + len(neighbors.sms.asked) - len(neighbors.sms.sent)
    assert again >= KILLS, "what was taken and not recorded comes again"
    deaths = KILLS * len(POINTS)
    assert max(mailed.values()) <= 1 + deaths
    # A filing has two messages outward; no more than a few can be between sending and record at once.
    assert again <= 4 * deaths
