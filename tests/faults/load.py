"""A mixed load at a steady pace: filings that succeed, are corrected, are withdrawn; contact details.

Every write is noted in the client's journal when it is accepted; what the platform holds in the end
is compared with that and with lives of the same kind that nobody disturbed.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.demo.stories import MATERIALS
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from tests.faults.crew import Crew
from tests.faults.journal import Journal
from tests.faults.test_kill import Client
from tests.platform import Platform

KINDS = {"accept": 5, "correct": 2, "withdraw": 2}
"""Kinds of lives and how often they are chosen."""
CORRESPONDENT = "resident.yacha"
SIGN_IN_SECONDS = 100.0
"""Tokens last five minutes."""


@dataclass(frozen=True)
class Town:
    """Who acts for a community, and what its organizations are called."""

    community: str
    name: str
    place: str
    village: str

    @property
    def people(self) -> tuple[str, str, str, str]:
        """Resident, village, clerk, lead."""
        place = self.place
        return f"resident.{place}", f"village.{self.village}", f"clerk.{place}", f"lead.{place}"


TOWNS = (
    Town("460106004002", "海口市龙华区大同街道大同里社区{}志愿服务队", "datong", "datongli"),
    Town("460400499001", "洋浦经济开发区南便社区{}志愿服务队", "yangpu", "yangpu"),
    Town("460204198005", "三亚市天涯区朝阳社区{}志愿服务队", "tianya", "tianya"),
)


class Pace:
    """At most so many turns a second, evenly."""

    def __init__(self, rate: float) -> None:
        self.gap = 1 / rate
        self.next = time.monotonic()

    async def turn(self) -> None:
        """Return when it is time; a turn missed is not made up for."""
        now = time.monotonic()
        at = self.next = max(now, self.next + self.gap)
        await asyncio.sleep(at - now)


@dataclass
class PacedClient(Client):
    """Sends by turns, and notes every write that was accepted."""

    pace: Pace | None = None

    async def send(self, method: str, path: str, key: str, **options: object) -> dict[str, object]:
        """The answer, once there is one."""
        if self.pace and method != "GET":
            await self.pace.turn()
        answer = await super().send(method, path, key, **options)
        if method != "GET":
            self.journal.note("write", key, path)
        return answer


class Load(Crew):
    """Lives of several kinds, chosen by chance, `workers` at once."""

    def __init__(
        self, platform: Platform, http: httpx.AsyncClient, journal: Journal, rate: float
    ) -> None:
        super().__init__(platform, http, journal)
        self.pace = Pace(rate)
        self.kinds: dict[str, str] = {}
        self.contact = 0

    async def sign_in(self) -> None:
        """Everybody anew: tokens are short."""
        issuer = self.platform.environment["MINZHENG_ISSUER"]
        people = [name for town in TOWNS for name in town.people]
        for name in (*people, CORRESPONDENT):
            token = (await sign_in(issuer, name, "demo-Minzheng-2026")).access_token
            if name in self.people:
                self.people[name].token = token
            else:
                self.people[name] = PacedClient(self.http, token, self.journal, pace=self.pace)

    async def keep_signed_in(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SIGN_IN_SECONDS)
            await self.sign_in()

    async def live(self, kind: str, town: Town = TOWNS[0]) -> str:
        """One life from the draft to its end; answers the filing."""
        resident, village, clerk, lead = town.people
        applicant = self.people[resident]
        filing_id = await applicant.file(next(self.numbers), town.community, town.name)
        self.kinds[filing_id] = kind
        path = f"/api/v1/filings/{filing_id}"
        if kind == "withdraw":
            await self._post(resident, f"{path}:withdraw", {})
            return filing_id
        await self._post(village, f"{path}:giveOpinion", {"opinion": "VILLAGE_OPINION_AGREE"})
        if kind == "correct":
            await self.mark(clerk, path, B05="UNREADABLE")
            await self._post(clerk, f"{path}:returnForCorrection", {})
            await self.supply(applicant, path, "B05")
            await self._post(resident, f"{path}:resubmit", {})
        await self.mark(clerk, path)
        await self._post(clerk, f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
        answer = await self._post(lead, f"{path}:decide", {"agree": True})
        self.filed[filing_id] = answer["filing"]["filingNo"]
        return filing_id

    async def mark(self, clerk: str, path: str, **findings: str) -> None:
        """The clerk marks every material; those not named are present."""
        body = [
            {
                "code": f"MATERIAL_CODE_{code}",
                "completeness": f"COMPLETENESS_{findings.get(code, 'PRESENT')}",
            }
            for code in MATERIALS
        ]
        await self._post(clerk, f"{path}:markCompleteness", {"findings": body})

    async def supply(self, applicant: Client, path: str, code: str) -> None:
        """Upload a file and attach it."""
        content: Any = {"content": b"%PDF-1.7\n%%EOF\n"}
        sent = await applicant.send("POST", "/api/v1/uploads", str(uuid7()), **content)
        place, body = f"{path}/materials/MATERIAL_CODE_{code}", {"receipt": sent["receipt"]}
        await applicant.send("PUT", place, str(uuid7()), json=body)

    async def correspond(self, enough: asyncio.Event) -> None:
        """Somebody changes their contact details again and again, each time upon the last version."""
        person = self.people[CORRESPONDENT]
        while not enough.is_set():
            body = {"version": self.contact, "contact": contact(self.contact + 1)}
            await person.send("PUT", "/api/v1/my/contact", str(uuid7()), json=body)
            self.contact += 1
            await asyncio.sleep(0.5)

    async def drive(self, chance: random.Random, workers: int, enough: asyncio.Event) -> None:
        """Lives until it is enough; what was begun is finished."""

        async def worker() -> None:
            while not enough.is_set():
                kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
                await self.live(kind, chance.choice(TOWNS))

        await asyncio.gather(self.correspond(enough), *(worker() for _ in range(workers)))


def contact(number: int) -> dict[str, str]:
    """Contact details of a synthetic person, different each time."""
    return {"name": "符测试", "phone": f"1200000{number % 10_000:04}"}
