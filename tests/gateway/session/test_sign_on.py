"""Signing on and off by pages, on a real database, with the issuer under the realm of production."""

import base64
import json

import httpx
import pytest

from gateway.session.cookies import digest_of
from kit.identity import Verifier
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.gateway.session.conftest import (
    CLERK,
    GATEWAY,
    ONE,
    OWN_PAGE,
    RESIDENT,
    TWO,
    Browser,
    World,
)

MINE = "/api/v1/my/posts"


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def called_as(world: World, browser: Browser) -> tuple[str, Role, str]:
    """Who a service saw."""
    answer = await browser.client.get(MINE)
    assert answer.status_code == 200, answer.text
    rpc, token = world.services.calls[-1]
    verifier = Verifier.from_json("gateway", settings().secret("internal_keys.json"))
    who = verifier.verify(token, path=rpc.path, body=b"", fresh=False)
    return who.subject, who.role, who.post_id


async def test_a_clerk_signs_in_and_calls_under_the_only_post(world, browser, clerk) -> None:
    page = await browser.sign_in(CLERK)
    assert (page.status_code, page.url.path) == (200, "/sign-in/post")
    assert "符志强" in page.text
    assert "大同街道" in page.text
    assert await called_as(world, browser) == (clerk, Role.TOWN_CLERK, ONE)
    told = (await browser.who()).json()
    assert (told["account"], told["post"], told["name"]) == (clerk, ONE, "符志强")
    assert told["stepUpUntil"] == ""


async def test_a_resident_needs_no_post(world, browser) -> None:
    await browser.sign_in(RESIDENT)
    assert await called_as(world, browser) == (world.account(RESIDENT), Role.RESIDENT, "")


async def test_the_cookie_is_held_close_and_only_its_hash_is_kept(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    answers = [answer.headers.get_list("set-cookie") for answer in await all_answers(browser)]
    told = [cookie for cookies in answers for cookie in cookies if "Max-Age=0" not in cookie]
    assert told
    for cookie in told:
        assert cookie.startswith("__Host-")
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert "Domain" not in cookie
    assert len(base64.urlsafe_b64decode(browser.cookie + "=")) == 32
    (row,) = await world.database.pool.fetch("SELECT digest, t::text AS text FROM session t")
    assert bytes(row["digest"]) == digest_of(browser.cookie)
    assert browser.cookie not in row["text"]
    assert "eyJ" not in row["text"], "tokens are encrypted"


async def all_answers(browser: Browser) -> list[httpx.Response]:
    """The answers of another sign-in by this browser, redirects too."""
    found, answer = [], await browser.client.get("/sign-in?level=high")
    found.append(answer)
    page = await browser.follow(answer)
    from kit.embedded.sign_in import fill_in

    answer = await fill_in(browser.client, page, CLERK, "", lambda: browser.world.code(CLERK))
    while answer.is_redirect:
        answer = await browser.client.get(answer.url.join(answer.headers["location"]))
        found.append(answer)
    return found


async def test_two_posts_are_chosen_between(world, browser, double) -> None:
    page = await browser.sign_in(CLERK, "/sign-in?next=/api")
    assert page.url.path == "/sign-in/post"
    assert "请选择本次办理的岗位" in page.text
    refused(await browser.client.get(MINE), 403, "session.no_post")
    before = browser.cookie
    sent = await browser.submit("/sign-in/post", post=TWO, next="/api")
    assert (sent.status_code, sent.headers["location"]) == (303, "/api")
    assert browser.cookie != before
    assert await called_as(world, browser) == (double, Role.COUNTY_CLERK, TWO)
    sent = await browser.submit("/sign-in/post", post="self")
    assert await called_as(world, browser) == (double, Role.RESIDENT, "")


async def test_a_header_may_only_repeat_the_post_of_the_session(browser, double) -> None:
    await browser.sign_in(CLERK)
    await browser.submit("/sign-in/post", post=ONE)
    for stated, status in ((ONE, 200), (TWO, 403), ("self", 403)):
        answer = await browser.client.get(MINE, headers={"minzheng-post": stated})
        assert answer.status_code == status


@pytest.mark.parametrize("post", [TWO, "x", ""])
async def test_a_post_not_held_is_not_chosen(browser, clerk, post) -> None:
    await browser.sign_in(CLERK)
    before = browser.cookie
    assert (await browser.submit("/sign-in/post", post=post)).status_code in (403, 422)
    assert browser.cookie == before
    assert (await browser.client.get(MINE)).status_code == 200


async def test_an_old_cookie_is_worth_nothing(world, browser, double) -> None:
    """After login, another login, a change of post, a step-up and a logout."""
    browser.client.cookies.set("__Host-sid", "planted" * 7, domain="127.0.0.1", path="/")
    old = [browser.cookie]
    await browser.sign_in(CLERK)
    old.append(browser.cookie)
    await browser.submit("/sign-in/post", post=TWO)
    old.append(browser.cookie)
    await browser.sign_in(CLERK)
    old.append(browser.cookie)
    await browser.sign_in(CLERK, "/sign-in?level=high")
    assert (await browser.who()).json()["post"] == TWO, "another sign-in keeps the post"
    old.append(browser.cookie)
    assert (await browser.submit("/sign-out")).status_code == 303
    assert len(set(old)) == len(old) == 5
    for cookie in old:
        answer = await browser.client.get(MINE, headers={"cookie": f"__Host-sid={cookie}"})
        refused(answer, 401, "common.unauthenticated")
    assert await world.count() == 0


async def test_signing_out_ends_it_everywhere(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    sent = await browser.submit("/sign-out")
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert sent.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert browser.cookie == ""
    page = await browser.follow(await browser.client.get("/sign-in"))
    assert 'name="password"' in page.text, "the single sign-on has ended too"


async def test_another_clients_logout_ends_the_session_here(world, browser, clerk) -> None:
    """Back-channel: the issuer tells the gateway."""
    await browser.sign_in(CLERK)
    (session,) = await world.rows.of(clerk)
    kept = await world.rows.tokens(session)
    assert kept is not None
    await world.sessions.provider.log_out(kept.refresh)
    told = [request for request in world.net.seen if request.url.path == "/sign-out/back-channel"]
    assert len(told) == 1
    assert await world.count() == 0
    refused(await browser.client.get(MINE), 401, "common.unauthenticated")


async def test_an_issuer_that_is_away_hinders_no_logout(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    value = await browser.form_value()
    world.net.cut = True
    sent = await browser.client.post("/sign-out", data={"form_value": value}, headers=OWN_PAGE)
    assert sent.status_code == 303
    assert await world.count() == 0


async def test_every_step_leaves_its_audit_row(world, browser, double) -> None:
    await browser.sign_in(CLERK)
    await browser.submit("/sign-in/post", post=TWO)
    await browser.submit("/sign-out")
    from kit.embedded.roles import superuser

    connection = await superuser(settings().database("gateway"), settings())
    rows = await connection.fetch("SELECT * FROM kit.audit WHERE action <> 'test' ORDER BY id")
    await connection.close()
    assert [(row["action"], row["post_id"]) for row in rows] == [
        ("sign_in", ""), ("choose_post", TWO), ("sign_out", TWO),
    ]  # fmt: skip
    assert {row["subject"] for row in rows} == {double}
    assert len({row["object_id"] for row in rows}) == 1


async def test_without_a_session_nobody_is_told(browser) -> None:
    refused(await browser.who(), 401, "common.unauthenticated")
    page = await browser.client.get("/sign-in/post")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Fsign-in%2Fpost")
    assert (await browser.client.post("/sign-out", data={"a": "b"})).status_code == 303


async def test_the_token_of_a_session_is_a_bearer_of_nothing(world, browser, clerk) -> None:
    """The cookie is no bearer token and the form value no cookie."""
    await browser.sign_in(CLERK)
    value = await browser.form_value()
    for headers in (
        {"authorization": f"Bearer {browser.cookie}", "cookie": ""},
        {"cookie": f"__Host-sid={value}"},
        {"cookie": f"sid={browser.cookie}"},
    ):
        answer = await browser.client.get(f"{GATEWAY}{MINE}", headers=headers)
        assert answer.status_code == 401


async def test_the_answer_of_who_names_no_token(browser, clerk) -> None:
    await browser.sign_in(CLERK)
    text = json.dumps((await browser.who()).json())
    assert browser.cookie not in text
    assert "eyJ" not in text
