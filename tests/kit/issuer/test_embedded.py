"""What only the embedded issuer can be asked without a clock or a listener of its own."""

import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.keycloak.demo_realm import strict_realm
from kit.embedded.issuer.factors import Factors, code_at, fits
from kit.embedded.sign_in import client_token, form_action
from tests.kit.issuer.conftest import REALM, Issuer
from tests.kit.issuer.test_acceptance import ASK
from tests.kit.issuer.test_second_factor import RESIDENT, browser_at, signed_in


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


async def test_a_wrong_password_leaves_the_name_as_text(issuer: Issuer) -> None:
    typed = '"><script>'
    async with browser_at(issuer) as browser:
        asked = await browser.get("auth", params=ASK)
        data = {"username": typed, "password": "wrong"}
        page = await browser.post(form_action(asked), data=data)
    assert 'value="&quot;&gt;&lt;script&gt;"' in page.text
    assert typed not in page.text
