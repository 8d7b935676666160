"""Tables on phones: rows are cards whose cells say what they are, nothing scrolls sideways (1.4.10)."""

import asyncio

import pytest
from playwright.async_api import Page

from gateway.demo.client import Person
from kit.ids import uuid7
from tests.portal.gov import CLERK, wide
from tests.portal.portal import Portal
from tests.portal.seeded import Seeded
from tests.portal.test_operation import parked
from tests.stories.people import Town
from tests.stories.test_departments import FILED, PATH

__all__ = ["parked"]
OFFICER = "police.longhua"
STAFF = {
    CLERK: ("/gov/inbox", "/gov/cases", "/gov/announcements", "/gov/rules", "/gov/jobs", "/me"),
    "prov-so": ("/gov/orgs",),
    "sys-admin": ("/ops", "/ops/workloads/filing", "/ops/queues", "/ops/release"),
    "sec-admin": ("/ops/users",),
    "audit-admin": ("/ops/audit", "/ops/audit/checks/filing"),
    OFFICER: ("/dept/subscriptions", "/dept/catalog"),
}  # fmt: skip
EVERYBODY = ("/register", "/announcements", "/guide/filing?community=460106004002")
PHONES = (("", 320), ("", 375), ("elder", 375), ("en", 320))
SIDEWAYS = """() => [...document.querySelectorAll(".table-box")]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => `${box.ariaLabel}: ${box.scrollWidth} in ${box.clientWidth}`)"""
UNTOLD = """() => [...document.querySelectorAll(".table-box tbody td:not([colspan])")]
  .filter((cell) => cell.offsetParent && cell.closest("table").className !== "review")
  .filter((cell) => !getComputedStyle(cell, "::before").content.includes(cell.dataset.of || "-"))
  .map((cell) => cell.textContent.trim())"""
DATES = """() => [...document.querySelectorAll(".queue td.tight .nowrap")].map((date) =>
  date.closest("td").getBoundingClientRect().right - date.getBoundingClientRect().right)"""
EDGE = 8
"""Pixels that part a date from the next column."""


async def fits(page: Page, path: str) -> None:
    """The page has a table; neither it nor a table scrolls sideways, and its cells tell their columns."""
    async with asyncio.timeout(30):
        while True:  # The first walk along an audit trail ends soon after the start.
            await page.goto(path)
            if await page.locator("tbody tr").count():
                break
            await asyncio.sleep(1)
    assert (path, await wide(page), await page.evaluate(SIDEWAYS)) == (path, 0, [])
    assert (path, await page.evaluate(UNTOLD)) == (path, [])


async def exported(clerk: Person) -> None:
    """An export, so that there is a list of them."""
    body = {"exportId": str(uuid7()), "format": "EXPORT_FORMAT_CSV"}
    await clerk.post("/api/v1/filing-exports", body)


async def asked(officer: Person) -> None:
    """A subscription that waits for approval."""
    body = {
        "subscriptionId": str(uuid7()), "regionCode": "460106000000", "purpose": "社区治安联防信息共享",
        "types": [FILED], "networks": ["127.9.0.1/32"],
        "url": "https://sub.dept.example.cn:8443/events/of/community/organizations",
    }  # fmt: skip
    await officer.post(PATH, body)


@pytest.mark.parametrize(("display", "width"), PHONES)
@pytest.mark.usefixtures("parked")
async def test_no_table_scrolls_sideways_on_a_phone(
    portal: Portal, town: Town, seeded: Seeded, display: str, width: int
) -> None:
    await exported(await town.person(CLERK))
    await asked(await town.person(OFFICER))
    for person, paths in STAFF.items():
        page = await portal.as_user(person, "/me", display=display, size=(width, 740))
        for path in paths:
            await fits(page, path)
    page = await portal.open("/", display=display, size=(width, 740))
    for path in EVERYBODY:
        await fits(page, path)


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("width", [900, 1100, 1440])
async def test_dates_of_the_queue_keep_off_the_edge(portal: Portal, width: int) -> None:
    page = await portal.as_user(CLERK, "/gov/inbox", size=(width, 800))
    room = await page.evaluate(DATES)
    assert room
    assert min(room) >= EDGE
    assert await page.locator(".queue").evaluate("table => table.parentElement.scrollWidth - table.parentElement.clientWidth") <= 0  # fmt: skip
