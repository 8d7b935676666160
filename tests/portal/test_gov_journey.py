"""J2: from the village's opinion over the one correction to the decision of a second person, on the pages."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.portal.gov import (  # fmt: skip
    CLERK,
    LEAD,
    VILLAGE,
    case_of,
    count,
    mark,
    open_case,
    proposed,
    row,
    submitted,
)
from tests.portal.portal import Portal
from tests.stories.people import PDF, Town

MESSAGES = "/api/v1/messages"


@pytest.mark.policy("T11.2", "T11.4")
async def test_a_filing_from_opinion_to_number(portal: Portal, town: Town) -> None:
    filing_id = await submitted(town, "旅程")
    village = await portal.as_user(VILLAGE, f"/gov/inbox?case={filing_id}")
    await expect(row(village, "旅程")).to_have_count(1)
    await village.get_by_label("同意", exact=True).check()
    await village.get_by_role("button", name="提交意见").click()
    await expect(village.locator("#main")).to_contain_text("意见已记录")
    await expect(row(village, "旅程")).to_have_count(0)

    clerk = await portal.as_user(CLERK, f"/gov/inbox?case={filing_id}")
    before = await count(clerk, "待补正")
    await mark(clerk, B05="UNREADABLE")
    await clerk.locator("input[name=note_B05]").fill("印章看不清")
    await clerk.get_by_role("button", name="一次性告知补正").click()
    await expect(clerk.locator("#case")).to_contain_text("印章看不清")
    await clerk.get_by_role("button", name="确认告知").click()
    await expect(clerk.locator("#main")).to_contain_text("已一次性告知补正")
    assert await count(clerk, "待补正") == before + 1
    found = await case_of(town, filing_id)
    assert (found["state"], found["correctionItems"]) == ("FILING_STATE_CORRECTION", ["MATERIAL_CODE_B05"])  # fmt: skip

    resident = await town.person("resident.datong")
    receipt = await resident.upload(PDF, "application/pdf")
    await resident.put(f"/api/v1/filings/{filing_id}/materials/MATERIAL_CODE_B05", {"receipt": receipt})  # fmt: skip
    await resident.post(f"/api/v1/filings/{filing_id}:resubmit")
    await open_case(clerk, filing_id)
    await expect(clerk.locator("#case")).to_contain_text("已告知的补正")
    await mark(clerk, B02="ABSENT")
    await clerk.get_by_role("button", name="一次性告知补正").click()
    await clerk.get_by_role("button", name="确认告知").click()
    await expect(clerk.get_by_role("alert").first).to_contain_text("只能一次性告知")
    await mark(clerk)
    await clerk.get_by_label("经办意见").fill("材料齐全，建议准予备案。")
    await clerk.get_by_role("button", name="材料齐全，提交审核").click()
    await expect(clerk.locator("#main")).to_contain_text("已提交审核")

    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await expect(lead.locator("#case")).to_contain_text("材料齐全，建议准予备案。")
    await lead.get_by_role("button", name="准予备案").click()
    await expect(lead.locator("#case")).to_contain_text("对外公开")
    await lead.get_by_role("button", name="确认准予备案").click()
    await expect(lead.locator("#main")).to_contain_text("已准予备案：大同社备〔")
    await expect(row(lead, "旅程")).to_have_count(0)

    found = await case_of(town, filing_id)
    assert (found["state"], str(found["filingNo"])[:4]) == ("FILING_STATE_FILED", "SQBA")
    stated = await facts(portal, filing_id)
    assert [one.removeprefix("Filing") for one in stated] == [
        "Submitted", "OpinionRecorded", "Returned", "Resubmitted", "OrganizationFiled",
    ]  # fmt: skip
    await until(lambda: told(town, filing_id, "准予"))
    public = await town.http.get("/api/v1/organizations", params={"search": str(found["filingNo"])})
    assert [one["filingNo"] for one in public.json()["organizations"]] == [found["filingNo"]]


async def facts(portal: Portal, filing_id: str) -> list[str]:
    """Kinds of facts that the case has stated, in their order."""
    database = await portal.platform.database("filing")
    try:
        rows = await database.fetch(
            "SELECT type FROM kit.outbox o JOIN filing f ON f.organization_id::text = o.aggregateid"
            " WHERE f.filing_id = $1::uuid ORDER BY aggregate_version",
            filing_id,
        )
    finally:
        await database.close()
    return [row["type"].rpartition(".")[2] for row in rows]


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what comes by a fact; ten seconds at most."""
    for _ in range(50):
        if await met():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("it did not come")


async def told(town: Town, filing_id: str, word: str) -> bool:
    """The resident has a message about the case with that word."""
    page = await (await town.sign_in_again("resident.datong")).get(MESSAGES, **{"page.size": "100"})
    return any(filing_id in m["about"] and word in m["subject"] for m in page["messages"])


@pytest.mark.policy("T11.2")
async def test_a_refusal_stands_on_a_listed_ground(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "不予")
    clerk = await portal.as_user(CLERK, f"/gov/inbox?case={filing_id}")
    await clerk.get_by_role("link", name="不予备案").click()
    await clerk.get_by_role("button", name="提交审核").click()
    await expect(clerk.get_by_role("alert").first).to_contain_text("应当有本地规则列明的理由")
    await clerk.get_by_label("以营利为目的").check()
    await clerk.get_by_label("理由说明").fill("章程写明按出资分红。")
    await clerk.get_by_role("button", name="提交审核").click()
    await expect(clerk.locator("#main")).to_contain_text("等待另一人决定")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await expect(lead.locator("#case")).to_contain_text("以营利为目的")
    await lead.get_by_role("button", name="同意不予备案").click()
    await lead.get_by_role("button", name="确认不予备案").click()
    await expect(lead.locator("#main")).to_contain_text("已作出不予备案决定")
    found = await case_of(town, filing_id)
    assert found["refusalGrounds"] == ["REFUSAL_GROUND_FOR_PROFIT"]


async def test_sending_back_needs_a_note_and_keeps_the_queue(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "退回")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await lead.get_by_role("button", name="退回经办").click()
    await expect(lead.get_by_role("alert").first).to_contain_text("请写明意见")
    await expect(row(lead, "退回")).to_have_count(1)
    await lead.get_by_label("审核意见").fill("请核对场所证明。")
    await lead.get_by_role("button", name="退回经办").click()
    await expect(lead.locator("#main")).to_contain_text("已退回经办")
    assert (await case_of(town, filing_id))["proposedDecision"] == "DECISION_UNSPECIFIED"


async def test_approving_takes_four_keys_at_most(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "按键")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    keys = 0
    for key in ("Control+Enter", "Enter"):
        await lead.wait_for_load_state()
        await expect(lead.locator("#case .main-button")).to_be_visible()
        await lead.keyboard.press(key)
        keys += 1
        await lead.wait_for_load_state()
    await expect(lead.locator("#main")).to_contain_text("已准予备案")
    assert keys <= 4
    assert (await case_of(town, filing_id))["state"] == "FILING_STATE_FILED"


async def test_rows_and_cases_by_keys_alone(portal: Portal, town: Town) -> None:
    first, second = await proposed(town, "上行"), await proposed(town, "下行")
    lead = await portal.as_user(LEAD, "/gov/inbox")
    await lead.keyboard.press("j")
    for _ in range(40):
        if await lead.evaluate("document.activeElement.id") == f"q-{second}":
            break
        await lead.keyboard.press("j")
    await lead.keyboard.press("Enter")
    await expect(lead.locator("#case h2")).to_contain_text("下行")
    await expect(lead.locator(".queue tr.chosen")).to_contain_text("下行")
    assert f"/gov/cases/{second}" in lead.url
    await lead.reload()
    await expect(lead.locator(".queue tr.chosen")).to_contain_text("下行")
    await lead.keyboard.press("k")
    assert await lead.evaluate("document.activeElement.id") != f"q-{second}"
    assert first
