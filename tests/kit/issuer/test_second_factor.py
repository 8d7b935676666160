"""The second factor and the level of a sign-on, the same for the embedded issuer and Keycloak."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.keycloak.demo_realm import otp_key
from kit.embedded.issuer.factors import PERIOD, code_at
from kit.embedded.sign_in import SignInError, fill_in, form_action, open_browser, sign_in
from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_acceptance import ASK, PASSWORD, redeem

CLERK, LEAD, RESIDENT, ADMIN = "clerk.datong", "lead.datong", "resident.datong", "sec-admin"


def codes(username: str) -> Callable[[], str]:
    """Codes of a person, each another one: codes are good once.

    Of the three that count this one and the next stay good while the period ends.
    """
    last = 0

    def following() -> str:
        nonlocal last
        now = int(time.time()) // PERIOD
        last = max(last + 1, now)
        assert last <= now + 1, "no more than two codes at a time"
        return code_at(otp_key(username).encode(), last)

    return following


def browser_at(issuer: Issuer) -> httpx.AsyncClient:
    """A browser that keeps its cookies, at an issuer."""
    return open_browser(issuer.transport, f"{issuer.url}/protocol/openid-connect/")


async def answer_of(browser: httpx.AsyncClient, sent: httpx.Response) -> dict[str, Any]:
    """Claims of the ID token that a sign-in's last answer leads to."""
    assert sent.status_code == 302, sent.text[-500:]
    value = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
    told = (await redeem(browser, value)).json()
    keys = KeySet.import_key_set((await browser.get("certs")).json())
    return jwt.decode(told["id_token"], keys, algorithms=["RS256"]).claims


async def signed_in(browser: httpx.AsyncClient, username: str, otp: Callable[[], str]) -> Any:
    """Signed in at the low level."""
    page = await browser.get("auth", params=ASK)
    return await answer_of(browser, await fill_in(browser, page, username, PASSWORD, otp))


@pytest.mark.parametrize("username", [CLERK, ADMIN])
async def test_staff_and_operators_owe_a_code_at_every_sign_in(
    strict: Issuer, username: str
) -> None:
    async with browser_at(strict) as browser:
        page = await browser.get("auth", params=ASK)
        person = {"username": username, "password": PASSWORD}
        asked = await browser.post(form_action(page), data=person)
        assert asked.status_code == 200
        assert 'name="otp"' in asked.text
        wrong = await browser.post(form_action(asked), data={"otp": "000000"})
        assert (wrong.status_code, 'name="otp"' in wrong.text) == (200, True)
        sent = await browser.post(form_action(wrong), data={"otp": codes(username)()})
        assert (await answer_of(browser, sent))["acr"] == "low"


async def test_a_citizen_signs_in_by_password(strict: Issuer) -> None:
    async with browser_at(strict) as browser:
        claims = await signed_in(browser, RESIDENT, lambda: "none was asked for")
    assert claims["acr"] == "low"


async def test_a_code_is_good_once(strict: Issuer) -> None:
    code = codes(CLERK)()
    async with browser_at(strict) as browser:
        await signed_in(browser, CLERK, lambda: code)
    with pytest.raises(SignInError):
        await sign_in(strict.url, CLERK, PASSWORD, otp=lambda: code, transport=strict.transport)


async def test_step_up_asks_for_the_code_and_renews_the_time(strict: Issuer) -> None:
    otp = codes(LEAD)
    async with browser_at(strict) as browser:
        before = await signed_in(browser, LEAD, otp)
        page = await browser.get("auth", params=ASK | {"acr_values": "high"})
        assert 'name="otp"' in page.text
        high = await answer_of(browser, await fill_in(browser, page, LEAD, PASSWORD, otp))
        assert (high["acr"], high["sid"]) == ("high", before["sid"])
        assert high["auth_time"] >= before["auth_time"]
        silent = await answer_of(browser, await browser.get("auth", params=ASK))
        assert silent["acr"] == "low", "a later request that does not ask is low again"


async def test_high_at_once_asks_for_one_code(strict: Issuer) -> None:
    otp = codes(LEAD)
    async with browser_at(strict) as browser:
        page = await browser.get("auth", params=ASK | {"acr_values": "high"})
        sent = await fill_in(browser, page, LEAD, PASSWORD, otp)
        assert (await answer_of(browser, sent))["acr"] == "high"


async def test_an_unknown_level_is_low(strict: Issuer) -> None:
    async with browser_at(strict) as browser:
        page = await browser.get("auth", params=ASK | {"acr_values": "highest"})
        sent = await fill_in(browser, page, RESIDENT, PASSWORD)
        assert (await answer_of(browser, sent))["acr"] == "low"


async def test_prompts_are_kept(strict: Issuer) -> None:
    async with browser_at(strict) as browser:
        await signed_in(browser, RESIDENT, str)
        silent = await browser.get("auth", params=ASK | {"prompt": "none"})
        assert "code" in parse_qs(urlsplit(silent.headers["location"]).query)
        again = await browser.get("auth", params=ASK | {"prompt": "login"})
        assert 'name="password"' in again.text
        stepping = await browser.get("auth", params=ASK | {"prompt": "none", "acr_values": "high"})
        assert "error" in parse_qs(urlsplit(stepping.headers["location"]).query)


async def test_wrong_codes_lock_the_account_too(strict: Issuer) -> None:
    async with browser_at(strict) as browser:
        page = await browser.get("auth", params=ASK)
        person = {"username": CLERK, "password": PASSWORD}
        asked = await browser.post(form_action(page), data=person)
        for number in range(5):
            asked = await browser.post(form_action(asked), data={"otp": f"{number:06}"})
        locked = await browser.post(form_action(asked), data={"otp": codes(CLERK)()})
        assert locked.status_code == 200, "a right code does not open a locked account"
    with pytest.raises(SignInError):
        await sign_in(strict.url, CLERK, PASSWORD, otp=codes(CLERK), transport=strict.transport)
