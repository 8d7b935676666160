"""What only the embedded issuer can be asked without a clock or a listener of its own."""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.keycloak.demo_realm import strict_realm
from kit.embedded.issuer import issuer_app
from kit.embedded.issuer.factors import Factors, code_at, fits
from kit.embedded.sign_in import client_token, fill_in
from tests.kit.issuer.conftest import BASE, REALM, Issuer
from tests.kit.issuer.test_acceptance import ASK, PASSWORD, VERIFIER
from tests.kit.issuer.test_second_factor import RESIDENT, browser_at, signed_in

PORTAL = {
    "client_id": "minzheng-portal",
    "redirect_uri": "http://127.0.0.1:8080/sign-in/callback",
}
SECRET = {"client_id": "minzheng-portal", "client_secret": "demo-only-minzheng-portal"}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B: the last six of eight digits.
    secret = b"12345678901234567890"
    assert code_at(secret, 59 // 30) == "287082"
    assert code_at(secret, 1111111109 // 30) == "081804"


def test_three_periods_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.embedded.issuer.factors.time.time", lambda: 3000.0)
    found = [
        fits(b"12345678901234567890", code_at(b"12345678901234567890", n)) for n in range(97, 104)
    ]
    assert found == [None, None, 99, 100, 101, None, None]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "é12345", " 287082"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert fits(b"12345678901234567890", code) is None


def test_the_flows_say_who_owes_a_code() -> None:
    assert Factors.of(strict_realm()) == Factors(frozenset({"staff", "operator"}), True)
    assert Factors.of(json.loads(REALM.read_text("utf-8"))) == Factors(frozenset(), False)


async def test_a_banner_says_that_no_code_is_asked_for(issuer: Issuer, strict: Issuer) -> None:
    for one, said in ((issuer, True), (strict, False)):
        async with browser_at(one) as browser:
            page = await browser.get("auth", params=ASK)
        assert ("未启用动态口令" in page.text) is said
        assert "演示环境" in page.text


async def test_max_age_asks_again(strict: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with browser_at(strict) as browser:
        await signed_in(browser, RESIDENT, str)
        young = await browser.get("auth", params=ASK | {"max_age": "60"})
        assert young.status_code == 302
        later = time.time() + 61
        monkeypatch.setattr("kit.embedded.issuer.sign_in.time.time", lambda: later)
        assert 'name="password"' in (await browser.get("auth", params=ASK | {"max_age": "60"})).text


class Listener(httpx.AsyncBaseTransport):
    """A client's back-channel address; remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.away = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        form = parse_qs((await request.aread()).decode())
        self.told.append((str(request.url), form["logout_token"][0]))
        return httpx.Response(200)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def told(tmp_path: Path, listener: Listener) -> Issuer:
    """An issuer whose logout calls are listened to."""
    app = issuer_app(REALM, tmp_path, BASE, profile="test", transport=listener)
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))


async def at_the_portal(browser: httpx.AsyncClient) -> dict[str, str]:
    """Tokens of the portal for the resident."""
    page = await browser.get("auth", params=ASK | PORTAL)
    sent = await fill_in(browser, page, RESIDENT, PASSWORD)
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": PORTAL["redirect_uri"],
        "code": parse_qs(httpx.URL(sent.headers["location"]).query.decode())["code"][0],
        "code_verifier": VERIFIER,
    }
    answer: dict[str, str] = (await browser.post("token", data=form | SECRET)).json()
    return answer


@pytest.mark.parametrize("way", ["refresh token", "by page"])
async def test_a_logout_is_told_to_the_clients_of_the_sign_on(
    told: Issuer, listener: Listener, way: str
) -> None:
    async with browser_at(told) as browser:
        tokens = await at_the_portal(browser)
        if way == "by page":
            await browser.get("logout", params={"id_token_hint": tokens["id_token"]})
        else:
            form = SECRET | {"refresh_token": tokens["refresh_token"]}
            assert (await browser.post("logout", data=form)).status_code == 204
        keys = KeySet.import_key_set((await browser.get("certs")).json())
        ((url, token),) = listener.told
        read = jwt.decode(token, keys, algorithms=["RS256"])
        identity = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert url == "http://127.0.0.1:8080/sign-out/back-channel"
    assert read.header["typ"] == "logout+jwt"
    assert read.claims["events"] == {EVENT: {}}
    assert (read.claims["sid"], read.claims["sub"]) == (identity["sid"], identity["sub"])
    assert read.claims["aud"] == "minzheng-portal"
    assert "nonce" not in read.claims


async def test_a_client_that_is_away_does_not_hinder_a_logout(
    told: Issuer, listener: Listener
) -> None:
    listener.away = True
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
    told: Issuer, listener: Listener, who: dict[str, str], status: int
) -> None:
    async with browser_at(told) as browser:
        tokens = await at_the_portal(browser)
        form = who | {"refresh_token": tokens["refresh_token"]}
        assert (await browser.post("logout", data=form)).status_code == status
    assert listener.told == []


def test_the_realm_is_as_strict_as_the_design_says() -> None:
    realm = json.loads((REALM.parent / "minzheng-realm.json").read_text("utf-8"))
    clients = {client["clientId"]: client for client in realm["clients"]}
    assert realm["bruteForceProtected"]
    assert realm["failureFactor"] == 5
    assert realm["revokeRefreshToken"]
    assert (realm["refreshTokenMaxReuse"], realm["accessTokenLifespan"]) == (0, 300)
    assert realm["ssoSessionMaxLifespan"] <= 8 * 3600
    assert {role["name"] for role in realm["roles"]["realm"]} == {
        "citizen", "staff", "department", "operator",
    }  # fmt: skip
    assert sum(name.startswith("dept-") for name in clients) == 8
    assert sum(name.startswith("system-") for name in clients) == 6
    for name, client in clients.items():
        machine = name.startswith(("dept-", "system-"))
        assert client.get("serviceAccountsEnabled", False) is machine
        assert not client.get("directAccessGrantsEnabled", False)
        assert not client["fullScopeAllowed"]
        assert not client.get("publicClient") or name == "minzheng-cli"
        if client.get("standardFlowEnabled"):
            assert client["attributes"]["pkce.code.challenge.method"] == "S256"
            assert not any("*" in uri for uri in client["redirectUris"])
    secrets = [client["secret"] for client in clients.values() if "secret" in client]
    assert len(set(secrets)) == len(secrets)


@pytest.mark.parametrize("client", ["dept-tax", "system-hotline"])
async def test_machines_have_tokens_of_their_own(issuer: Issuer, client: str) -> None:
    token = await client_token(
        issuer.url, client, f"demo-only-{client}", transport=issuer.transport
    )
    async with browser_at(issuer) as browser:
        keys = KeySet.import_key_set((await browser.get("certs")).json())
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    assert (claims["azp"], claims["roles"]) == (client, ["department"])
