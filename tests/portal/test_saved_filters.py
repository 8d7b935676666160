"""Saved filters of staff lists: named, shown as chips, used, removed; the person's own, also without scripts."""

import pytest
from playwright.async_api import Page, expect

from tests.portal.gov import CLERK, LEAD
from tests.portal.portal import MOBILE, Portal, axe


async def save(page: Page, title: str) -> None:
    """Save what the list shows now."""
    await page.get_by_text("保存为常用筛选", exact=True).click()
    await page.get_by_label("常用筛选的名称").fill(title)
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator("#main")).to_contain_text("已保存为常用筛选。")


def chips(page: Page):
    """The person's own filters."""
    return page.get_by_role("list", name="常用筛选")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.usefixtures("seeded")
async def test_a_filter_is_saved_used_and_removed(portal: Portal, scripts: bool) -> None:
    title = f"超期{scripts}"
    page = await portal.as_user(CLERK, "/gov/cases", scripts=scripts)
    await expect(page.get_by_text("保存为常用筛选")).to_have_count(0)
    await page.locator("select[name=late]").select_option("yes")
    if not scripts:
        await page.get_by_role("button", name="查询").click()
    await save(page, title)
    assert "late=yes" in page.url
    await expect(chips(page).get_by_role("link", name=title)).to_have_attribute("aria-current", "true")  # fmt: skip
    await expect(page.get_by_text("保存为常用筛选", exact=True)).to_have_count(0)
    if scripts:
        assert await axe(page) == []
    await page.goto("/gov/cases?state=FILED")
    await chips(page).get_by_role("link", name=title).click()
    await expect(page.locator("select[name=late]")).to_have_value("yes")
    other = await portal.as_user(LEAD, "/gov/cases")
    await expect(other.get_by_role("link", name=title)).to_have_count(0)
    await page.goto("/me")
    await chips(page).get_by_role("button", name=f"删除常用筛选 {title}").click()
    await expect(page.locator("#main")).to_contain_text("已删除常用筛选。")
    assert page.url.endswith("/me")
    await expect(page.get_by_role("link", name=title)).to_have_count(0)


@pytest.mark.parametrize(("display", "size"), [("", MOBILE), ("elder", MOBILE), ("en", (320, 700))])
async def test_chips_fit_every_window(portal: Portal, display: str, size) -> None:
    page = await portal.as_user(LEAD, "/gov/cases?state=FILED&search=大同", size=size)
    await save(page, "很长很长的名称一二三四五六七八九十十十十")
    await page.goto("/gov/inbox?tab=late")
    await save(page, "今天先办")
    context = page.context
    if display:
        await context.add_cookies(
            [{"name": "display", "value": display, "url": portal.platform.url}]
        )  # type: ignore[list-item]
    for path in ("/gov/cases", "/gov/inbox", "/me"):
        await page.goto(path)
        assert (path, await axe(page)) == (path, [])
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for _ in range(2):
        await page.goto("/me")
        await page.locator(".chips .cross").first.click()
        await expect(page.locator(".banner.good")).to_be_visible()
    await expect(page.locator(".chips .cross")).to_have_count(0)


async def test_what_is_sent_by_hand_is_no_other_address(portal: Portal) -> None:
    page = await portal.as_user(CLERK, "/gov/cases?late=yes", watched=False)
    await page.get_by_text("保存为常用筛选", exact=True).click()
    await page.locator("input[name=list]").evaluate("field => { field.value = '//evil.example/'; }")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator("main")).to_contain_text("请先选择条件")
