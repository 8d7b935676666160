"""Traps of htmx, browsers and small screens that no other test holds; docs/portal.md has the list."""

import asyncio

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from tests.portal.applying import Applying
from tests.portal.portal import Portal

PARTS = ({}, {"hx-request-type": "full"}, {"hx-request-type": "partial"})
ONE_LINE = 64
"""Most a line of a menu is high, in pixels; a word set upright is higher."""
SLOW_SECONDS = 0.6
MENUS = """() => [...document.querySelectorAll("nav a, .tabs a")].filter((one) => !one.closest(".breadcrumb"))
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect().height])"""


async def test_a_part_is_answered_to_a_script_alone(http: httpx.AsyncClient, portal: Portal) -> None:  # fmt: skip
    """P04: what the browser restores is the whole page."""
    answers = [await http.get("/register", headers=headers) for headers in PARTS]
    assert ["<html" in one.text for one in answers] == [True, True, False]
    assert all("HX-Request-Type" in one.headers["vary"] for one in answers)
    page = await portal.open("/register")
    await page.locator("select[name=status]").select_option("EXPIRED")
    await expect(page.get_by_role("list", name="已选条件")).to_be_visible()
    await page.goto("/guide")
    await page.go_back()
    await expect(page.locator("h1")).to_have_text("组织查询")
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text("已到期")


async def test_late_answers_do_not_overwrite_the_choice(portal: Portal) -> None:
    """P05: the last of some quick choices stands, whatever order the answers come in."""
    page = await portal.open("/register")
    asked = 0

    async def late(route: Route) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(SLOW_SECONDS / asked)
        try:
            await route.continue_()
        except Exception:  # the browser gave the request up: that is what is wanted
            return

    await page.route("**/register?*", late)
    chosen = page.locator("select[name=region]")
    await chosen.focus()
    for _ in range(5):
        await page.keyboard.press("ArrowDown")
    code = await chosen.input_value()
    assert code
    await expect(page.get_by_role("list", name="已选条件")).to_be_visible()
    await asyncio.sleep(SLOW_SECONDS * 2)
    assert await chosen.input_value() == code
    assert f"region={code}" in page.url
    await page.unroute("**/register?*")


async def first_button(page: Page) -> str:
    """What Enter presses in the last form of a page."""
    return str(await page.locator("main form").last.evaluate("form => (form.querySelector('button:not([type=button])') || {}).textContent"))  # fmt: skip


@pytest.mark.parametrize("scripts", [True, False])
async def test_enter_is_the_main_button(portal: Portal, scripts: bool) -> None:
    """P07: on the step with buttons that add and drop, Enter goes on."""
    applying = await Applying.start(portal, scripts=scripts)
    await applying.go("people")
    assert "保存并继续" in await first_button(applying.page)
    await applying.fill("form.principals[0].name", "符晓")
    await applying.page.locator('[name="form.principals[0].name"]').press("Enter")
    await expect(applying.page.locator(".error-summary")).to_be_visible()
    await expect(applying.page.locator("fieldset.person")).to_have_count(2)


@pytest.mark.parametrize("width", [320, 360, 390])
async def test_lines_of_menus_are_one_line_high(portal: Portal, width: int) -> None:
    """P14: axe is content with words that wrap into a column of signs."""
    open_page = await portal.open("/", size=(width, 740))
    desk = await portal.as_role("TOWN_CLERK", "/gov/inbox", size=(width, 740))
    for page in (open_page, desk):
        found = await page.evaluate(MENUS)
        assert found
        assert [told for told in found if told[1] > ONE_LINE] == []
