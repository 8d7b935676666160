"""Pages for everybody: found without scripts, fit for everybody, light."""

import csv
import io

import pytest
from playwright.async_api import Page, expect

from tests.portal.portal import MOBILE, Portal, axe, untold
from tests.portal.seeded import Seeded

PAGES = (
    "/", "/guide", "/guide/filing", "/guide/assessment", "/guide/pledge", "/register",
    "/register/{organization}", "/announcements", "/announcements/{announcement}", "/track",
    "/accessibility", "/sitemap",
)  # fmt: skip
THEMES = (("", (1440, 900)), ("elder.contrast", MOBILE), ("en", (320, 700)))
MOST_BYTES, MOST_REQUESTS = 40_000, 8


async def weigh(portal: Portal, path: str) -> tuple[int, int]:
    """Bytes and requests of a cold visit."""
    page = await portal.open("/static/none", watched=False)
    sizes: list[int] = []

    async def count(request) -> None:
        told = await request.sizes()
        sizes.append(told["responseBodySize"] + told["responseHeadersSize"])

    page.on("requestfinished", count)
    await page.goto(path, wait_until="networkidle")
    return sum(sizes), len(sizes)


@pytest.mark.parametrize("path", PAGES)
async def test_a_public_page_fits_everybody_and_is_light(portal: Portal, seeded: Seeded, path: str) -> None:  # fmt: skip
    address = seeded.fill(path)
    for display, size in THEMES:
        page = await portal.open(address, display=display, size=size)
        await expect(page.locator("h1")).to_have_count(1)
        assert await axe(page) == [], (display, size)
        if display == "en":
            assert await untold(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    size, requests = await weigh(portal, address)
    assert size <= MOST_BYTES
    assert requests <= MOST_REQUESTS


@pytest.mark.policy("T12.1")
async def test_anybody_finds_an_organization_without_scripts(portal: Portal, seeded: Seeded) -> None:  # fmt: skip
    """By name, by number, by place; the page names no person."""
    page = await portal.open("/", scripts=False)
    await page.locator("main input[type=search]").fill("山兰黎锦")
    await page.get_by_role("button", name="查询").click()
    await page.get_by_role("link", name="山兰黎锦社").click()
    await expect(page.locator("h1")).to_contain_text("山兰黎锦社")
    await expect(page.locator("main")).to_contain_text("SQBA")
    await expect(page.locator("main")).to_contain_text("尚未收到该组织公开的信息")
    source = await page.content()
    assert not [name for name in seeded.persons if name in source]
    number = await page.locator("dd").first.inner_text()
    await page.goto(f"/register?search={number}")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto("/register")
    await page.locator("select[name=region]").select_option("469025000000")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("tbody tr", has_text="山兰黎锦社")).to_have_count(1)
    await page.goto("/register?region=460106000000&search=山兰")
    await expect(page.locator("main")).to_contain_text("没有符合条件的组织")


async def test_filters_answer_in_place_and_stay_in_the_address(portal: Portal, seeded: Seeded) -> None:  # fmt: skip
    page = await portal.open("/register")
    await page.locator("select[name=region]").select_option("469025000000")
    await expect(page.get_by_role("list", name="已选条件")).to_contain_text("白沙黎族自治县")
    assert "region=469025000000" in page.url
    await page.reload()
    await expect(page.locator("tbody tr", has_text="山兰黎锦社")).to_have_count(1)
    await page.go_back()
    await expect(page.locator("h1")).to_have_text("组织查询")


async def test_a_short_search_says_what_is_wrong(portal: Portal) -> None:
    page = await portal.open("/register?search=山", scripts=False)
    await expect(page.get_by_role("alert")).to_contain_text("至少两个字符")


async def test_hostile_text_is_text(portal: Portal) -> None:
    page = await portal.open(
        "/register?search=%3Cscript%3Ealert(1)%3C/script%3E%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"
    )
    await expect(page.locator("main")).to_contain_text("没有符合条件的组织")
    assert "<script>alert" in await page.locator("input[type=search]").input_value()
    assert await page.locator("main img").count() == 0


async def test_the_list_as_a_file_says_what_it_is(seeded: Seeded, http) -> None:
    answer = await http.get("/register.csv", params={"search": "山兰"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    first, heads, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert "山兰" in first[0]
    assert "导出时间" in first[0]
    assert heads[0] == "名称"
    assert len(rows) == 1
    assert "attachment" in answer.headers["content-disposition"]


async def test_an_organization_on_another_day_and_for_machines(portal: Portal, seeded: Seeded, http) -> None:  # fmt: skip
    path = seeded.fill("/register/{organization}")
    page = await portal.open(f"{path}?as_of=20200101", scripts=False, watched=False)
    await expect(page.locator("h1")).to_have_text("未找到")
    told = (await http.get(f"{path}/data.jsonld")).json()
    assert told["@type"] == "NGO"
    assert told["identifier"].startswith("SQBA")


async def test_a_withdrawn_announcement_says_why(portal: Portal, seeded: Seeded) -> None:
    page = await portal.open(seeded.fill("/announcements/{withdrawn}"), scripts=False)
    await expect(page.locator("main")).to_contain_text("已撤下")
    await expect(page.locator("main")).to_contain_text("时间调整")


async def test_advice_follows_the_thresholds(portal: Portal) -> None:
    page = await portal.open("/guide/assessment", scripts=False)
    for members, money, advice in (("60", "30000", "可申请登记"), ("12", "0", "可申请备案"), ("3", "0", "暂由村（社区）指导管理")):  # fmt: skip
        await page.locator("[name=individuals]").fill(members)
        await page.locator("[name=fund_yuan]").fill(money)
        await page.get_by_role("button", name="测算", exact=True).click()
        await expect(page.locator(".banner strong")).to_have_text(advice)


async def test_places_follow_each_other_with_and_without_scripts(portal: Portal) -> None:
    page = await portal.open("/guide/filing")
    await page.locator("[name=community_county]").select_option("460106000000")
    await page.locator("[name=community_township]").select_option("460106004000")
    await page.locator("[name=community]").select_option("460106004002")
    await page.get_by_role("button", name="查看当地指南").click()
    await expect(page.locator("#guide")).to_contain_text("海口市龙华区大同街道")
    plain = await portal.open("/guide/filing", scripts=False)
    await plain.locator("[name=community_county]").select_option("460204000000")
    await plain.get_by_role("button", name="更新下级选项").click()
    await expect(plain.locator("[name=community_township]")).to_have_count(0)


async def ask(page: Page, number: str, code: str) -> None:
    """Ask how a case stands."""
    await page.locator("[name=applicationNo]").fill(number)
    await page.locator("[name=code]").fill(code)
    await page.get_by_role("button", name="查询").last.click()


async def test_a_case_is_tracked_by_number_and_code(portal: Portal, seeded: Seeded) -> None:
    """Neither stands in the address; a wrong code says nothing of the case."""
    page = await portal.open("/track", scripts=False)
    await ask(page, seeded.number, "0000-0000-0000")
    await expect(page.locator(".error-summary")).to_contain_text("收件编号或查询码不正确")
    assert await page.locator("[name=applicationNo]").input_value() == seeded.number
    await ask(page, seeded.number, seeded.code.lower())
    await expect(page.locator("main")).to_contain_text("合唱队")
    assert page.url.endswith("/track")
    assert not [name for name in seeded.persons if name in await page.content()]
