"""What an issuer must do for us, the same for the embedded one and Keycloak."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from kit.embedded.sign_in import REDIRECT, SignInError, client_token, form_action, sign_in
from tests.kit.issuer.conftest import Issuer

PASSWORD = "demo-Minzheng-2026"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
ASK = {
    "client_id": "minzheng-cli",
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid",
    "state": "s1",
    "nonce": "n1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
PERSON = {"username": "clerk.datong", "password": PASSWORD}


async def claims_of(issuer: Issuer, token: str) -> dict[str, Any]:
    async with issuer.browser() as browser:
        keys = KeySet.import_key_set((await browser.get("certs")).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


async def enter(browser: httpx.AsyncClient, **person: str) -> httpx.Response:
    """What follows the login page; where the single sign-on lives there is no page."""
    page = await browser.get("auth", params=ASK)
    if page.status_code == 302:
        return page
    return await browser.post(form_action(page), data=PERSON | person)


async def code(browser: httpx.AsyncClient) -> str:
    sent = await enter(browser)
    return parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]


async def redeem(browser: httpx.AsyncClient, value: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "minzheng-cli",
        "redirect_uri": REDIRECT,
        "code": value,
        "code_verifier": VERIFIER,
    }
    return await browser.post("token", data=form | changes)


async def test_discovery_names_what_exists(issuer: Issuer) -> None:
    async with issuer.browser() as browser:
        found = (await browser.get(f"{issuer.url}/.well-known/openid-configuration")).json()
    assert found["issuer"] == issuer.url
    assert "S256" in found["code_challenge_methods_supported"]


async def test_a_person_signs_in_and_the_claims_are_mapped(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    claims = await claims_of(issuer, tokens.access_token)
    assert (claims["iss"], claims["typ"], claims["azp"]) == (issuer.url, "Bearer", "minzheng-cli")
    assert "minzheng-api" in claims["aud"]
    assert claims["assurance"] == "high"
    assert set(claims["roles"]) == {"citizen", "staff"}
    identity = await claims_of(issuer, tokens.id_token)
    assert (identity["typ"], identity["aud"]) == ("ID", "minzheng-cli")
    assert identity["sub"] == claims["sub"]


async def test_state_and_issuer_come_back(issuer: Issuer) -> None:
    async with issuer.browser() as browser:
        sent = await enter(browser)
        query = parse_qs(urlsplit(sent.headers["location"]).query)
        assert (query["state"], query["iss"]) == (["s1"], [issuer.url])
        answer = await redeem(browser, query["code"][0])
        assert answer.headers["cache-control"] == "no-store"
        assert (await claims_of(issuer, answer.json()["id_token"]))["nonce"] == "n1"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "nonsense"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_bad_requests_go_back_with_an_error(
    issuer: Issuer, changes: dict[str, str], error: str
) -> None:
    async with issuer.browser() as browser:
        sent = await browser.get("auth", params=ASK | changes)
    assert parse_qs(urlsplit(sent.headers["location"]).query)["error"] == [error]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://evil.example/"},
        {"client_id": "nobody"},
        {"client_id": "dept-social-work"},
    ],
)
async def test_an_unknown_client_or_address_gets_a_page(
    issuer: Issuer, changes: dict[str, str]
) -> None:
    async with issuer.browser() as browser:
        sent = await browser.get("auth", params=ASK | changes)
    assert sent.status_code == 400
    assert "location" not in sent.headers


async def test_a_code_is_good_once_and_only_with_its_proof(issuer: Issuer) -> None:
    async with issuer.browser() as browser:
        value = await code(browser)
        assert (await redeem(browser, value)).status_code == 200
        for spent in (
            await redeem(browser, value),
            await redeem(browser, await code(browser), code_verifier="w" * 64),
            await redeem(browser, await code(browser), redirect_uri="http://127.0.0.1:8085/other"),
        ):
            assert (spent.status_code, spent.json()["error"]) == (400, "invalid_grant")


async def test_a_refresh_token_is_good_once_and_reuse_ends_the_family(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    form = {
        "grant_type": "refresh_token",
        "client_id": "minzheng-cli",
        "refresh_token": tokens.refresh_token,
    }
    async with issuer.browser() as browser:
        new = await browser.post("token", data=form)
        assert new.status_code == 200
        assert (await browser.post("token", data=form)).json()["error"] == "invalid_grant"
        after = form | {"refresh_token": new.json()["refresh_token"]}
        assert (await browser.post("token", data=after)).json()["error"] == "invalid_grant"


async def test_a_department_gets_a_token_of_its_own(issuer: Issuer) -> None:
    token = await client_token(
        issuer.url, "dept-social-work", "demo-only-dept-social-work", transport=issuer.transport
    )
    claims = await claims_of(issuer, token)
    assert (claims["azp"], claims["roles"]) == ("dept-social-work", ["department"])
    with pytest.raises(SignInError, match=r"unauthorized_client|invalid_client"):
        await client_token(issuer.url, "dept-social-work", "wrong", transport=issuer.transport)
    with pytest.raises(SignInError, match="invalid_client"):
        await client_token(issuer.url, "nobody", "x", transport=issuer.transport)


async def test_grants_are_named_when_missing_or_unknown(issuer: Issuer) -> None:
    async with issuer.browser() as browser:
        client = {"client_id": "minzheng-cli"}
        assert (await browser.post("token", data=client)).json()["error"] == "invalid_request"
        other = await browser.post("token", data=client | {"grant_type": "password"})
        assert other.json()["error"] in ("unsupported_grant_type", "unauthorized_client")


async def test_introspection_is_for_the_audience(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    async with issuer.browser() as browser:

        def ask(client: str) -> dict[str, str]:
            return {
                "token": tokens.access_token,
                "client_id": client,
                "client_secret": f"demo-only-{client}",
            }

        assert (await browser.post("token/introspect", data=ask("minzheng-api"))).json()[
            "active"
        ] is True
        foreign = await browser.post("token/introspect", data=ask("dept-social-work"))
        assert foreign.json() == {"active": False}
        assert (await browser.post("token/introspect", data={"token": "x"})).status_code == 401


async def test_userinfo_asks_for_a_live_openid_token(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    department = await client_token(
        issuer.url, "dept-social-work", "demo-only-dept-social-work", transport=issuer.transport
    )
    async with issuer.browser() as browser:

        async def ask(token: str) -> httpx.Response:
            return await browser.get("userinfo", headers={"authorization": f"Bearer {token}"})

        assert (await ask(tokens.access_token)).json()["preferred_username"] == "clerk.datong"
        assert "invalid_token" in said(await ask("garbage"))
        assert (await ask(tokens.id_token)).status_code == 401
        assert "insufficient_scope" in said(await ask(department))


def said(answer: httpx.Response) -> str:
    """Why a bearer token was refused: in the body or, as RFC 6750 has it, in the header."""
    return answer.text + answer.headers.get("www-authenticate", "")


async def test_logout_ends_what_it_names(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    async with issuer.browser() as browser:
        assert "<form" in (await browser.get("logout")).text
        bad = await browser.get(
            "logout",
            params={
                "id_token_hint": tokens.id_token,
                "post_logout_redirect_uri": "http://evil.example/",
            },
        )
        assert bad.status_code == 400
        good = await browser.get(
            "logout",
            params={
                "id_token_hint": tokens.id_token,
                "post_logout_redirect_uri": REDIRECT,
                "state": "x",
            },
        )
        assert (good.status_code, good.headers["location"]) == (302, f"{REDIRECT}?state=x")
        form = {
            "grant_type": "refresh_token",
            "client_id": "minzheng-cli",
            "refresh_token": tokens.refresh_token,
        }
        assert (await browser.post("token", data=form)).json()["error"] == "invalid_grant"


async def test_revocation_answers_garbage_like_success(issuer: Issuer) -> None:
    tokens = await sign_in(issuer.url, "clerk.datong", PASSWORD, transport=issuer.transport)
    other = {"client_id": "dept-social-work", "client_secret": "demo-only-dept-social-work"}
    async with issuer.browser() as browser:
        assert (await browser.post("revoke", data=other | {"token": "garbage"})).status_code == 200
        assert (
            await browser.post("revoke", data=other | {"token": tokens.refresh_token})
        ).status_code == 400
        own = {"client_id": "minzheng-cli", "token": tokens.refresh_token}
        assert (await browser.post("revoke", data=own)).status_code == 200
        form = {
            "grant_type": "refresh_token",
            "client_id": "minzheng-cli",
            "refresh_token": tokens.refresh_token,
        }
        assert (await browser.post("token", data=form)).json()["error"] == "invalid_grant"
