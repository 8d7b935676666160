"""Every page by every role (U8), every action from foreign pages (U17): as the contracts say, found without a list."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.demo.client import PASSWORD
from gateway.portal.page import Page, pages
from kit.embedded.sign_in import fill_in, open_browser
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.platform import Platform
from tests.portal.portal import username

VARIABLE = re.compile(r"\{\w+\}")
ROLES = [role for role in Role if role not in (Role.UNSPECIFIED, Role.SYSTEM, Role.ANONYMOUS, Role.DEPT)]  # fmt: skip
"""Whoever signs in with a browser; departments are machines."""
REFUSED = (403, 303)


def address(page: Page) -> str:
    """An address of the page; what it names does not exist."""
    return VARIABLE.sub(str(uuid7()), page.path)


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """To where redirects lead."""
    while answer.is_redirect:
        answer = await browser.get(answer.url.join(answer.headers["location"]))
    return answer


@asynccontextmanager
async def signed_in(platform: Platform, role: Role) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of that role, with a browser's cookies and nothing else."""
    async with open_browser(base_url=platform.url) as browser:
        form = await follow(browser, await browser.get("/sign-in?next=/sitemap"))
        sent = await fill_in(browser, form, username(role.name), PASSWORD)
        await follow(browser, sent)
        if role.name.startswith("ORG_"):
            await act_for_the_organization(browser, platform.url)
        yield browser


async def act_for_the_organization(browser: httpx.AsyncClient, url: str) -> None:
    """Who holds only posts at organizations begins as a resident."""
    html = (await browser.get("/sign-in/post")).text
    said = {key: re.search(f'name="{key}" value="([^"]+)"', html) for key in ("form_value", "post")}
    fields = {key: found[1] for key, found in said.items() if found}
    answer = await browser.post("/sign-in/post", data=fields, headers={"origin": url})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
async def test_a_role_opens_what_its_contracts_allow_and_nothing_else(platform: Platform, role: Role) -> None:  # fmt: skip
    wrong = []
    async with signed_in(platform, role) as browser:
        for page in (page for page in pages() if page.method == "GET"):
            status = (await browser.get(address(page))).status_code
            may = page.open_to(role)
            if status >= 500 or (status == 403) == may:
                wrong.append((page.path, status, may))
    assert wrong == []


async def test_nobody_is_sent_to_the_sign_on(platform: Platform, http: httpx.AsyncClient) -> None:
    for page in (page for page in pages() if page.method == "GET"):
        answer = await http.get(address(page))
        closed = not page.open_to(Role.ANONYMOUS)
        assert answer.headers.get("location", "").startswith("/sign-in?") == closed, page.path


async def test_no_action_is_taken_from_another_site_or_without_the_value_of_the_form(platform: Platform) -> None:  # fmt: skip
    ways = (
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {},
        {"sec-fetch-site": "same-origin", "origin": platform.url},
    )
    found = set()
    async with signed_in(platform, Role.TOWN_CLERK) as browser:
        for page in (page for page in pages() if page.method == "POST"):
            for headers in ways:
                answer = await browser.post(address(page), data={"a": "1"}, headers=headers)
                found.add((answer.status_code, "session.cross_site" in answer.text))
    assert found == {(403, True)}
