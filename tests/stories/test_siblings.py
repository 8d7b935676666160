"""A sibling county, street or community sees nothing: lists, search, history, guidance, files, feed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from kit.access import may_call
from kit.contracts import Rpc, rpcs
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.access.expected import SITUATIONS, Situation
from tests.platform import Platform
from tests.stories.people import Town
from tests.stories.posts import posts
from tests.stories.test_access import OFFICES

OFFICIAL = "party.tianya", "8d7faaa6-3ebf-5e34-b260-9f29ef45261e"
WHERE = {where.name: where for where in SITUATIONS}
NEAR = {
    "TOWN_CLERK": "a sibling street",
    "TOWN_LEAD": "a sibling street",
    "VILLAGE": "a sibling community",
}
"""Besides the sibling county: their own level within the same county."""
PLAIN = (
    "/api/v1/filings", "/api/v1/filing-inbox", "/api/v1/filing-inbox?mine=true",
    "/api/v1/my/filings", "/api/v1/messages", "/api/v1/my/contact", "/api/v1/my/posts",
    "/api/v1/posts", "/api/v1/posts?region=460106000000", "/api/v1/events",
    "/api/v1/events?region=460106000000", "/api/v1/organizations/snapshot",
    "/api/v1/organizations/snapshot?region=460106000000",
    "/api/v1/filing-rules?regionCode=460106000000",
    "/api/v1/filing-rules/FIL.NOTICE_DAYS/settings?regionCode=460106000000",
    "/api/v1/filing-guide?regionCode=460106004002",
    "/api/v1/filing-tracking?applicationNo=SB0&code=0000-0000-0000",
    "/api/v1/filing-guide/assessment?regionCode=460106004002&form=SOCIAL_BODY",
    "/api/v1/filing-pledge", "/api/v1/post-imports", "/api/v1/subscriptions",
    "/api/v1/dispatches", "/api/v1/announcement-drafts",
    "/api/v1/accounts/somebody/sessions", "/api/v1/sign-on-policy",
    "/api/v1/filing-exports", "/api/v1/filing-exports/{other}", "/api/v1/filing-exports/{other}/file",
    *(f"/api/v1/operations/filing/{what}" for what in ("status", "parked", "audit", "audit-checks")),
)  # fmt: skip
OF_A_CASE = (
    "", "/history", "/guidance", "/rules", "/letters", "/letters/{other}/file", "/tracking-code",
    "/violations", "/objections/{other}", "/materials/MATERIAL_CODE_B02",
)  # fmt: skip


@dataclass
class Planted:
    """Two cases of 大同街道, one filed, one open, and what must not be seen of them."""

    cases: list[dict[str, Any]]
    needles: list[str]

    def paths(self) -> Iterator[str]:
        """Every way to ask."""
        yield from (path.format(other=uuid7()) for path in PLAIN)
        for case in self.cases:
            for end in OF_A_CASE:
                yield f"/api/v1/filings/{case['filingId']}" + end.format(other=uuid7())
            number = case["applicationNo"]
            yield f"/api/v1/filing-tracking?applicationNo={number}&code=0000-0000-0000"
            for known in ("applicationNo", "filingNo", "brand"):
                yield f"/api/v1/filings?search={case.get(known, '无此编号')}"
            for material in case["materials"]:
                yield f"/api/v1/files/{material['fileId']}"


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def plant(town: Town) -> Planted:
    """Through the review; the first is filed, a comment of the county on each."""
    cases, needles = [], []
    for number, brand in enumerate(("银雀晨光", "银雀晚照"), 700):
        form = demo_form("", town.community, number, "大同里社区综合服务中心五楼")
        filing_id = await town.draft(brand, form)
        await town.submit(filing_id)
        await town.reviewed(filing_id)
        path = f"/api/v1/filings/{filing_id}"
        county = await town.person("county-clerk.longhua")
        await county.post(f"{path}/guidance", {"guidanceId": str(uuid7()), "text": f"{brand}指导"})
        clerk = await town.person("clerk.datong")
        if not cases:
            lead = await town.person("lead.datong")
            await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
            await lead.post(f"{path}:decide", {"agree": True})
        case = (await clerk.get(path))["filing"] | {"brand": brand}
        person = form["principals"][0]
        needles += [brand, person["name"], person["idNumber"], person["phone"]]
        needles += [
            case["organizationId"],
            case["applicationNo"],
            *filter(None, [case.get("filingNo")]),
        ]
        cases.append(case)
    return Planted(cases, needles)


async def seen(planted: Planted, person: Person, header: dict[str, str]) -> list[tuple[str, str]]:
    """(path, needle) of whatever comes back that was not sent."""
    found = []
    headers = {"authorization": f"Bearer {person.token}"} | header
    for path in planted.paths():
        answer = await person.http.get(path, headers=headers)
        assert answer.status_code < 500, (path, answer.text)
        found += [(path, n) for n in planted.needles if n in answer.text and n not in path]
    return found


async def arrived(town: Town, planted: Planted, header: dict[str, str]) -> None:
    """The filed organization stands in the feed of a department of its own county."""
    person = await town.person(OFFICIAL[0])
    headers = {"authorization": f"Bearer {person.token}"} | header
    async with asyncio.timeout(30):
        while True:
            answer = await town.http.get("/api/v1/organizations/snapshot", headers=headers)
            if planted.cases[0]["organizationId"] in answer.text:
                return


def public(rpc: Rpc) -> bool:
    """Everybody may read it without signing on: `test_register.py` looks at what it shows."""
    asks_for_nothing_kept = rpc.name in ("CheckName", "GetPledgeText", "VerifyDocument")
    return asks_for_nothing_kept or (rpc.workload == "supervision" and may_call(rpc.access, Role.ANONYMOUS))  # fmt: skip


def test_every_reading_route_is_asked() -> None:
    """Single subscriptions are asked for by strangers in `test_departments.py`."""
    asked = " ".join([*PLAIN, "/api/v1/filings/{filing_id}", *OF_A_CASE])
    asked = asked.replace("letters/{other}", "letters/{letter_id}")
    asked = asked.replace("exports/{other}", "exports/{export_id}")
    asked = asked.replace("MATERIAL_CODE_B02", "{code}")
    asked = asked.replace("{other}", "{objection_id}")
    for rpc in rpcs():
        for route in rpc.routes:
            if route.pattern and route.pattern.field == "get" and not public(rpc):
                end = str(route.pattern.value).removeprefix("/api/v1/filings/{filing_id}")
                if end.startswith("/api/v1/subscriptions/"):
                    continue
                end = end.replace("{key}", "FIL.NOTICE_DAYS").replace("{workload}", "filing")
                end = end.replace("{account}", "somebody")
                assert end in asked, rpc.name


async def test_siblings_see_nothing(town: Town, platform: Platform) -> None:
    planted = await plant(town)
    county, here = WHERE["a sibling county"], WHERE["the county"]
    wanted: list[tuple[str, Situation]] = [(role, county) for role in OFFICES]
    wanted += [(role, WHERE[name]) for role, name in NEAR.items()]
    official = await town.person(OFFICIAL[0])
    async with posts(platform, OFFICIAL[1], [*wanted, ("DEPT", here), ("AUDITOR", here)]) as held:
        await arrived(town, planted, held.header("DEPT", here))
        for role, where in wanted:
            leaks = await seen(planted, official, held.header(role, where))
            assert leaks == [], (role, where.name)
        assert await seen(planted, official, {"minzheng-post": "self"}) == []
        own = {
            path.partition("?")[0]
            for path, _ in await seen(planted, official, held.header("AUDITOR", here))
        }
        own |= {
            path.partition("?")[0]
            for path, _ in await seen(planted, official, held.header("DEPT", here))
        }
    case = f"/api/v1/filings/{planted.cases[0]['filingId']}"
    feed = {"/api/v1/events", "/api/v1/organizations/snapshot"}
    assert {"/api/v1/filings", case, f"{case}/guidance", *feed} <= own, "who may see it does"
