"""What everybody may know: the register and the announcements, through the public API, signed on or not."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from kit.ids import uuid7
from tests.platform import Platform
from tests.stories.people import Town, refusal

SECONDS = 30


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def look(town: Town, path: str, **query: str) -> dict[str, Any]:
    """What somebody sees who has not signed on."""
    answer = await town.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def file(town: Town, brand: str, form: dict[str, Any]) -> dict[str, Any]:
    """An organization filed by the town; answers its case."""
    filing_id = await town.draft(brand, form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    path = f"/api/v1/filings/{filing_id}"
    await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
    return dict((await lead.post(f"{path}:decide", {"agree": True}))["filing"])


async def arrived(town: Town, organization_id: str) -> dict[str, Any]:
    """The organization as the register shows it, once the fact has come."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await town.http.get(f"/api/v1/organizations/{organization_id}")
            if answer.status_code == 200:
                return dict(answer.json()["organization"])


@pytest.mark.policy("T12.1")
async def test_anybody_finds_an_organization_by_name_number_and_community(town: Town) -> None:
    """Found by name, code and community without signing on; nobody's data in any public answer."""
    form = demo_form("", town.community, 601, "大同里社区综合服务中心二楼")
    case = await file(town, "海棠晚晴", form)
    shown = await arrived(town, case["organizationId"])
    assert (shown["name"], shown["filingNo"]) == (case["form"]["name"], case["filingNo"])
    assert (shown["status"], shown["since"]) == ("ORGANIZATION_STATUS_ACTIVE", case["decidedOn"])
    path, answers = f"/api/v1/organizations/{case['organizationId']}", []
    for query in (
        {"search": "海棠晚晴"}, {"search": "晚晴志愿服务"}, {"search": case["filingNo"]},
        {"region": town.community, "search": "晚晴"}, {"region": "460106000000", "search": "棠晚"},
    ):  # fmt: skip
        answers.append(await look(town, "/api/v1/organizations", **query))
        found = [one["organizationId"] for one in answers[-1]["organizations"]]
        assert found == [case["organizationId"]], query
    elsewhere = await look(town, "/api/v1/organizations", search="晚晴", region="460107000000")
    assert elsewhere["organizations"] == []
    answers += [await look(town, path), await look(town, f"{path}/history")]
    answers.append(await look(town, path, asOf=case["decidedOn"]))
    assert [one["cause"] for one in answers[-2]["states"]] == ["REGISTER_CAUSE_FILED"]
    before = await town.http.get(path, params={"asOf": "2020-01-01"})
    assert before.status_code == 404
    everything = json.dumps(answers, ensure_ascii=False)
    resident = (await (await town.person("resident.datong")).get(f"/api/v1/filings/{case['filingId']}"))["filing"]  # fmt: skip
    persons = [*resident["form"]["principals"], *resident["form"]["members"]]
    for person in persons:
        for name in ("name", "idNumber", "phone"):
            assert not person.get(name) or person[name] not in everything, name


async def test_an_announcement_needs_two_officers_and_is_public_at_once(town: Town) -> None:
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    text = {
        "kind": "ANNOUNCEMENT_KIND_OTHER", "title": "关于夏季消防检查的公告", "body": "一、\n二、",
    }  # fmt: skip
    announcement_id = str(uuid7())
    body = {"announcementId": announcement_id, "text": text}
    path = f"/api/v1/announcements/{announcement_id}"
    await clerk.post("/api/v1/announcements", body)
    assert (await town.http.get(path)).status_code == 404
    assert await refusal(clerk.post(f"{path}:publish")) == (403, "common.no_function")
    assert await refusal(lead.post("/api/v1/announcements", body | {"announcementId": str(uuid7())})) == (403, "common.no_function")  # fmt: skip
    sibling = await town.person("lead.tianya")
    assert (await refusal(sibling.post(f"{path}:publish")))[0] == 404
    waiting = (await lead.get("/api/v1/announcement-drafts"))["announcements"]
    assert announcement_id in [one["announcementId"] for one in waiting]
    await lead.post(f"{path}:publish")
    shown = (await look(town, path))["announcement"]
    assert (shown["text"], shown["state"]) == (text, "ANNOUNCEMENT_STATE_PUBLISHED")
    listed = await look(town, "/api/v1/announcements", region="460106000000")
    assert announcement_id in [one["announcementId"] for one in listed["announcements"]]
    await lead.post(f"{path}:withdraw", {"reason": "检查改期"})
    gone = (await look(town, path))["announcement"]
    assert (gone["text"]["body"], gone["reason"]) == ("", "检查改期")
