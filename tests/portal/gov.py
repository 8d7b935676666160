"""Cases made at the API for the pages of the desks, and the steps people take at those pages."""

import re
import secrets

from playwright.async_api import Locator, Page, expect

from gateway.demo.application import form
from tests.stories.people import Town

VILLAGE, CLERK, LEAD, COUNTY = "village.datongli", "clerk.datong", "lead.datong", "county-clerk.longhua"  # fmt: skip
INBOX = "/gov/inbox"
OWN = "甲乙丙丁戊己庚辛壬癸春夏秋冬东南西北"
THEMES = ("", "elder", "contrast", "elder.contrast", "en")


async def submitted(town: Town, brand: str, serial: int = 1) -> str:
    """A case that waits for the village's opinion; no two bear the same name."""
    named = brand + "".join(secrets.choice(OWN) for _ in range(3))
    data = form(town.name.format(named), town.community, serial, "综合服务中心二楼")
    filing_id = await town.draft(named, data)
    await town.submit(filing_id)
    return filing_id


async def reviewed(town: Town, brand: str) -> str:
    """A case whose materials are all marked present."""
    filing_id = await submitted(town, brand)
    await town.reviewed(filing_id)
    return filing_id


async def proposed(town: Town, brand: str) -> str:
    """A case that waits for the second person."""
    filing_id = await reviewed(town, brand)
    clerk = await town.person(CLERK)
    body = {"decision": "DECISION_ACCEPT", "reason": "材料齐全"}
    await clerk.post(f"/api/v1/filings/{filing_id}:proposeDecision", body)
    return filing_id


async def case_of(town: Town, filing_id: str, who: str = CLERK) -> dict[str, object]:
    """The case as the API tells it."""
    return dict((await (await town.person(who)).get(f"/api/v1/filings/{filing_id}"))["filing"])


async def open_case(page: Page, filing_id: str) -> None:
    """The case beside the queue."""
    await page.goto(f"{INBOX}?case={filing_id}")
    await expect(page.locator("#case h2")).to_be_visible()


async def mark(page: Page, **findings: str) -> None:
    """Mark every material at the clerk's desk; those not named are present."""
    await page.get_by_role("button", name="全部标为齐全").click()
    for code, finding in findings.items():
        await page.locator(f"input[name=mark_{code}][value={finding}]").check()


def row(page: Page, brand: str) -> Locator:
    """Its line in the queue."""
    return page.locator(".queue tbody tr").filter(has_text=brand)


async def count(page: Page, tab: str) -> int:
    """What a tab says."""
    text = await page.get_by_role("navigation", name="待办分类").get_by_role("link", name=re.compile(tab)).inner_text()  # fmt: skip
    return int(text.split()[-1])


async def wide(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))
