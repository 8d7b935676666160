"""Decisions ask for the second factor, given no more than five minutes ago; nothing else does."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from kit.contracts import rpcs
from kit.ids import uuid7
from tests.gateway.session.conftest import LEAD, ONE, STREET, Browser, World
from tests.gateway.session.test_sign_on import refused

DECIDE = f"/api/v1/filings/{uuid7()}:decide"


@pytest.fixture
async def lead(world: World) -> str:
    """The lead's account, with its post."""
    account = world.account(LEAD)
    await world.hold(account, "TOWN_LEAD", STREET, ONE)
    return account


async def decide(browser: Browser) -> httpx.Response:
    """A decision on a case, by a page's script."""
    headers = await browser.headers() | {"idempotency-key": str(uuid7())}
    return await browser.client.post(DECIDE, json={"agree": True}, headers=headers)


def test_decisions_ask_for_it_and_get_a_token_of_their_own() -> None:
    asking = {rpc.name for rpc in rpcs() if rpc.access.step_up}
    assert "DecideFiling" in asking
    assert all(rpc.access.fresh for rpc in rpcs() if rpc.access.step_up)


async def test_a_decision_needs_a_step_up(world, browser, lead) -> None:
    await browser.sign_in(LEAD)
    refused(await decide(browser), 403, "common.step_up")
    assert world.services.calls == []
    page = await browser.sign_in(LEAD, "/sign-in?level=high&next=/sign-in/post")
    assert page.status_code == 200
    assert (await browser.who()).json()["stepUpUntil"]
    assert (await decide(browser)).status_code == 200


async def test_it_is_over_after_five_minutes(world, browser, lead) -> None:
    await browser.sign_in(LEAD, "/sign-in?level=high")
    await world.age(authenticated_at=4)
    assert (await decide(browser)).status_code == 200
    await world.age(authenticated_at=1)
    refused(await decide(browser), 403, "common.step_up")


async def test_signing_in_again_without_it_is_low(browser, lead) -> None:
    await browser.sign_in(LEAD, "/sign-in?level=high")
    await browser.sign_in(LEAD)
    refused(await decide(browser), 403, "common.step_up")


async def test_a_refresh_gives_no_proof(world, browser, lead) -> None:
    """The issuer's tokens keep the level over a refresh; the time of the proof stays the same."""
    await browser.sign_in(LEAD, "/sign-in?level=high")
    await world.age(authenticated_at=5, refresh_at=10)
    refused(await decide(browser), 403, "common.step_up")
    (session,) = await world.rows.of(lead)
    assert session.refresh_at - session.confirmed_at > timedelta(minutes=4), "it was refreshed"


async def test_bearers_are_held_to_it_too(world, lead) -> None:
    from kit.embedded.sign_in import sign_in
    from tests.gateway.session.conftest import GATEWAY, ISSUER, PASSWORD

    tokens = await sign_in(
        f"{ISSUER}/realms/minzheng", LEAD, PASSWORD,
        otp=lambda: world.code(LEAD), transport=world.net,
    )  # fmt: skip
    headers = {"authorization": f"Bearer {tokens.access_token}", "idempotency-key": str(uuid7())}

    async def call() -> httpx.Response:
        return await world.http.post(f"{GATEWAY}{DECIDE}", json={"agree": True}, headers=headers)

    assert (await call()).status_code == 200
    known = world.caller.tokens._seen
    for digest, identity in known.items():
        known[digest] = replace(identity, authenticated=identity.authenticated - 301)
    refused(await call(), 403, "common.step_up")
    for digest, identity in known.items():
        known[digest] = replace(identity, authenticated=identity.authenticated + 301, acr="low")
    refused(await call(), 403, "common.step_up")
