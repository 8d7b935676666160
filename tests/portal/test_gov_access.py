"""Who opens which page of the desks (U8): exactly who the contracts say; foreign cases are not there."""

import pytest
from playwright.async_api import expect

from kit.ids import uuid7
from tests.portal.gov import CLERK, case_of, proposed
from tests.portal.portal import Portal
from tests.stories.people import Town
from tests.stories.posts import INSERT

OFFICERS = {"VILLAGE", "TOWN_CLERK", "TOWN_LEAD", "COUNTY_CLERK", "COUNTY_REVIEW", "COUNTY_APPROVE", "CITY_CA", "PROV_SO", "PROV_GC", "AUDITOR"}  # fmt: skip
EXPORTERS = OFFICERS - {"VILLAGE"}
PAGES = {
    "/gov/inbox": {"VILLAGE", "TOWN_CLERK", "TOWN_LEAD"},
    "/gov/cases": OFFICERS,
    "/gov/orgs": OFFICERS,
    "/gov/jobs": EXPORTERS,
    "/gov/jobs/new": EXPORTERS,
    "/gov/rules": OFFICERS,
    "/gov/rules/FIL.DECIDE_WD": OFFICERS,
    "/gov/handover": {"TOWN_CLERK"},
    "/gov/announcements": {
        "TOWN_CLERK",
        "TOWN_LEAD",
        "COUNTY_CLERK",
        "COUNTY_APPROVE",
        "CITY_CA",
        "PROV_SO",
    },
    "/gov/announcements/new": {"TOWN_CLERK", "COUNTY_CLERK", "CITY_CA", "PROV_SO"},
}
MENU = ("/gov/inbox", "/gov/cases", "/gov/orgs", "/gov/announcements", "/gov/rules", "/gov/jobs")
OF_A_CASE = {
    "": OFFICERS,
    "/decide": {"TOWN_LEAD"},
    "/return": {"TOWN_CLERK"},
    "/refuse": {"TOWN_CLERK"},
    "/persons": {"TOWN_CLERK", "TOWN_LEAD"},
}
KNOWN: list[str] = []
"""The case that every role is tried at."""
OTHERS = {"RESIDENT", "PARTY_TOWN", "COUNTY_FIN", "EXPERT", "SYS_ADMIN"}


@pytest.mark.policy("T11.2", "T11.3")
@pytest.mark.parametrize("role", sorted(OFFICERS | OTHERS))
async def test_a_role_opens_what_its_contracts_offer(portal: Portal, town: Town, role: str) -> None:
    filing_id = KNOWN[0] if KNOWN else await proposed(town, "岗位")
    KNOWN[:] = [filing_id]
    page = await portal.as_role(role, "/me")
    wanted = PAGES | {f"/gov/cases/{filing_id}{end}": who for end, who in OF_A_CASE.items()}
    found = {path: (await page.request.get(path)).status for path in wanted}
    assert found == {path: 200 if role in who else 403 for path, who in wanted.items()}
    await page.goto("/me")
    menu = await page.locator(".side-menu a").evaluate_all("all => all.map(a => a.pathname)")
    assert {path for path in menu if path.startswith("/gov/")} == {
        path for path in MENU if role in PAGES[path]
    }  # fmt: skip


async def test_a_case_elsewhere_is_not_there(portal: Portal, town: Town) -> None:
    filing_id = await proposed(town, "别处")
    for username in ("clerk.tianya", "county-clerk.tianya", "city.sanya", "village.tianya"):
        page = await portal.as_user(username, "/me")
        answer = await page.request.get(f"/gov/cases/{filing_id}")
        assert (username, answer.status) == (username, 404)
        assert "别处" not in await answer.text()


@pytest.mark.policy("T11.2")
async def test_who_proposed_finds_no_button_and_is_refused(portal: Portal, town: Town) -> None:
    """One person with both posts: the page offers no decision, the service refuses one that is sent."""
    filing_id = await proposed(town, "两岗")
    version = str((await case_of(town, filing_id))["version"])
    database = await portal.platform.database("gateway")
    clerk = "e9c96bbd-ecdc-5427-ab71-5891f381cae5"
    path = "/460000000000/460100000000/460106000000/460106004000/"
    try:
        await database.execute(INSERT, str(uuid7()), clerk, "TOWN_LEAD", "460106004000", path, "")
        page = await portal.as_user(CLERK, "/gov/inbox")
        await page.get_by_role("button", name="负责人").click()
        await page.goto(f"/gov/cases/{filing_id}")
        await expect(page.locator("#case")).to_contain_text("须由另一人审核决定")
        await expect(page.get_by_role("button", name="准予备案")).to_have_count(0)
        await page.goto(f"/gov/cases/{filing_id}/decide")
        await expect(page.get_by_role("button", name="确认准予备案")).to_have_count(0)
        await page.goto("/sign-in/post")
        value = await page.locator("input[name=form_value]").first.input_value()
        sent = await page.request.post(
            f"/gov/cases/{filing_id}/decide",
            form={"form_value": value, "request_id": str(uuid7()), "version": version, "agree": "yes", "sure": "yes", "note": "", "back": ""},
            headers={"origin": portal.platform.url},
        )  # fmt: skip
        assert sent.status == 409
        assert "须由另一人审核" in await sent.text()
    finally:
        await database.execute("DELETE FROM post WHERE granted_by = 'test'")
        await database.close()
    assert (await case_of(town, filing_id))["state"] == "FILING_STATE_COMPLETENESS"
