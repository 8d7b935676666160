"""People at a platform's public API, and the calendar they live by."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.demo.client import PASSWORD, Person, Refused
from gateway.demo.stories import MATERIALS
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from tests.platform import Platform

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Town:
    """Who acts for one filing authority and its community."""

    platform: Platform
    http: httpx.AsyncClient
    community: str = "460106004002"
    name: str = "海口市龙华区大同街道大同里社区{}志愿服务队"
    _known: dict[str, Person] = field(default_factory=dict)

    async def person(self, username: str) -> Person:
        """Somebody of the demo realm, signed in."""
        if username not in self._known:
            issuer = self.platform.environment["MINZHENG_ISSUER"]
            tokens = await sign_in(issuer, username, PASSWORD)
            self._known[username] = Person(username, self.http, tokens.access_token)
        return self._known[username]

    async def sign_in_again(self, username: str) -> Person:
        """The same person with a fresh token: they last five minutes."""
        self._known.pop(username, None)
        return await self.person(username)

    def advance(self, days: int) -> None:
        """Move the business clock on; everybody signs in again."""
        moved = self.platform.run("clock", "advance", str(days))
        assert moved.returncode == 0, moved.stderr
        self._known.clear()

    async def draft(self, brand: str, form: dict[str, Any]) -> str:
        """A complete draft of the resident."""
        resident = await self.person("resident.datong")
        filing_id = str(uuid7())
        await resident.post(
            "/api/v1/filings", {"filingId": filing_id, "communityCode": self.community}
        )
        await resident.put(
            f"/api/v1/filings/{filing_id}/form", form | {"name": self.name.format(brand)}
        )
        for code in ("B02", "B05"):
            receipt = await resident.upload(PDF, "application/pdf")
            await resident.put(
                f"/api/v1/filings/{filing_id}/materials/MATERIAL_CODE_{code}", {"receipt": receipt}
            )
        return filing_id

    async def submit(self, filing_id: str) -> dict[str, Any]:
        """收件 with the pledge in force."""
        resident = await self.person("resident.datong")
        pledge = await resident.get("/api/v1/filing-pledge")
        body = {"pledgeVersion": pledge["version"]}
        return dict((await resident.post(f"/api/v1/filings/{filing_id}:submit", body))["filing"])

    async def reviewed(self, filing_id: str) -> None:
        """The village agrees, the clerk finds everything present."""
        village = await self.person("village.datongli")
        opinion = {"opinion": "VILLAGE_OPINION_AGREE"}
        await village.post(f"/api/v1/filings/{filing_id}:giveOpinion", opinion)
        findings = [
            {"code": f"MATERIAL_CODE_{code}", "completeness": "COMPLETENESS_PRESENT"}
            for code in MATERIALS
        ]
        clerk = await self.person("clerk.datong")
        await clerk.post(f"/api/v1/filings/{filing_id}:markCompleteness", {"findings": findings})


async def refusal(call: Any) -> tuple[int, str]:
    """Status and code of a call that must be refused."""
    try:
        await call
    except Refused as refused:
        return refused.status, str(refused.problem["code"])
    raise AssertionError("the call was allowed")
