"""A browser's visit to a whole platform: signed on, a post revoked, a decision stepped up to, signed off."""

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.demo.client import PASSWORD
from gateway.session.sessions import HEADER
from kit.embedded.sign_in import fill_in, open_browser
from kit.ids import uuid7
from tests.platform import Platform
from tests.stories.people import Town

MINE = "/api/v1/my/posts"


@pytest.fixture
async def browser(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: one jar for the gateway and the issuer."""
    async with open_browser(base_url=platform.url) as client:
        yield client


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """To where redirects lead."""
    while answer.is_redirect:
        answer = await browser.get(answer.url.join(answer.headers["location"]))
    return answer


async def sign_in(
    browser: httpx.AsyncClient, username: str, path: str = "/sign-in"
) -> httpx.Response:
    """Sign in by the pages; the page it ends at."""
    page = await follow(browser, await browser.get(path))
    return await follow(browser, await fill_in(browser, page, username, PASSWORD))


def own_page(platform: Platform, value: str) -> dict[str, str]:
    """What a browser and a script of our pages send along with a change."""
    headers = {"sec-fetch-site": "same-origin", "origin": platform.url, HEADER: value}
    return headers | {"idempotency-key": str(uuid7())}


async def test_a_visit_from_sign_in_to_sign_out(
    platform: Platform, browser: httpx.AsyncClient
) -> None:
    assert 'href="/sign-in"' in (await browser.get("/")).text
    page = await sign_in(browser, "lead.datong")
    assert page.url.path == "/gov/inbox"
    assert "大同街道" in page.text
    posts = (await browser.get(MINE)).json()["posts"]
    assert [post["role"] for post in posts] == ["ROLE_TOWN_LEAD"]
    who = (await browser.get("/api/v1/session")).json()
    decide = f"/api/v1/filings/{uuid7()}:decide"
    headers = own_page(platform, who["formValue"])
    refused = await browser.post(decide, json={"agree": True}, headers=headers)
    assert refused.json()["code"] == "common.step_up"
    await sign_in(browser, "lead.datong", "/sign-in?level=high")
    who = (await browser.get("/api/v1/session")).json()
    headers = own_page(platform, who["formValue"])
    absent = await browser.post(decide, json={"agree": True}, headers=headers)
    assert absent.status_code == 404, "the proof counts; the case does not exist"
    foreign = headers | {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert (await browser.post(decide, json={"agree": True}, headers=foreign)).status_code == 403
    form = {"form_value": who["formValue"]}
    assert (await browser.post("/sign-out", data=form, headers=headers)).status_code == 303
    assert (await browser.get(MINE)).status_code == 401
    page = await follow(browser, await browser.get("/sign-in"))
    assert 'name="password"' in page.text


async def test_a_post_that_is_revoked_ends_its_sessions(
    platform: Platform, browser: httpx.AsyncClient
) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        admin = await Town(platform, http).person("sec-admin")
        await sign_in(browser, "finance.yangpu")
        who = (await browser.get("/api/v1/session")).json()
        assert len(who["posts"]) == 2, "the post and the resident"
        assert (await browser.get(MINE)).status_code == 200
        await admin.post(f"/api/v1/posts/{who['post']}:revoke", {"reason": "调离"})
    assert (await browser.get(MINE)).status_code == 401
    database = await platform.database("gateway")
    left = await database.fetchval(
        "SELECT count(*) FROM session WHERE account = $1", who["account"]
    )
    await database.close()
    assert left == 0


async def test_the_sign_on_of_the_demo_says_what_it_lacks(browser: httpx.AsyncClient) -> None:
    page = await follow(browser, await browser.get("/sign-in"))
    assert "演示环境" in page.text
    assert "未启用动态口令" in page.text
