"""Who opens which page of operation and of departments, and that no form of theirs is sent by others."""

import pytest

from gateway.portal.page import pages
from tests.portal.portal import Portal

ROOMS = ("ops", "dept")
TABLE = {
    "/ops": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    "/ops/workloads/filing": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    "/ops/release": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    "/ops/security": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    "/ops/audit/checks/filing": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    f"/ops/traces/{'0' * 32}": "SYS_ADMIN SEC_ADMIN AUDIT_ADMIN",
    "/ops/queues": "SYS_ADMIN",
    "/ops/queues/replay": "SYS_ADMIN",
    "/ops/audit": "AUDIT_ADMIN",
    "/ops/users": "SEC_ADMIN AUDIT_ADMIN",
    "/ops/users/grant": "SEC_ADMIN",
    "/ops/users/posts/x": "SEC_ADMIN",
    "/ops/users/imports": "SEC_ADMIN AUDIT_ADMIN",
    "/ops/accounts": "SEC_ADMIN",
    "/dept/subscriptions": "DEPT COUNTY_APPROVE PROV_SO",
    "/dept/subscriptions/new": "DEPT",
    "/dept/deliveries": "DEPT COUNTY_APPROVE PROV_SO",
    "/dept/catalog": "DEPT COUNTY_APPROVE PROV_SO",
    "/me/delegations": "TOWN_LEAD COUNTY_APPROVE PROV_SO",
}
"""Of the roles below, who opens what; written down, not read from the contracts."""
ROLES = (
    "SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN", "DEPT", "COUNTY_APPROVE", "PROV_SO", "TOWN_LEAD",
    "AUDITOR", "RESIDENT",
)  # fmt: skip
FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
SENDERS = ("SYS_ADMIN", "SEC_ADMIN", "DEPT", "COUNTY_APPROVE")


def test_every_page_is_in_the_table() -> None:
    asked = {one.path for one in pages() if one.room in ROOMS and one.method == "GET"}
    named = {
        path.replace("filing", "{workload}").replace("/x", "/{post}").replace("0" * 32, "{trace}")
        for path in TABLE
    }
    about_one = {"/dept/subscriptions/{subscription}", "/dept/deliveries/body"}
    assert asked - about_one == named - {"/me/delegations"}


@pytest.mark.parametrize("role", ROLES)
async def test_exactly_the_roles_of_the_table_come_in(portal: Portal, role: str) -> None:
    page = await portal.as_role(role, "/me")
    found = {path: (await page.request.get(path)).status for path in TABLE}
    expected = {path: 200 if role in roles.split() else 403 for path, roles in TABLE.items()}
    assert found == expected
    refused = await page.goto(next(path for path, status in found.items() if status == 403))
    assert refused is not None
    assert "没有办理权限" in await page.inner_text("h1")
    links = await page.locator("nav a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert [link for link in links if found.get(link) == 403] == [], "no link that answers 403"


async def test_nobody_is_sent_to_the_sign_on(portal: Portal) -> None:
    page = await portal.open("/")
    for path in TABLE:
        answer = await page.request.get(path, max_redirects=0)
        assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("role", SENDERS)
async def test_no_form_is_taken_from_elsewhere(portal: Portal, role: str) -> None:
    """Every action without the hidden value, and with it from a foreign page."""
    page = await portal.as_role(role, "/me")
    value = await page.locator("input[name=form_value]").first.get_attribute("value")
    own = {"origin": portal.platform.url, "sec-fetch-site": "same-origin"}
    paths = [one.path for one in pages() if one.method == "POST" and one.room in (*ROOMS, "me")]
    assert len(paths) > 15
    for path in paths:
        address = path.format(subscription="x", post="x", post_import="x")
        for headers, form in ((own, {}), (FOREIGN, {"form_value": value or ""}), ({}, {})):
            answer = await page.request.post(address, headers=headers, form=form)
            assert answer.status == 403, (path, headers)
            assert "session.cross_site" in await answer.text()
