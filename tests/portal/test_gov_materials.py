"""The files an applicant sent: opened by who reviews them and by the applicant, by nobody else."""

import pytest
from playwright.async_api import expect

from tests.portal.gov import CLERK, LEAD, VILLAGE, open_case, proposed, submitted
from tests.portal.portal import Portal, axe
from tests.portal.test_gov_letters import taken
from tests.stories.people import PDF, Town


@pytest.mark.policy("T11.4")
async def test_the_clerk_reads_what_is_judged(portal: Portal, town: Town) -> None:
    filing_id = await submitted(town, "阅卷")
    village = await portal.as_user(VILLAGE, f"/gov/inbox?case={filing_id}")
    await expect(village.locator("#case")).to_contain_text("章程")
    await expect(village.locator("#case a[href^='/materials/']")).to_have_count(0)
    assert (await village.request.get(f"/materials/{filing_id}/B02")).status == 403
    await town.reviewed(filing_id)
    clerk = await portal.as_user(CLERK)
    await open_case(clerk, filing_id)
    assert await taken(clerk, "PDF 1 KB 章程（简易章程）") == PDF
    assert await axe(clerk) == []
    elsewhere = await portal.as_user("clerk.tianya")
    assert (await elsewhere.request.get(f"/materials/{filing_id}/B02")).status == 404
    assert (await clerk.request.get(f"/materials/{filing_id}/B01")).status == 404
    assert (await clerk.request.get(f"/materials/{filing_id}/ZZ")).status == 422


async def test_the_lead_and_the_applicant_read_it_too(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "复核")
    lead = await portal.as_user(LEAD, f"/gov/cases/{filing_id}")
    assert await taken(lead, "PDF 1 KB 活动场所使用证明") == PDF
    resident = await portal.as_user("resident.datong", f"/org/cases/{filing_id}")
    assert await taken(resident, "PDF 1 KB 活动场所使用证明") == PDF
