"""What goes wrong at a desk (U7): a stale record, a double click, an error, a session that ended in mid form."""

import pytest
from playwright.async_api import Page, Route, expect

from gateway.demo.client import PASSWORD
from kit.ids import uuid7
from tests.portal.gov import (
    CLERK,
    COUNTY,
    LEAD,
    case_of,
    mark,
    open_case,
    proposed,
    reviewed,
    row,
    submitted,
)
from tests.portal.portal import Portal
from tests.stories.people import Town


async def test_a_stale_record_says_what_changed_and_keeps_the_text(
    portal: Portal, town: Town
) -> None:
    filing_id = await proposed(town, "旧版")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await lead.get_by_label("审核意见").fill("这段文字不能丢")
    county = await town.person(COUNTY)
    note = {"guidanceId": str(uuid7()), "text": "请留意场所期限。"}
    await county.post(f"/api/v1/filings/{filing_id}/guidance", note)
    await lead.get_by_role("button", name="退回经办").click()
    told = lead.get_by_role("alert").first
    await expect(told).to_contain_text("该办件已被县级民政经办于")
    await expect(told).to_contain_text("县级业务指导")
    await expect(lead.get_by_label("审核意见")).to_have_value("这段文字不能丢")
    assert (await case_of(town, filing_id))["proposedDecision"] == "DECISION_ACCEPT"
    await lead.get_by_role("link", name="重新载入").click()
    await expect(lead.locator("#case")).to_contain_text("请留意场所期限。")


async def test_a_double_click_has_one_effect(portal: Portal, town: Town) -> None:
    filing_id = await reviewed(town, "双击")
    clerk = await portal.as_user(CLERK, f"/gov/inbox?case={filing_id}")
    await clerk.get_by_role("button", name="材料齐全，提交审核").dblclick()
    await expect(clerk.locator("#main")).to_contain_text("已提交审核")
    history = await (await town.person(CLERK)).get(f"/api/v1/filings/{filing_id}/history")
    actions = [one["action"] for one in history["entries"]]
    assert actions.count("propose_decision") == 1


async def test_an_error_keeps_the_old_rows_and_offers_to_try_again(
    portal: Portal, town: Town
) -> None:
    await reviewed(town, "故障一"), await reviewed(town, "故障二")
    clerk = await portal.as_user(CLERK, "/gov/inbox", watched=False)
    other = clerk.locator(".queue tbody tr a").last

    async def broken(route: Route) -> None:
        await route.fulfill(status=500, body="<p>broken</p>")

    await clerk.route("**/gov/cases/**", broken)
    rows = await clerk.locator(".queue tbody tr").count()
    await other.click()
    await expect(clerk.locator("#trouble")).to_be_visible()
    assert await clerk.locator(".queue tbody tr").count() == rows
    await expect(clerk.locator("#case")).not_to_contain_text("broken")
    await clerk.unroute("**/gov/cases/**")
    await clerk.get_by_role("button", name="重试").click()
    await expect(clerk.locator("#case h2")).to_contain_text(await other.inner_text())


async def sign_in_again(page: Page, username: str) -> None:
    """What the sign-on asks for, given once more."""
    await page.wait_for_url("**/realms/**")
    await page.fill("input[name=username]", username)
    await page.fill("input[name=password]", PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.wait_for_url("**/gov/**")


async def moved_back(portal: Portal, column: str, minutes: int) -> None:
    """Every session as if so many minutes had gone by."""
    database = await portal.platform.database("gateway")
    try:
        await database.execute(f"UPDATE session SET {column} = {column} - interval '{minutes} minutes'")  # fmt: skip
    finally:
        await database.close()


async def test_a_session_that_ended_in_mid_form_keeps_the_text(portal: Portal, town: Town) -> None:
    filing_id = await reviewed(town, "会话")
    clerk = await portal.as_user(CLERK, f"/gov/inbox?case={filing_id}")
    await clerk.get_by_label("经办意见").fill("写到一半的意见")
    await moved_back(portal, "seen_at", 20)
    async with clerk.expect_navigation(url="**/gov/inbox?case=*"):
        # The sign-on remembers the person: by way of it the browser comes back by itself.
        await clerk.get_by_role("button", name="材料齐全，提交审核").click()
    await expect(clerk.get_by_label("经办意见")).to_have_value("写到一半的意见")
    await expect(clerk.locator(".banner.warn")).to_contain_text("请再次确认提交")
    assert (await case_of(town, filing_id))["proposedDecision"] == "DECISION_UNSPECIFIED"


async def test_a_second_factor_is_asked_for_and_the_note_comes_back(
    portal: Portal, town: Town
) -> None:
    filing_id = await proposed(town, "二次")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await moved_back(portal, "authenticated_at", 6)
    await lead.get_by_label("审核意见").fill("同意，材料已核。")
    await lead.get_by_role("button", name="准予备案").click()
    await lead.get_by_role("button", name="确认准予备案").click()
    await sign_in_again(lead, LEAD)
    await expect(lead.locator(".banner.warn").first).to_contain_text("还没有完成")
    assert await lead.locator("input[name=note]").input_value() == "同意，材料已核。"
    await lead.get_by_role("button", name="确认准予备案").click()
    await expect(lead.locator("#main")).to_contain_text("已准予备案")


@pytest.mark.policy("T11.4")
async def test_the_desk_works_without_scripts(portal: Portal, town: Town) -> None:
    filing_id = await reviewed(town, "无脚本")
    clerk = await portal.as_user(CLERK, "/gov/inbox", scripts=False)
    other = clerk.locator(".queue tbody tr a").last
    name = await other.inner_text()
    await other.click()
    await expect(clerk.locator("#case h2")).to_contain_text(name)
    await open_case(clerk, filing_id)
    await expect(clerk.locator("#case h2")).to_contain_text("无脚本")
    await clerk.get_by_role("button", name="材料齐全，提交审核").click()
    await expect(clerk.locator("#main")).to_contain_text("已提交审核")
    lead = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}", scripts=False)
    await lead.get_by_role("button", name="准予备案").click()
    await lead.get_by_role("button", name="确认准予备案").click()
    await expect(lead.locator("#main")).to_contain_text("已准予备案")
    await open_case(clerk, filing_id)
    await expect(row(clerk, "无脚本")).to_have_count(0)


async def test_unmarked_materials_are_named_and_nothing_is_lost(portal: Portal, town: Town) -> None:
    filing_id = await submitted(town, "未标")
    village = await town.person("village.datongli")
    await village.post(f"/api/v1/filings/{filing_id}:giveOpinion", {"opinion": "VILLAGE_OPINION_AGREE"})  # fmt: skip
    clerk = await portal.as_user(CLERK, f"/gov/inbox?case={filing_id}")
    await clerk.get_by_label("经办意见").fill("先写意见")
    await clerk.locator("input[name=mark_B01][value=PRESENT]").check()
    await clerk.get_by_role("button", name="材料齐全，提交审核").click()
    await expect(clerk.get_by_role("alert").first).to_contain_text("材料尚未全部标注为齐全")
    await expect(clerk.get_by_label("经办意见")).to_have_value("先写意见")
    await expect(clerk.locator("input[name=mark_B01][value=PRESENT]")).to_be_checked()
    await mark(clerk)
    await clerk.get_by_role("button", name="材料齐全，提交审核").click()
    await expect(clerk.locator("#main")).to_contain_text("已提交审核")
