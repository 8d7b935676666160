"""U8 and U2 on the applicant's pages: who may come, and what everybody can use, in every state and theme."""

import pytest
from playwright.async_api import expect

from tests.portal.applying import Applying
from tests.portal.portal import Portal, axe

PATHS = ("/apply/filing/start", "/apply/filing/{}", "/apply/filing/{}/basic", "/apply/filing/{}/people", "/apply/filing/{}/materials", "/apply/filing/{}/check", "/apply/filing/{}/pledge")  # fmt: skip
OTHERS = ("TOWN_CLERK", "TOWN_LEAD", "VILLAGE", "COUNTY_APPROVE", "AUDITOR", "SEC_ADMIN", "PROV_SO")
THEMES = ("", "elder", "contrast", "elder.contrast", "en")


async def test_only_residents_apply_and_strangers_find_nothing(portal: Portal) -> None:
    applying = await Applying.start(portal)
    filing_id = applying.base.rpartition("/")[2]
    for role in OTHERS:
        page = await portal.as_role(role, "/me")
        for path in ("/apply/filing", *PATHS):
            answer = await page.goto(path.format(filing_id))
            assert answer is not None
            assert answer.status == 403, (role, path)
        await page.goto("/me")
        assert await page.locator(".side-menu a[href^='/apply']").count() == 0
    other = await portal.as_user("resident.tianya", "/me")
    for path in PATHS[1:]:
        answer = await other.goto(path.format(filing_id))
        assert answer is not None
        assert answer.status == 404, path
    nobody = await portal.open("/apply/filing")
    await expect(nobody.locator("h1")).to_have_text("社区社会组织备案")
    await nobody.goto(PATHS[0])
    assert "/realms/" in nobody.url


@pytest.mark.parametrize("display", THEMES)
async def test_every_page_is_usable_in_every_state(portal: Portal, display: str) -> None:
    """Empty, with errors, filled; no sideways scroll on a phone."""
    applying = (
        await Applying.start(portal, display=display) if display != "en" else await english(portal)
    )
    page = applying.page
    base = applying.base
    for step in ("basic", "people", "charter", "materials"):
        await page.goto(f"{base}/{step}")
        await usable(page, f"{step} empty")
        await applying.on()
        await expect(page.locator(".error-summary")).to_be_visible()
        await usable(page, f"{step} with errors")
    for path in ("", "/check", "/pledge", "/charter/text"):
        await page.goto(base + path)
        await usable(page, path)
    for path in (
        "/apply/filing",
        "/apply/filing/start",
        "/org",
        "/org/cases",
        "/org/messages",
        f"/org/cases/{base.rpartition('/')[2]}",
        f"/org/cases/{base.rpartition('/')[2]}/withdraw",
    ):
        await page.goto(path)
        await usable(page, path)


async def english(portal: Portal) -> Applying:
    """At the task list, in English."""
    page = await portal.as_user("resident.datong", "/apply/filing/start", display="en")
    await page.fill("[name=place]", "460106004002")
    await page.locator("[name=place]").press("Enter")
    await expect(page.locator("h1")).to_have_text("Application for filing")
    return Applying(page)


async def usable(page, what: str) -> None:
    """No rule of accessibility is broken; it fits a desk and a phone."""
    assert await axe(page) == [], what
    for width in (1440, 390, 320):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (what, width, wide)
    await page.set_viewport_size({"width": 1440, "height": 900})
