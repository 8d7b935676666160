"""The desks' pages as they look: every rule of accessibility, every theme, narrow windows, hostile names (U2, U9)."""

import pytest
from playwright.async_api import expect

from kit.ids import uuid7
from tests.portal.gov import CLERK, COUNTY, LEAD, VILLAGE, proposed, submitted, wide
from tests.portal.portal import Portal, axe
from tests.stories.people import Town

HOSTILE = "<img src=x onerror=alert(1)>“=1+1”" + "很长的名字" * 8
DESKTOP, MOBILE, NARROW = (1440, 900), (390, 844), (320, 700)
PAGES = {
    CLERK: ("/gov/inbox", "/gov/inbox?tab=late", "/gov/inbox?tab=done", "/gov/cases", "/gov/cases?search=x", "/gov/cases?search=没有这样的名称", "/gov/orgs", "/gov/announcements", "/gov/announcements/new", "/gov/handover", "/gov/rules"),
    LEAD: ("/gov/inbox", "/gov/announcements"),
    VILLAGE: ("/gov/inbox", "/gov/cases", "/gov/handover"),
    "county-approve.longhua": ("/gov/cases", "/gov/rules", "/gov/rules/FIL.DECIDE_WD", "/gov/orgs"),
}  # fmt: skip
KNOWN: list[str] = []


async def hostile(town: Town) -> str:
    """A case whose name, purpose and address try to be more than text."""
    if not KNOWN:
        KNOWN.append(await proposed(town, HOSTILE[:44]))
    return KNOWN[0]


@pytest.mark.parametrize(
    ("display", "size"),
    [
        ("", DESKTOP),
        ("", NARROW),
        ("elder", DESKTOP),
        ("contrast", MOBILE),
        ("elder.contrast", NARROW),
        ("en", MOBILE),
    ],
)
async def test_every_page_fits_everybody(
    portal: Portal, town: Town, display: str, size: tuple[int, int]
) -> None:
    filing_id = await hostile(town)
    await submitted(town, "可及")
    for username, paths in PAGES.items():
        page = await portal.as_user(username, "/me", display=display, size=size)
        more = (f"/gov/cases/{filing_id}",) if username != VILLAGE else ()
        for path in (*paths, *more):
            await page.goto(path)
            await expect(page.locator("h1")).to_have_count(1)
            assert (username, path, await axe(page)) == (username, path, [])
            assert (username, path, await wide(page)) == (username, path, 0)


async def test_hostile_names_are_text(portal: Portal, town: Town) -> None:
    filing_id = await hostile(town)
    page = await portal.as_user(LEAD, f"/gov/inbox?case={filing_id}")
    await expect(page.locator("#case h2")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("#main img").count() == 0


async def test_parts_of_a_case_pass_every_rule(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "分步")
    lead = await portal.as_user(LEAD, f"/gov/cases/{filing_id}/decide")
    assert await axe(lead) == []
    clerk = await portal.as_user(CLERK, f"/gov/cases/{filing_id}/refuse")
    assert await axe(clerk) == []
    await clerk.get_by_role("button", name="提交审核").click()
    await expect(clerk.get_by_role("alert").first).to_be_focused()
    assert await axe(clerk) == []


@pytest.mark.policy("T11.3")
async def test_the_county_comments_and_the_township_reads_it(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "指导")
    county = await portal.as_user(COUNTY, f"/gov/cases/{filing_id}")
    await expect(county.get_by_role("button", name="准予备案")).to_have_count(0)
    await county.get_by_label("指导意见").fill("请核对章程条款。")
    await county.get_by_role("button", name="提交指导意见").click()
    await expect(county.locator("#main")).to_contain_text("指导意见已记录")
    lead = await portal.as_user(LEAD, f"/gov/cases/{filing_id}")
    await expect(lead.locator("#case")).to_contain_text("请核对章程条款。")
    await expect(lead.get_by_role("button", name="准予备案")).to_have_count(1)


async def test_persons_are_masked_until_a_purpose_is_stated(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "遮蔽")
    clerk = await portal.as_user(CLERK, f"/gov/cases/{filing_id}")
    assert "469900198001010" not in await clerk.content()
    await clerk.get_by_role("link", name="查看负责人和成员完整信息").click()
    await clerk.get_by_role("button", name="查看", exact=True).click()
    await expect(clerk.get_by_role("alert").first).to_be_visible()
    await clerk.get_by_label("查看目的").select_option(label="核对身份")
    await clerk.get_by_role("button", name="查看", exact=True).click()
    await expect(clerk.locator("#case")).to_contain_text("469900198001010")
    database = await portal.platform.database("filing")
    try:
        seen = await database.fetchval(
            "SELECT count(*) FROM kit.audit WHERE action = 'reveal_personal' AND object_id = $1"
            " AND reason = 'IDENTITY' AND outcome = 'done'",
            filing_id,
        )
    finally:
        await database.close()
    assert seen == 1


async def test_an_announcement_is_published_by_another_person(portal: Portal) -> None:
    title = f"公告测试 {uuid7()}"
    clerk = await portal.as_user(CLERK, "/gov/announcements/new")
    await clerk.get_by_role("button", name="保存草稿").click()
    await expect(clerk.get_by_role("alert").first).to_be_visible()
    await clerk.get_by_label("种类").select_option(label="其他公告")
    await clerk.get_by_label("标题").fill(title)
    await clerk.get_by_label("正文").fill("正文。")
    await clerk.get_by_role("button", name="保存草稿").click()
    await expect(clerk.locator("#main")).to_contain_text("须由另一人审核发布")
    await expect(clerk.get_by_role("button", name="审核发布")).to_have_count(0)
    lead = await portal.as_user(LEAD, "/gov/announcements")
    await lead.get_by_role("link", name=title).click()
    await lead.get_by_role("button", name="审核发布").click()
    await expect(lead.locator("#main")).to_contain_text("公告已发布")
    public = await portal.open("/announcements")
    await expect(public.locator("#main")).to_contain_text(title)
