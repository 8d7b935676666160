"""Cases after their submission, as the applicant sees them: correction, withdrawal, decision, renewal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import expect

from gateway.demo.application import form as demo_form
from gateway.demo.sample import YACHA, agreed
from gateway.demo.stories import Place, Stage, Told, decide, mark
from tests.portal.applying import APPLICANT, PLACE, file, fresh_name
from tests.portal.portal import Portal, axe
from tests.stories.people import Town

BRIDGE = "469025100001"
BASIS = {
    "title": "备案规程", "documentNo": "民规〔2026〕1号", "issuer": "县民政局", "issuedOn": "2026-01-05",
}  # fmt: skip


@pytest.fixture
async def town(portal: Portal) -> AsyncIterator[Town]:
    """大同街道 and its people, through the public interface."""
    async with httpx.AsyncClient(base_url=portal.platform.url, timeout=30) as http:
        yield Town(portal.platform, http, name="{}")


async def submitted(town: Town) -> tuple[str, str]:
    """A complete application; its id and name."""
    name = fresh_name()
    form = demo_form("", town.community, 40, "大同里社区综合服务中心")
    filing_id = await town.draft(name, form)
    await town.submit(filing_id)
    return filing_id, name


@pytest.mark.policy("T11.4")
async def test_a_correction_opens_the_named_items_alone(portal: Portal, town: Town) -> None:
    filing_id, name = await submitted(town)
    await town.reviewed(filing_id)
    clerk, path = await town.person("clerk.datong"), f"/api/v1/filings/{filing_id}"
    finding = {
        "code": "MATERIAL_CODE_B05", "completeness": "COMPLETENESS_UNREADABLE", "note": "照片模糊",
    }  # fmt: skip
    await clerk.post(f"{path}:markCompleteness", {"findings": [finding]})
    await clerk.post(f"{path}:returnForCorrection")
    page = await portal.as_user(APPLICANT, "/org")
    await expect(page.locator(".next-step")).to_contain_text(name)
    await page.get_by_role("link", name="补正材料").first.click()
    await expect(page.locator("h1")).to_have_text("补正材料")
    await expect(page.locator(".tasks a")).to_have_count(1)
    assert await axe(page) == []
    answer = await page.goto(f"/apply/filing/{filing_id}/basic")
    assert answer is not None
    assert page.url.endswith(filing_id), "other steps stay locked"
    await page.locator("a[data-main]").click()
    await expect(page.locator("input[type=file]")).to_have_count(1)
    await expect(page.locator("#main")).to_contain_text("照片模糊")
    assert await axe(page) == []
    await page.set_input_files('[name="materials.B05"]', file())
    await page.locator("main .main-button:visible").click()
    await page.get_by_role("button", name="提交补正材料").last.click()
    await expect(page.locator("#main")).to_contain_text("补正材料已提交")
    await expect(page.locator(".page-head")).to_contain_text("完整性审核中")


async def test_an_application_is_withdrawn_after_a_warning(portal: Portal, town: Town) -> None:
    filing_id, _name = await submitted(town)
    page = await portal.as_user(APPLICANT, f"/org/cases/{filing_id}")
    await page.get_by_role("link", name="撤回申请").click()
    await expect(page.locator(".banner.warn")).to_contain_text("不能恢复")
    await page.fill("[name=reason]", "改期 <b>再办</b>")
    await page.get_by_role("button", name="撤回申请").last.click()
    await expect(page.locator(".page-head")).to_contain_text("已撤回")
    await expect(page.locator(".timeline")).to_contain_text("改期 <b>再办</b>")


async def test_messages_lead_to_their_case(portal: Portal, town: Town) -> None:
    filing_id, name = await submitted(town)
    page = await portal.as_user(APPLICANT, "/org/messages")
    for _ in range(50):
        if await page.locator(".message", has_text=name).count():
            break
        await asyncio.sleep(0.2)
        await page.reload()
    message = page.locator(".message", has_text=name).first
    await expect(message).to_contain_text("未读")
    await message.get_by_role("button", name="查看事项").click()
    await page.wait_for_url(f"**/org/cases/{filing_id}")
    await page.goto("/org/messages?unread=yes")
    assert await page.locator(".message", has_text=name).count() == 0


async def test_contact_details_are_kept_and_masked(portal: Portal) -> None:
    page = await portal.as_user(APPLICANT, "/me")
    await page.get_by_role("link", name="修改联系方式").click()
    await page.fill('[name="contact.phone"]', "１２０ 0000 000")
    await page.locator("main .main-button:visible").click()
    await expect(page.locator(".error-summary")).to_contain_text("手机号码应为 11 位手机号码")
    assert await axe(page) == []
    await page.fill('[name="contact.phone"]', "１２０ 0000 0007")
    await page.check('[name="contact.channels"][value=SMS]')
    await page.locator("main .main-button:visible").click()
    await expect(page.locator("#main")).to_contain_text("120****0007")
    assert "12000000007" not in await page.content()


@pytest.mark.policy("T11.2")
async def test_an_owner_renews_the_filing(portal: Portal, town: Town) -> None:
    """In another county, so that the year of validity is no matter of other tests."""
    county = await town.person("county-approve.baisha")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    rule = {"regionCode": "469025000000", "effectiveFrom": today, "basis": BASIS}
    for key, value in (("VALID_YEARS", "1"), ("RENEW_BEFORE_D", "366")):
        await county.post(f"/api/v1/filing-rules/FIL.{key}/settings", rule | {"value": value})
    name = "白沙黎族自治县牙叉镇桥南社区" + fresh_name().removeprefix(PLACE)
    place = Place(BRIDGE, name, "桥南社区综合服务中心", *YACHA, 61)
    stage, told = Stage(town, stand_still, lambda _: None), Told(name)
    await agreed(stage, place, told)
    await mark(await stage.people.person(place.clerk), told)
    await decide(stage, place, told)
    resident = await stage.people.person(place.resident)
    for _ in range(150):
        filing = (await resident.get(f"/api/v1/filings/{told.filing_id}"))["filing"]
        posts = (await resident.get("/api/v1/my/posts"))["posts"]
        mine = [p for p in posts if p.get("organizationId") == filing["organizationId"]]
        if filing["state"] == "FILING_STATE_RENEW_DUE" and mine:
            break
        await asyncio.sleep(0.2)
    page = await portal.as_user(place.resident, "/sign-in/post?next=/org")
    own = page.locator(f"form:has(input[name=post][value='{mine[0]['postId']}'])")
    await own.get_by_role("button").click()
    await expect(page.locator(".next-step")).to_contain_text(name)
    await page.get_by_role("link", name="申请换发", exact=True).click()
    assert await axe(page) == []
    await page.locator("main .main-button:visible").click()
    await expect(page.locator(".error-summary")).to_contain_text("请勾选")
    await page.check("[name=signed]")
    await page.locator("main .main-button:visible").click()
    await expect(page.locator(".banner.warn")).to_contain_text("等待备案机关决定")
    answer = await page.goto("/apply/filing/start")
    assert answer is not None
    assert answer.status == 403, "an owner does not apply for a filing"


async def stand_still(_days: int) -> None:
    """No clock is moved."""
