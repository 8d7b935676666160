"""Back-channel logout, the same for the embedded issuer and Keycloak."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from kit.embedded.sign_in import fill_in
from tests.kit.issuer.conftest import Heard, Issuer
from tests.kit.issuer.test_acceptance import ASK, PASSWORD, VERIFIER
from tests.kit.issuer.test_second_factor import RESIDENT, browser_at

PORTAL = {
    "client_id": "minzheng-portal",
    "redirect_uri": "http://127.0.0.1:8080/sign-in/callback",
}
SECRET = {"client_id": "minzheng-portal", "client_secret": "demo-only-minzheng-portal"}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def at_the_portal(browser: httpx.AsyncClient) -> dict[str, str]:
    """Tokens of the portal for the resident."""
    page = await browser.get("auth", params=ASK | PORTAL)
    sent = await fill_in(browser, page, RESIDENT, PASSWORD)
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": PORTAL["redirect_uri"],
        "code": parse_qs(urlsplit(sent.headers["location"]).query)["code"][0],
        "code_verifier": VERIFIER,
    }
    answer: dict[str, str] = (await browser.post("token", data=form | SECRET)).json()
    return answer


@pytest.mark.parametrize("way", ["refresh token", "by page"])
async def test_a_logout_is_told_to_the_clients_of_the_sign_on(
    told: Issuer, heard: Heard, way: str
) -> None:
    async with browser_at(told) as browser:
        tokens = await at_the_portal(browser)
        if way == "by page":
            await browser.get("logout", params={"id_token_hint": tokens["id_token"]})
        else:
            form = SECRET | {"refresh_token": tokens["refresh_token"]}
            assert (await browser.post("logout", data=form)).status_code == 204
        keys = KeySet.import_key_set((await browser.get("certs")).json())
        (token,) = heard.tokens
        read = jwt.decode(token, keys, algorithms=["RS256"])
        identity = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert read.header["typ"] == "logout+jwt"
    assert fresh(read.claims)
    assert read.claims["events"] == {EVENT: {}}
    assert (read.claims["sid"], read.claims["sub"]) == (identity["sid"], identity["sub"])
    assert read.claims["aud"] == "minzheng-portal"
    assert "nonce" not in read.claims


def fresh(claims: dict[str, Any]) -> bool:
    """Made a moment ago, and not good for long."""
    return abs(claims["iat"] - time.time()) < 60 and 0 < claims["exp"] - claims["iat"] <= 300


async def test_a_client_that_is_away_does_not_hinder_a_logout(told: Issuer, heard: Heard) -> None:
    heard.go_away()
    async with browser_at(told) as browser:
        tokens = await at_the_portal(browser)
        form = SECRET | {"refresh_token": tokens["refresh_token"]}
        assert (await browser.post("logout", data=form)).status_code == 204
        again = form | {"grant_type": "refresh_token"}
        assert (await browser.post("token", data=again)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"client_id": "minzheng-portal", "client_secret": "x"}, 401),
        ({"client_id": "minzheng-cli"}, 400),
    ],
)
async def test_only_the_client_itself_logs_out_by_refresh_token(
    told: Issuer, heard: Heard, who: dict[str, str], status: int
) -> None:
    async with browser_at(told) as browser:
        tokens = await at_the_portal(browser)
        form = who | {"refresh_token": tokens["refresh_token"]}
        assert (await browser.post("logout", data=form)).status_code == status
    assert heard.tokens == []
