"""P15: places among many are found by keys alone in three ways, and without scripts as typed."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from kit.ids import uuid7
from tests.portal.portal import MOBILE, Portal, axe

DATONGLI = "海口市龙华区大同街道大同里社区居民委员会"


async def offered(page: Page, field: Locator, typed: str) -> Locator:
    """What is offered after something was typed."""
    await field.fill("")
    await field.press_sequentially(typed)
    offers = page.get_by_role("listbox").get_by_role("option")
    await expect(offers.first).to_be_visible()
    return offers


@pytest.mark.parametrize("typed", ["大同里", "460106004002", "lh dtl"])
async def test_a_community_is_chosen_by_keys_alone(portal: Portal, typed: str) -> None:
    page = await portal.as_role("RESIDENT", "/apply/filing/start")
    field = page.get_by_role("combobox", name=re.compile("村（社区）名称或代码"))
    await expect(field).to_have_attribute("aria-expanded", "false")
    offers = await offered(page, field, typed)
    await expect(field).to_have_attribute("aria-expanded", "true")
    await expect(page.locator("#o-place-told")).to_contain_text("处符合")
    assert await axe(page) == []
    await field.press("ArrowUp")
    await field.press("ArrowDown")
    await expect(offers.first).to_have_attribute("aria-selected", "true")
    assert await field.get_attribute("aria-activedescendant") == await offers.first.get_attribute("id")  # fmt: skip
    assert await axe(page) == []
    await field.press("Enter")
    await expect(field).to_have_value(DATONGLI)
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await field.press("Enter")
    await expect(page.locator("h1")).not_to_contain_text("组织在哪个村（社区）活动")
    assert "/start" not in page.url


async def test_escape_and_leaving_close_the_list_and_keep_what_was_typed(portal: Portal) -> None:
    page = await portal.open("/register")
    field = page.locator("#f-place")
    for key in ("Escape", "Tab"):
        await offered(page, field, "dtl")
        await field.press(key)
        await expect(page.get_by_role("listbox")).to_be_hidden()
        await expect(field).to_have_value("dtl")
        await expect(field).to_have_attribute("aria-expanded", "false")
    await field.fill("没有这样的地方")
    await expect(page.locator("#o-place-told")).to_have_text("没有符合的地点。")


async def test_the_register_is_narrowed_by_a_place_with_a_click(portal: Portal, seeded) -> None:
    page = await portal.open("/register", size=MOBILE)
    field = page.locator("#f-place")
    offers = await offered(page, field, "yc")
    await offers.filter(has_text="白沙黎族自治县牙叉镇").first.click()
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text("牙叉镇")
    await expect(page.locator("tbody tr", has_text="山兰黎锦社")).to_have_count(1)
    await page.reload()
    await expect(field).to_have_value("白沙黎族自治县牙叉镇")
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_without_scripts_what_was_typed_is_found_or_chosen_from(portal: Portal, seeded) -> None:  # fmt: skip
    page = await portal.open("/register", scripts=False)
    await page.locator("#f-place").fill("大同")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("main")).to_contain_text("有几处符合")
    assert await page.locator(".banner.warn .chips li").count() > 1
    await page.get_by_role("link", name=DATONGLI).click()
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text(DATONGLI)
    await page.goto("/guide/filing?place=lh+dtl")
    await expect(page.locator("#guide")).to_contain_text("海口市龙华区大同街道")
    await page.goto("/guide/filing?place=没有")
    await expect(page.locator("#guide")).to_contain_text("没有符合的地点")


async def test_posts_are_granted_and_found_at_a_place_by_its_name(portal: Portal) -> None:
    page = await portal.as_role("SEC_ADMIN", "/ops/users/grant")
    await page.get_by_label("账号").fill(f"somebody-{uuid7()}")
    await page.get_by_label("岗位").select_option("TOWN_CLERK")
    offers = await offered(page, page.get_by_role("combobox", name=re.compile("地区")), "dtjd")
    await expect(offers.first).to_contain_text("460106004000")
    await offers.first.click()
    await page.get_by_role("button", name="提出授予").last.click()
    await expect(page.locator("#main")).to_contain_text("须由另一位安全管理员复核")
    await page.goto("/ops/users?region=" + "海口市龙华区大同街道")
    await expect(page.get_by_role("combobox", name=re.compile("地区"))).to_have_value("海口市龙华区大同街道")  # fmt: skip
    await expect(page.locator("#posts tbody tr").first).to_contain_text("大同街道")
    await page.goto("/ops/users/grant")
    await page.get_by_label("岗位").select_option("TOWN_CLERK")
    await page.get_by_role("combobox", name=re.compile("地区")).fill("大同")
    await page.get_by_role("button", name="提出授予").last.click()
    await expect(page.locator(".error-summary")).to_contain_text("地区")


async def test_the_province_narrows_its_lists_by_typing(portal: Portal, seeded) -> None:
    page = await portal.as_role("PROV_SO", "/gov/orgs")
    field = page.get_by_role("combobox", name="地点")
    offers = await offered(page, field, "bslz")
    await offers.first.click()
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text("白沙黎族自治县")
    assert await axe(page) == []
