"""How long a session lasts: its limits, its post, the issuer's word."""

import asyncio

import httpx
import pytest

from gateway.session.reactions import Ending
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged
from tests.gateway.session.conftest import CLERK, ISSUER, ONE, RESIDENT, TWO, World
from tests.gateway.session.test_sign_on import MINE, refused


@pytest.mark.parametrize(
    ("minutes", "lives"),
    [
        ({"seen_at": 14, "confirmed_at": 14}, True),
        ({"seen_at": 15}, False),
        ({"confirmed_at": 15}, False),
        ({"started_at": 479}, True),
        ({"started_at": 480}, False),
    ],
    ids=str,
)
async def test_limits_hold(world, browser, clerk, minutes, lives) -> None:
    await browser.sign_in(CLERK)
    await world.age(**minutes)
    assert (await browser.client.get(MINE)).status_code == (200 if lives else 401)
    assert await world.count() == lives


async def test_a_request_is_noted_and_keeps_the_session(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    for _ in range(3):
        await world.age(seen_at=10)
        assert (await browser.client.get(MINE)).status_code == 200


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    await world.age(seen_at=14)
    clock = {"hx-source": "div#queue"}
    assert (await browser.client.get(MINE, headers=clock)).status_code == 200
    await world.age(seen_at=1)
    assert (await browser.client.get(MINE, headers=clock)).status_code == 401


async def test_what_is_over_is_tidied(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    assert await world.rows.tidy() == 0
    await world.age(seen_at=16)
    assert await world.rows.tidy() == 1


async def test_a_revoked_post_ends_its_session_at_the_next_request(world, browser, double) -> None:
    await browser.sign_in(CLERK)
    await browser.submit("/sign-in/post", post=TWO)
    other = await world.browser()
    await other.sign_in(CLERK)
    await other.submit("/sign-in/post", post=ONE)
    assert (await browser.client.get(MINE)).status_code == 200
    await world.revoke(double, TWO)
    refused(await browser.client.get(MINE), 401, "common.unauthenticated")
    assert (await other.client.get(MINE)).status_code == 200, "the other post goes on"
    assert await world.count() == 1


async def test_a_fact_ends_sessions_nobody_uses(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    await world.revoke(clerk, ONE)
    fact = PostChanged(account=clerk, fact_version=2, grants_version=2)
    for _ in range(2):
        async with world.database.transaction() as connection:
            await Ending(world.rows, world.posts).on_post_changed(connection, fact, None)
    assert await world.count() == 0


async def test_tokens_are_refreshed_here_once_for_all_requests(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    await world.age(refresh_at=10, confirmed_at=10)
    calls = len(token_calls(world))
    answers = await asyncio.gather(*(browser.client.get(MINE) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(token_calls(world)) == calls + 1
    await world.age(refresh_at=10)
    assert (await browser.client.get(MINE)).status_code == 200, "the new refresh token is kept"


async def test_one_request_wins_the_right_to_refresh(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    await world.age(refresh_at=10)
    (session,) = await world.rows.of(clerk)
    claims = await asyncio.gather(*(world.rows.claim_refresh(session) for _ in range(6)))
    assert [claim for claim in claims if claim is not None] == [await world.rows.tokens(session)]


def token_calls(world: World) -> list[httpx.Request]:
    return [
        one for one in world.net.seen if one.url.path.endswith("/protocol/openid-connect/token")
    ]


async def test_whom_the_issuer_does_not_know_any_more_is_out(world, browser, clerk) -> None:
    """A disabled person: the issuer tells nobody, but gives no more tokens."""
    await browser.sign_in(CLERK)
    (session,) = await world.rows.of(clerk)
    kept = await world.rows.tokens(session)
    form = {
        "client_id": "minzheng-portal", "client_secret": "demo-only-minzheng-portal",
        "token": kept.refresh,
    }  # fmt: skip
    await world.http.post(f"{ISSUER}/realms/minzheng/protocol/openid-connect/revoke", data=form)
    await world.age(refresh_at=10)
    refused(await browser.client.get(MINE), 401, "common.unauthenticated")
    assert await world.count() == 0


async def test_an_issuer_that_is_away_is_borne_for_a_while(world, browser, clerk) -> None:
    await browser.sign_in(CLERK)
    world.net.cut = True
    await world.age(refresh_at=10, confirmed_at=10)
    assert (await browser.client.get(MINE)).status_code == 200
    page = await browser.client.get("/sign-in")
    assert page.status_code == 503
    assert "登录服务暂不可用" in page.text
    await world.age(confirmed_at=5)
    assert (await browser.client.get(MINE)).status_code == 401


@pytest.mark.parametrize("who", [CLERK, RESIDENT])
async def test_a_disabled_account_is_signed_out_everywhere_and_comes_in_no_more(
    world, browser, clerk, who
) -> None:
    await browser.sign_in(who)
    other = await world.browser()
    await other.sign_in(who)
    assert (await browser.client.get(MINE)).status_code == 200
    account = world.account(who)
    await world.disable(account)
    refused(await browser.client.get(MINE), 401, "common.unauthenticated")
    fact = PostChanged(account=account, fact_version=2, grants_version=2)
    async with world.database.transaction() as connection:
        await Ending(world.rows, world.posts).on_post_changed(connection, fact, None)
    assert await world.count() == 0
    page = await other.sign_in(who)
    assert (page.status_code, "该账号已停用" in page.text) == (403, True)
    assert await world.count() == 0
