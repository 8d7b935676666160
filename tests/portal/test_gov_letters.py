"""Letters on the pages of a case: for the applicant and the offices that may have them, for nobody else."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.portal.gov import CLERK, COUNTY, VILLAGE, proposed
from tests.portal.portal import Portal, axe, untold
from tests.stories.people import Town

SLOW = 60_000
"""Milliseconds within which a letter is printed on a busy machine; the list asks by itself."""


async def taken(page: Page, link: str) -> bytes:
    """The file behind a link of the list."""
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=link).click()
    return Path(await (await waiting.value).path()).read_bytes()


@pytest.mark.policy("T11.2")
async def test_the_applicant_takes_the_letters_and_reads_the_code(portal: Portal, town: Town) -> None:  # fmt: skip
    filing_id = await proposed(town, "文书")
    page = await portal.as_user("resident.datong", f"/org/cases/{filing_id}")
    await expect(page.get_by_role("link", name="PDF 收件凭证")).to_be_visible(timeout=SLOW)
    assert (await taken(page, "PDF 收件凭证"))[:5] == b"%PDF-"
    assert (await taken(page, "DOCX 收件凭证"))[:2] == b"PK"
    resident = await town.person("resident.datong")
    told = await resident.get(f"/api/v1/filings/{filing_id}/tracking-code")
    await expect(page.locator("#main")).to_contain_text(told["code"])
    await expect(page.locator(".letters li")).to_have_count(3)
    assert await axe(page) == []


async def test_offices_take_them_and_the_village_has_none(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "函件")
    clerk = await portal.as_user(CLERK, f"/gov/cases/{filing_id}")
    await expect(clerk.get_by_role("link", name="PDF 承诺书")).to_be_visible(timeout=SLOW)
    assert (await taken(clerk, "PDF 承诺书"))[:5] == b"%PDF-"
    county = await portal.as_user(COUNTY, f"/gov/cases/{filing_id}")
    await expect(county.locator(".letters li")).to_have_count(3)
    village = await portal.as_user(VILLAGE, f"/gov/cases/{filing_id}")
    await expect(village.locator(".letters")).to_have_count(0)
    assert (await village.request.get(f"/letters/{filing_id}")).status == 403


@pytest.mark.parametrize("display", ["en", "elder"])
async def test_the_list_is_a_page_of_its_own(portal: Portal, town: Town, display: str) -> None:
    filing_id = await proposed(town, "清单")
    page = await portal.as_user(CLERK, f"/letters/{filing_id}", display=display, size=(360, 740))
    await expect(page.get_by_role("link", name=re.compile("PDF.*收件凭证"))).to_be_visible(timeout=SLOW)  # fmt: skip
    assert await axe(page) == []
    assert display != "en" or await untold(page) == []
    elsewhere = await portal.as_user("clerk.tianya", "/me")
    assert (await elsewhere.request.get(f"/letters/{filing_id}")).status == 404
