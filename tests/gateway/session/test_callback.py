"""The way back from the issuer: only what this browser asked for, once, and never a token in sight."""

import logging
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from kit.embedded.sign_in import fill_in
from tests.gateway.session.conftest import (
    CLERK,
    ONE,
    PASSWORD,
    RESIDENT,
    STREET,
    TWO,
    Browser,
    World,
)
from tests.gateway.session.test_sign_on import MINE
from tests.spans import spans_of

BACK = "/sign-in/callback"


async def back(browser: Browser, path: str = "/sign-in") -> httpx.URL:
    """Where the issuer sends a browser back to, not gone to yet."""
    page = await browser.follow(await browser.client.get(path))
    sent = await fill_in(browser.client, page, RESIDENT, PASSWORD)
    return httpx.URL(sent.headers["location"])


def changed(url: httpx.URL, **parts: str) -> httpx.URL:
    """The address with other parameters; an empty one is left out."""
    query = dict(parse_qsl(url.query.decode())) | parts
    return url.copy_with(query=urlencode({n: t for n, t in query.items() if t}).encode())


@pytest.mark.parametrize(
    "parts",
    [
        {"state": "other"}, {"state": ""}, {"iss": "http://127.0.0.1:8081/realms/other"}, {"iss": ""},
        {"code": ""}, {"code": "other"}, {"code": "", "error": "access_denied"},
    ],
    ids=str,
)  # fmt: skip
async def test_another_answer_signs_nobody_in(
    world: World, browser: Browser, parts: dict[str, str]
) -> None:
    answer = await browser.client.get(changed(await back(browser), **parts))
    assert answer.status_code in (400, 401)
    assert "重新登录" in answer.text
    assert browser.cookie == ""
    assert await world.count() == 0


async def test_an_answer_is_good_once_and_in_its_browser_only(
    world: World, browser: Browser
) -> None:
    """Login CSRF: the address of a stranger's sign-in leads nowhere in another browser."""
    url = await back(browser)
    victim = await world.browser()
    assert (await victim.client.get(url)).status_code == 400
    assert (await browser.client.get(url)).status_code == 303
    assert (await browser.client.get(url)).status_code == 400
    assert await world.count() == 1


async def test_a_replayed_cookie_of_a_sign_in_needs_a_fresh_code(
    world: World, browser: Browser
) -> None:
    url = await back(browser)
    kept = {cookie.name: cookie.value or "" for cookie in browser.client.cookies.jar}
    assert (await browser.client.get(url)).status_code == 303
    again = await world.browser()
    again.client.cookies.update(kept)
    assert (await again.client.get(url)).status_code == 401


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/api", "/api"),
        ("", "/desk"),
        ("//evil.example", "/desk"),
        ("https://evil.example", "/desk"),
    ],
)
async def test_the_way_goes_on_within_this_site(browser: Browser, asked: str, led_to: str) -> None:
    url = await back(browser, f"/sign-in?{urlencode({'next': asked})}")
    answer = await browser.client.get(url)
    assert answer.headers["location"] == led_to


async def test_another_person_takes_over_no_post(world: World, browser: Browser) -> None:
    await world.hold(world.account(CLERK), "TOWN_CLERK", STREET, ONE)
    await browser.sign_in(CLERK)
    before = browser.cookie
    page = await browser.follow(await browser.client.get("/sign-in?next=/sign-in/post"))
    assert page.url.path == "/sign-in/post", "the single sign-on lives"
    other = await world.browser()
    other.client.cookies.set("__Host-sid", browser.cookie, domain="127.0.0.1", path="/")
    await other.sign_in(RESIDENT)
    assert (await other.who()).json()["post"] == "self"
    assert (await browser.client.get(MINE)).status_code == 401
    assert before != other.cookie


@pytest.mark.parametrize("token", ["", "a.b.c"])
async def test_a_false_logout_token_ends_nothing(
    world: World, browser: Browser, token: str
) -> None:
    await browser.sign_in(RESIDENT)
    answer = await world.http.post(
        "http://127.0.0.1:8080/sign-out/back-channel", data={"logout_token": token}
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert await world.count() == 1


@pytest.mark.parametrize("path", ["/sign-in", BACK, "/sign-out", "/sign-out/back-channel"])
async def test_other_methods_and_media_are_refused(browser: Browser, path: str) -> None:
    assert (await browser.client.put(path)).status_code == 405
    if path.startswith("/sign-out"):
        assert (await browser.client.post(path, json={})).status_code == 415
        large = await browser.client.post(path, data={"logout_token": "x" * 20_000})
        assert large.status_code == 415


async def test_no_cookie_and_no_token_is_seen_anywhere(
    world: World,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Canaries: page sources, addresses, logs and spans of a whole visit."""
    exporter = spans_of(monkeypatch)
    caplog.set_level(logging.DEBUG)
    account = world.account(CLERK)
    await world.hold(account, "TOWN_CLERK", STREET, ONE)
    await world.hold(account, "COUNTY_CLERK", "460106000000", TWO)
    secrets, pages = set(), []
    pages.append((await browser.sign_in(CLERK)).text)
    secrets.add(browser.cookie)
    await browser.submit("/sign-in/post", post=ONE)
    secrets.add(browser.cookie)
    for path in ("/", "/sign-in/post", "/api/v1/session", MINE):
        pages.append((await browser.client.get(path)).text)
    (session,) = await world.rows.of(account)
    kept = await world.rows.tokens(session)
    assert kept is not None
    secrets |= {kept.access, kept.refresh}
    form_value = await browser.form_value()
    await world.age(refresh_at=10)
    await browser.client.get(MINE)
    await browser.submit("/sign-out")
    assert len(secrets) == 4
    addresses = [str(one.url) for one in world.net.seen if one.url.port == 8080]
    spans = "".join(f"{s.name} {dict(s.attributes or {})}" for s in exporter.get_finished_spans())
    assert "GET /sign-in/callback" in spans
    # The browser of this test logs its own addresses through httpx.
    logs = "".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    assert not any(secret in page for page in pages for secret in secrets)
    for secret in (*secrets, form_value):
        assert secret
        assert not any(secret in address for address in addresses)
        assert secret not in spans
        assert secret not in logs
    codes = [httpx.URL(one).params.get("code") for one in addresses if BACK in one]
    assert codes
    assert not any(code in logs + spans for code in codes if code)
