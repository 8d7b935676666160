"""Duties of the policy, checked through the public API as `docs/policy.md` quotes them."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Refused
from kit.ids import uuid7
from tests.platform import Platform
from tests.stories.people import Town, refusal

GROUNDS = {"EXCLUDED_BODY", "DUPLICATE_NAME", "PROHIBITED", "FOR_PROFIT", "NOT_COMMUNITY"}


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


@pytest.fixture
def form() -> dict[str, Any]:
    """A complete form."""
    return demo_form("", "460106004002", 7, "大同里社区综合服务中心三楼")


def choices(document: dict[str, Any], name: str, prefix: str) -> set[str]:
    """What the published API lets a person choose from."""
    schemas = document["components"]["schemas"]
    (found,) = [schema for key, schema in schemas.items() if key.rpartition(".")[2] == name]
    return {value.removeprefix(prefix) for value in found["enum"]} - {"UNSPECIFIED"}


@pytest.mark.policy("T11.2")
async def test_a_filing_is_classified_on_four_dimensions_by_its_own_authority(
    town: Town, form: dict[str, Any]
) -> None:
    """Each filing has all four; the authority follows from the community, nobody chooses it."""
    for missing, field in (
        ("targetGroups", "form.targetGroups"),
        ("activityScope", "form.activityScope"),
        ("members", "form.members"),
    ):
        without = {name: value for name, value in form.items() if name != missing}
        filing_id = await town.draft("缺项", without)
        with pytest.raises(Refused) as refused:
            await town.submit(filing_id)
        fields = {v["field"] for v in refused.value.problem["violations"]}
        assert field in fields
    filing = await town.submit(await town.draft("四维", form))
    assert filing["sizeClass"] == "SIZE_CLASS_SMALL"
    assert filing["form"]["activityScope"] == "ACTIVITY_SCOPE_COMMUNITY"
    assert filing["memberMix"] == "MEMBER_MIX_RESIDENTS"
    assert filing["form"]["targetGroups"]
    assert filing["authority"]["code"] == "460106004000"
    resident = await town.person("resident.datong")
    chosen = {
        "filingId": str(uuid7()),
        "communityCode": town.community,
        "authorityCode": "460107000000",
    }
    assert (await refusal(resident.post("/api/v1/filings", chosen)))[0] == 400


@pytest.mark.policy("T11.3")
async def test_the_county_comments_and_cannot_decide_in_place_of_the_township(
    town: Town, form: dict[str, Any]
) -> None:
    """County view of township filings, guidance note, no approval."""
    filing_id = await town.draft("指导", form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    county = await town.person("county-clerk.longhua")
    listed = (await county.get("/api/v1/filings", search="指导志愿"))["filings"]
    assert [line["filingId"] for line in listed] == [filing_id]
    comment = {"guidanceId": str(uuid7()), "text": "请核对章程中的党建条款"}
    await county.post(f"/api/v1/filings/{filing_id}/guidance", comment)
    clerk = await town.person("clerk.datong")
    read = (await clerk.get(f"/api/v1/filings/{filing_id}/guidance"))["guidance"]
    assert [item["text"] for item in read] == ["请核对章程中的党建条款"]
    for who in ("county-clerk.longhua", "county-review.longhua", "county-approve.longhua"):
        officer = await town.person(who)
        propose = officer.post(
            f"/api/v1/filings/{filing_id}:proposeDecision", {"decision": "DECISION_ACCEPT"}
        )
        assert await refusal(propose) == (403, "common.no_function")
        decide = officer.post(f"/api/v1/filings/{filing_id}:decide", {"agree": True})
        assert await refusal(decide) == (403, "common.no_function")
    sibling = await town.person("county-clerk.tianya")
    other = {"guidanceId": str(uuid7()), "text": "外县"}
    assert (await refusal(sibling.post(f"/api/v1/filings/{filing_id}/guidance", other)))[0] == 404


@pytest.mark.policy("T11.4")
async def test_the_review_looks_at_completeness_only(town: Town, form: dict[str, Any]) -> None:
    """Present, absent, unreadable; no ground beside completeness and the listed refusals."""
    document = (await town.http.get("/api/openapi.json")).json()
    marks = choices(document, "Completeness", "COMPLETENESS_")
    assert marks == {"PRESENT", "ABSENT", "UNREADABLE"}
    assert choices(document, "RefusalGround", "REFUSAL_GROUND_") == GROUNDS
    filing_id = await town.draft("完整", form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    clerk = await town.person("clerk.datong")
    path = f"/api/v1/filings/{filing_id}"
    merits = {"findings": [{"code": "MATERIAL_CODE_B02", "completeness": "COMPLETENESS_UNTRUE"}]}
    assert (await refusal(clerk.post(f"{path}:markCompleteness", merits)))[0] == 400
    without = {"decision": "DECISION_REFUSE", "grounds": [], "reason": "材料不真实"}
    assert await refusal(clerk.post(f"{path}:proposeDecision", without)) == (
        422,
        "filing.refusal_ground",
    )
    listed = without | {"grounds": ["REFUSAL_GROUND_FOR_PROFIT"], "reason": "以营利为目的"}
    await clerk.post(f"{path}:proposeDecision", listed)
    lead = await town.person("lead.datong")
    refused = (await lead.post(f"{path}:decide", {"agree": True}))["filing"]
    assert (refused["state"], refused["refusalGrounds"]) == (
        "FILING_STATE_REFUSED",
        ["REFUSAL_GROUND_FOR_PROFIT"],
    )


@pytest.mark.policy("T11.5")
async def test_without_the_pledge_there_is_no_submission(town: Town, form: dict[str, Any]) -> None:
    """No pledge, no submission; the version of the text that was signed is kept."""
    filing_id = await town.draft("承诺", form)
    resident = await town.person("resident.datong")
    path = f"/api/v1/filings/{filing_id}"
    for unsigned in ({}, {"pledgeVersion": ""}, {"pledgeVersion": "CN-1999-01"}):
        answer = await refusal(resident.post(f"{path}:submit", unsigned))
        assert answer == (409, "filing.pledge_not_signed")
    assert (await resident.get(path))["filing"]["state"] == "FILING_STATE_DRAFT"
    pledge = await resident.get("/api/v1/filing-pledge")
    filing = await town.submit(filing_id)
    assert filing["pledgeVersion"] == pledge["version"]
    later = (await resident.get(path))["filing"]
    assert later["pledgeVersion"] == pledge["version"]


def basis(number: int) -> dict[str, str]:
    """A document a rule rests on."""
    return {
        "title": "龙华区社区社会组织备案工作规程",
        "documentNo": f"龙民〔2026〕{number}号",
        "issuer": "龙华区民政局",
        "issuedOn": "2026-01-05",
    }


async def days_ahead(town: Town, days: int) -> str:
    """A day of the business clock."""
    pledge = await town.person("resident.datong")
    filing_id = str(uuid7())
    await pledge.post("/api/v1/filings", {"filingId": filing_id, "communityCode": town.community})
    entry = (await pledge.get(f"/api/v1/filings/{filing_id}/history"))["entries"][0]
    return (date.fromisoformat(entry["on"]) + timedelta(days=days)).isoformat()


async def set_rule(town: Town, key: str, value: str, day: str, **more: Any) -> None:
    county = await town.person("county-approve.longhua")
    body = {"regionCode": "460106000000", "value": value, "effectiveFrom": day} | more
    await county.post(
        f"/api/v1/filing-rules/{key}/settings", body | {"basis": basis(len(value) + len(day))}
    )


@pytest.mark.policy("PH1.2")
async def test_a_case_is_judged_by_the_rules_of_the_day_it_was_received(
    town: Town, form: dict[str, Any]
) -> None:
    """The same application on two dates straddling a rule change."""
    day = await days_ahead(town, 1)
    await set_rule(town, "FIL.MEMBERS_MIN.BA_ST", "40", day)
    before = await town.submit(await town.draft("旧规", form))
    town.advance(1)
    with pytest.raises(Refused) as refused:
        await town.submit(await town.draft("新规", form))
    rules = {v["rule"] for v in refused.value.problem["violations"]}
    assert rules == {"members_min"}
    await town.reviewed(before["filingId"])
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    path = f"/api/v1/filings/{before['filingId']}"
    await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
    filed = (await lead.post(f"{path}:decide", {"agree": True}))["filing"]
    assert filed["state"] == "FILING_STATE_FILED", "received under the older rule"
    assert filed["ruleVersion"] == before["ruleVersion"]
    await set_rule(town, "FIL.MEMBERS_MIN.BA_ST", "10", await days_ahead(town, 1))
    town.advance(1)


async def short_of_members(town: Town, filing_id: str) -> None:
    """Submission is refused for too few members, and for nothing else."""
    with pytest.raises(Refused) as refused:
        await town.submit(filing_id)
    assert {v["rule"] for v in refused.value.problem["violations"]} == {"members_min"}


@pytest.mark.policy("T3.1")
async def test_the_lowered_set_of_a_class_and_which_set_decided(
    town: Town, form: dict[str, Any]
) -> None:
    """The same data passes under the lowered set and fails under the general one."""
    key, culture = "FIL.MEMBERS_MIN.BA_ST", "LOWERED_CLASS_CULTURE"
    await set_rule(town, key, "30", await days_ahead(town, 1))
    await set_rule(town, key, "10", await days_ahead(town, 2), loweredClass=culture)
    town.advance(1)
    same = await town.draft("降门槛", form | {"category": "CATEGORY_WTHD", "fieldCodes": ["WT"]})
    other = await town.draft("一般", form | {"category": "CATEGORY_GYCS", "fieldCodes": ["CS"]})
    await short_of_members(town, same)
    town.advance(1)
    await short_of_members(town, other)
    received = await town.submit(same)
    assert received["loweredClass"] == "LOWERED_CLASS_CULTURE"
    await town.reviewed(received["filingId"])
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    path = f"/api/v1/filings/{received['filingId']}"
    await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
    filed = (await lead.post(f"{path}:decide", {"agree": True}))["filing"]
    assert filed["state"] == "FILING_STATE_FILED"
    used = (await lead.get(f"{path}/rules"))["rules"]
    assert [(rule["value"], rule["loweredClass"]) for rule in used if rule["key"] == key] == [
        ("10", culture)
    ]
    assert (filed["loweredClass"], filed["ruleVersion"]) == (
        "LOWERED_CLASS_CULTURE",
        received["ruleVersion"],
    )
    await set_rule(town, "FIL.MEMBERS_MIN.BA_ST", "10", await days_ahead(town, 1))
    town.advance(1)
