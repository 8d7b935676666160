"""U12: English pages tell no Chinese but names, laws and what people wrote, each marked as Chinese."""

import pytest
from playwright.async_api import Page

from gateway.portal.page import pages
from proto.gen.minzheng.common.v1.access_pb import Role
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
