"""People of a street who file and decide without end, and whose requests are sent until answered."""

import asyncio
import itertools
from typing import Any

import httpx

from gateway.demo.stories import MATERIALS
from kit.embedded.sign_in import client_token, sign_in
from kit.ids import uuid7
from tests.faults.journal import Journal
from tests.faults.test_kill import Client
from tests.platform import Platform

WORKERS = 4


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

    @property
    def answered(self) -> int:
        """Requests that were done."""
        return sum(client.answered for client in self.people.values())

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
