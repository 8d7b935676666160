"""The frame of every page: signed out and in, in every theme, with and without scripts."""

import pytest
from playwright.async_api import expect

from tests.portal.portal import Portal, axe


@pytest.mark.parametrize("display", ["", "elder", "contrast", "elder.contrast", "en"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (320, 700)])
async def test_the_home_page_fits_everybody(portal: Portal, display: str, size) -> None:
    page = await portal.open("/", display=display, size=size)
    await expect(page.locator("h1")).to_have_count(1)
    assert await axe(page) == []
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


async def test_a_clerk_signs_in_and_sees_the_post(portal: Portal) -> None:
    page = await portal.as_role("TOWN_CLERK")
    await expect(page.locator("h1")).to_have_text("我的信息")
    await expect(page.locator("#main")).to_contain_text("大同街道")
    assert await axe(page) == []
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("role", "first"),
    [("RESIDENT", "/org"), ("VILLAGE", "/gov/inbox"), ("DEPT", "/dept/subscriptions")],
)
async def test_signing_in_leads_to_what_is_ones_own(portal: Portal, role: str, first: str) -> None:
    page = await portal.as_role(role, "")
    assert page.url == f"{portal.platform.url}{first}"
    await page.goto("/register")
    await page.get_by_role("link", name="工作台", exact=True).click()
    await expect(page).to_have_url(f"{portal.platform.url}{first}")


async def test_nobody_has_no_desk(portal: Portal) -> None:
    page = await portal.open("/desk")
    assert page.url == f"{portal.platform.url}/"


async def test_nobody_is_sent_to_the_sign_on_and_back(portal: Portal) -> None:
    page = await portal.open("/me")
    assert "/realms/" in page.url
    signed = await portal.as_role("TOWN_CLERK", "/me", scripts=False)
    assert signed.url.endswith("/me")


async def test_language_and_display_keep_the_page(portal: Portal) -> None:
    page = await portal.open("/?x=1", scripts=False)
    await page.get_by_role("link", name="长者版").click()
    await expect(page.locator("html.elder")).to_have_count(1)
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html.elder[lang=en]")).to_have_count(1)
    assert page.url.endswith("/?x=1")


@pytest.mark.parametrize("display", ["", "elder.contrast"])
async def test_what_is_refused_is_a_page_in_words(portal: Portal, display: str) -> None:
    page = await portal.open("/nowhere", display=display)
    await expect(page.locator("h1")).to_have_text("未找到")
    await expect(page.locator("main")).to_contain_text("portal.no_such_page")
    assert await axe(page) == []


async def test_a_failure_while_filtering_leaves_the_rows_and_offers_to_retry(portal: Portal) -> None:  # fmt: skip
    page = await portal.open("/register", watched=False)
    before = await page.locator("#rows").inner_text()
    await page.route("**/register?*", lambda route: route.fulfill(status=500, body="broken"))
    await page.locator("select[name=status]").select_option("EXPIRED")
    await expect(page.locator("#trouble")).to_be_visible()
    assert await page.locator("#rows").inner_text() == before
    await page.unroute("**/register?*")
    await page.get_by_role("button", name="重试").click()
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text("已到期")
    await expect(page.locator("#trouble")).to_be_hidden()


async def test_nothing_is_kept_from_the_content_policy(portal: Portal) -> None:
    page = await portal.open("/register")
    reports = []
    page.on("request", lambda sent: reports.append(sent.url) if sent.url.endswith("/csp") else None)
    await page.locator("select[name=status]").select_option("EXPIRED")
    await expect(page.get_by_role("list", name="已选条件")).to_be_visible()
    assert reports == []
