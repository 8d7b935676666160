"""What a desk gains by scripts: times that are true each minute, keys in a window; and exports of a list."""

import pytest
from playwright.async_api import Page, Request, expect

from tests.portal.gov import CLERK, LEAD, count, proposed, row
from tests.portal.portal import Portal, axe
from tests.stories.people import Town

MINUTE = 61_000


async def minute(page: Page, seen: list[str]) -> list[str]:
    """What is asked of the inbox while a minute goes by."""
    seen.clear()
    await page.clock.fast_forward(MINUTE)
    await page.wait_for_timeout(500)
    return list(seen)


async def test_the_queue_is_true_each_minute_unless_somebody_writes(portal: Portal, town: Town) -> None:  # fmt: skip
    first = await proposed(town, "先到")
    page = await portal.as_user(LEAD, "/gov/inbox")
    seen: list[str] = []

    def note(request: Request) -> None:
        if "/gov/inbox" in request.url:
            seen.append(request.url)

    await page.clock.install()
    await page.goto(f"/gov/inbox?case={first}")
    page.on("request", note)
    waiting = await count(page, "全部")
    await page.locator(f"#q-{first}").focus()
    await proposed(town, "后到")
    assert len(await minute(page, seen)) == 1
    await expect(row(page, "后到")).to_have_count(1)
    assert await count(page, "全部") == waiting + 1
    await expect(page.locator(".queue tr.chosen")).to_contain_text("先到")
    await expect(page.locator(f"#q-{first}")).to_be_focused()
    await page.get_by_label("审核意见").fill("写到一半")
    await page.locator("h1").click()
    assert await minute(page, seen) == []
    await expect(page.get_by_label("审核意见")).to_have_value("写到一半")
    await page.get_by_label("审核意见").fill("")
    await page.evaluate("document.querySelector('[data-dirty]').removeAttribute('data-dirty')")
    await page.locator("h1").click()
    assert len(await minute(page, seen)) == 1
    await page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    assert await minute(page, seen) == []


async def test_a_question_mark_tells_the_keys(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "键盘")
    page = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await page.keyboard.press("?")
    help = page.get_by_role("dialog", name="键盘操作")
    await expect(help).to_contain_text("下一行")
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await expect(help).to_be_hidden()
    await page.get_by_label("审核意见").press("?")
    await expect(help).to_be_hidden()
    plain = await portal.as_user(LEAD, "/gov/inbox", scripts=False)
    await plain.get_by_role("link", name="键盘操作").click()
    await expect(plain.locator("h1")).to_have_text("键盘操作说明")


@pytest.mark.usefixtures("seeded")
async def test_a_list_is_exported_under_its_filter(portal: Portal, town: Town) -> None:
    await proposed(town, "导出")
    page = await portal.as_user(CLERK)
    await page.goto("/gov/cases?search=大同&from=2026-01-01&place=460106004002")
    await page.get_by_role("link", name="导出", exact=True).click()
    await expect(page.get_by_label("名称或编号")).to_have_value("大同")
    await expect(page.get_by_label("收件不早于")).to_have_value("2026-01-01")
    await expect(page.get_by_label("地点")).to_have_value("460106004002")
    province = await portal.as_role("PROV_SO", "/gov/orgs")
    link = await province.get_by_role("link", name="导出 CSV").get_attribute("href")
    answer = await province.request.get(link or "")
    assert (answer.status, "region=460000000000" in (link or "")) == (200, True)
    assert "attachment" in answer.headers["content-disposition"]
