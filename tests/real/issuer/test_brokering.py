"""People of the province's unified identity: signed in without a question, their assurance kept up.

A second realm of the same Keycloak plays the province.
"""

import html
import re
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest
from keycloak import KeycloakAdmin

from deploy.keycloak.province_realm import PEOPLE
from gateway.demo.client import PASSWORD
from kit.embedded.issuer.factors import PERIOD, code_at
from kit.embedded.sign_in import fill_in, form_action
from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_acceptance import ASK
from tests.kit.issuer.test_second_factor import answer_of, browser_at

CHOICE = re.compile(r'href="([^"]*/broker/unified-identity/login[^"]*)"')
"""The button of our page."""
SECRET = re.compile(r'name="totpSecret" value="([^"]+)"')
LOW, HIGH = (account for account, _, _ in PEOPLE)
HIGH_LEVEL = {"acr_values": "high"}


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """To where redirects lead, up to the one that leaves for the client."""
    for _ in range(12):
        location = answer.headers.get("location", "")
        if not answer.is_redirect or location.startswith(ASK["redirect_uri"]):
            return answer
        answer = await browser.get(answer.url.join(location))
    raise AssertionError("redirects without end")


async def through_the_province(
    browser: httpx.AsyncClient, account: str, **more: str
) -> httpx.Response:
    """What follows the province's page."""
    page = await browser.get("auth", params=ASK | more)
    [link] = (html.unescape(one) for one in CHOICE.findall(page.text))
    page = await follow(browser, await browser.get(page.url.join(link)))
    return await follow(browser, await fill_in(browser, page, account, PASSWORD))


async def test_nobody_is_asked_anything_and_the_assurance_comes_along(
    strict: Issuer, province: KeycloakAdmin
) -> None:
    for account, assurance in ((LOW, "low"), (HIGH, "high")):
        async with browser_at(strict) as browser:
            claims = await answer_of(browser, await through_the_province(browser, account))
        subject = province.get_user_id(account)
        assert claims["preferred_username"] == f"hn-{subject}"
        assert (claims["assurance"], claims["acr"]) == (assurance, "low")


async def test_a_raised_assurance_counts_from_the_next_sign_in(
    strict: Issuer, province: KeycloakAdmin
) -> None:
    user = province.get_user(province.get_user_id(LOW))
    for assurance in ("high", "low"):
        province.update_user(user["id"], user | {"attributes": {"assurance": [assurance]}})
        async with browser_at(strict) as browser:
            claims = await answer_of(browser, await through_the_province(browser, LOW))
        assert claims["assurance"] == assurance


async def test_an_account_that_exists_is_not_taken_over(
    strict: Issuer, administration: KeycloakAdmin, province: KeycloakAdmin
) -> None:
    """One of that name without a link to the province: names are folded, subjects are not."""
    name = f"hn-{province.get_user_id(LOW)}"
    for user in administration.get_users({"username": name}):
        administration.delete_user(user["id"])
    made = administration.create_user({"username": name, "enabled": True})
    async with browser_at(strict) as browser:
        assert (await through_the_province(browser, LOW)).status_code == 409
    administration.delete_user(made)


@pytest.fixture
def without_code(strict: Issuer, administration: KeycloakAdmin, province: KeycloakAdmin) -> None:
    """The person has not given a second factor yet."""
    known = administration.get_users({"username": f"hn-{province.get_user_id(LOW)}"})
    for user in known:
        administration.delete_user(user["id"])


async def test_a_step_up_asks_for_a_code_of_ours(strict: Issuer, without_code: None) -> None:
    await steps_up(strict, lambda browser: through_the_province(browser, LOW, **HIGH_LEVEL))


async def steps_up(
    strict: Issuer, comes: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
) -> None:
    """Who comes is of the low level: a code is enrolled at the first step-up, then asked for."""
    async with browser_at(strict) as browser:
        page = await comes(browser)
        [secret] = SECRET.findall(page.text)
        otp = codes(secret)
        form = {"totp": otp(), "totpSecret": secret, "userLabel": "phone"}
        sent = await follow(browser, await browser.post(form_action(page), data=form))
        assert (await answer_of(browser, sent))["acr"] == "high"
    async with browser_at(strict) as browser:
        page = await comes(browser)
        assert 'name="otp"' in page.text
        assert 'name="password"' not in page.text
        sent = await follow(browser, await browser.post(form_action(page), data={"otp": otp()}))
        assert (await answer_of(browser, sent))["acr"] == "high"


def codes(secret: str) -> Callable[[], str]:
    """This period's code, then the next one's."""
    left = iter((0, 1))
    return lambda: code_at(secret.encode(), int(time.time()) // PERIOD + next(left))
