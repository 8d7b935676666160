"""U12: English pages tell no Chinese but names, laws and what people wrote, each marked as Chinese."""

import re

import pytest
from playwright.async_api import Page

from gateway.portal.page import pages
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.portal.applying import APPLICANT, file
from tests.portal.gov import CLERK, LEAD, proposed, reviewed
from tests.portal.portal import Portal
from tests.portal.seeded import Seeded
from tests.stories.people import Town

ROLES = ("RESIDENT", "VILLAGE", "TOWN_CLERK", "COUNTY_APPROVE", "DEPT", "SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN")  # fmt: skip
CASE = (
    "/gov/inbox?case={0}", "/gov/cases/{0}", "/gov/cases/{0}/return", "/gov/cases/{0}/refuse",
    "/gov/cases/{0}/persons", "/gov/rules/FIL.DECIDE_WD",
)  # fmt: skip
OWN = ("/org/cases/{0}", "/org/cases/{0}/withdraw", "/apply/filing/{0}/receipt")
STEPS = ("", "/basic", "/people", "/charter", "/charter/text", "/materials", "/check", "/pledge")
STRAY = """() => {
  const han = /[\\u4e00-\\u9fff\\uff08-\\uff1b\\u3001\\u3002]/, found = [];
  const english = (at) => at.closest("[lang]").lang === "en";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { textContent: text, parentElement: at } = walk.currentNode;
    if (han.test(text) && english(at) && !at.closest(".hint")) found.push(text.trim());
  }
  for (const at of document.body.querySelectorAll("*"))
    for (const name of ["aria-label", "title", "placeholder", "alt"])
      if (han.test(at.getAttribute(name) || "") && english(at)) found.push(`${name}=${at.getAttribute(name)}`);
  return found;
}"""
"""Texts and labels; hints may show what is to be typed in Chinese."""

REFUSED = ".error-summary, .wrong, #main .banner.bad:visible, #main h1"
"""Where a page tells what was refused."""
UNFILLED = (
    (CLERK, "/gov/announcements/new"), ("sec-admin", "/ops/users/grant"),
    ("sec-admin", "/ops/users/imports"), ("police.longhua", "/dept/subscriptions/new"),
    (CLERK, "/me/delegations"),
)  # fmt: skip
"""Forms that are sent as they stand."""


async def strays(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """Unmarked Chinese, by page."""
    found = {}
    for path in paths:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)
        if told := await page.evaluate(STRAY):
            found[path] = told
    return found


def fixed(role: str) -> list[str]:
    """Pages of a role whose addresses have no variables."""
    mine = (one for one in pages() if one.method == "GET" and one.open_to(Role[role]))
    return [one.path for one in mine if "{" not in one.path and not one.path.endswith(".csv")]


@pytest.mark.parametrize("role", ROLES)
async def test_the_pages_of_a_role_are_english(portal: Portal, seeded: Seeded, role: str) -> None:
    page = await portal.as_role(role, display="en")
    skipped = {"/dept/deliveries/body", "/ops/queues/replay"}
    assert await strays(page, [path for path in fixed(role) if path not in skipped]) == {}


async def test_a_case_is_told_in_english(portal: Portal, town: Town) -> None:
    """At the desks, to its applicant, and while it is a draft."""
    filing_id, second = await reviewed(town, "英语"), await proposed(town, "英文")
    draft = await town.draft("草稿", {})
    desk = await portal.as_user(CLERK, display="en")
    lead = await portal.as_user(LEAD, display="en")
    own = await portal.as_user("resident.datong", display="en")
    found = await strays(desk, [path.format(filing_id) for path in CASE])
    found |= await strays(lead, [f"/gov/cases/{second}/decide", f"/gov/inbox?case={second}"])
    found |= await strays(own, [path.format(filing_id) for path in OWN])
    found |= await strays(own, [f"/apply/filing/{draft}{step}" for step in STEPS])
    assert found == {}


async def test_operation_is_told_in_english(portal: Portal) -> None:
    page = await portal.as_role("AUDIT_ADMIN", display="en")
    paths = ["/ops/workloads/filing", "/ops/audit/checks/filing", "/ops/audit?workload=filing"]
    assert await strays(page, paths) == {}


async def refused(page: Page) -> str:
    """What a page tells of a refusal, all of it without Chinese, also where it would be marked."""
    told = "\n".join(await page.locator(REFUSED).all_inner_texts())
    assert not re.search("[\u4e00-\u9fff\u3001\u3002\uff08-\uff1b]", told), (page.url, told)
    assert await page.evaluate(STRAY) == []
    return told


async def send(page: Page) -> str:
    """Send the form as it stands; what is told of its refusal."""
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.locator("main .main-button:visible").last.click()
    await page.wait_for_load_state()
    return await refused(page)


@pytest.mark.parametrize(("who", "path"), UNFILLED)
async def test_an_empty_form_is_refused_in_english(portal: Portal, who: str, path: str) -> None:
    page = await portal.as_user(who, path, display="en")
    await send(page)
    assert await page.locator(".error-summary").count()
    assert await page.locator(".wrong").count()


async def test_a_draft_is_refused_in_english(portal: Portal, town: Town) -> None:
    """Empty steps, what the contract refuses, and a file of another type."""
    draft = f"/apply/filing/{await town.draft('', {})}"
    page = await portal.as_user(APPLICANT, f"{draft}/basic", display="en")
    await page.fill("[name='form.name']", "")
    assert "Fill in: Name of the organization." in await send(page)
    await page.fill("[name='form.staffFull']", "many")
    await page.fill("[name='form.name']", "x" * 101)
    told = await send(page)
    assert "must be a whole number, for example 12." in told
    assert "must not have more than 100 characters." in told
    await page.goto(f"{draft}/people")
    assert "At least 10 members are needed." in await send(page)
    await page.goto(f"{draft}/charter")
    assert "Fill in the day the charter was adopted" in await send(page)
    await page.goto(f"{draft}/materials")
    wrong = file(content=b"plain text, no document at all")
    await page.set_input_files("[name='materials.B02']", wrong)
    assert "Only PDF, JPG, PNG, OFD, DOCX and XLSX files are accepted" in await send(page)


async def test_problem_pages_and_public_answers_are_english(portal: Portal) -> None:
    page = await portal.open("/nowhere", display="en")
    assert "There is no such page." in await refused(page)
    await page.goto("/track")
    await send(page)
    assert await page.locator(".error-summary").count()
    await page.goto("/verify?code=x")
    assert "verification code must have 16 letters and digits" in await refused(page)
    await page.goto("/guide/assessment?form=SOCIAL_BODY&individuals=3")
    assert await page.evaluate(STRAY) == []
    told = await page.locator("#main section").inner_text()
    assert "are not met (Members: 3 of at least 10)" in told
    assert not re.search("[\u4e00-\u9fff]", told)
    page = await portal.as_user(APPLICANT, "/gov/inbox", display="en")
    assert "Your present post has no right to do this." in await refused(page)
