"""Answers of the issuer that are forged, foreign, stale or meant for somebody else are refused."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc.jwk import RSAKey

from gateway.session.cookies import Flow
from gateway.session.oidc import EVENT, Ended, Provider
from gateway.tokens import Keys, Tokens
from kit.errors import Kind, Refusal
from kit.secrets import Keyring
from tests.gateway.caller.conftest import ISSUER, Issuer

KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
LATER = 4_102_444_800
"""In 2100."""
FLOW = Flow("state", "nonce", "v" * 43, "/", int(time.time()) + 600)
TOLD = {
    "issuer": ISSUER,
    **{
        f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token", "end_session")
    },
}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


class Answers:
    """What the issuer's token endpoint answers, and the forms it got."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.status = 200
        self.changed: dict[str, Any] = {}
        self.forms: list[dict[str, list[str]]] = []

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of an ID token; None leaves one out."""
        return {
            "aud": "portal", "typ": "ID", "azp": "portal", "nonce": "nonce", "sid": "s1",
            "acr": "high", "auth_time": int(time.time()) - 5, "name": "符志强", **changed,
        }  # fmt: skip

    def body(self) -> dict[str, Any]:
        return {
            "access_token": self.issuer.sign(azp="portal"), "refresh_token": "r1", "expires_in": 300,
            "id_token": self.issuer.sign(**self.claims()), **self.changed,
        }  # fmt: skip

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json=TOLD)
        self.forms.append(parse_qs(request.content.decode()))
        return httpx.Response(self.status, json=self.body())


@pytest.fixture
def answers(issuer: Issuer) -> Answers:
    issuer.published = [issuer.rsa, issuer.ec, issuer.enc]
    return Answers(issuer)


@pytest.fixture
def provider(issuer: Issuer, answers: Answers) -> Provider:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answers))
    tokens = Tokens(ISSUER, "minzheng-api", Keys(issuer.keys))
    return Provider(ISSUER, "portal", "secret", "http://gw/sign-in/callback", tokens, http)


async def refused(work: Any, kind: Kind = Kind.UNAUTHENTICATED) -> bool:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.kind is kind


async def test_a_right_answer_names_the_person(provider: Provider, answers: Answers) -> None:
    granted = await provider.redeem("code", FLOW)
    assert (granted.identity.account, granted.issuer_session, granted.acr) == ("anna", "s1", "high")
    assert granted.tokens.name == "符志强"
    (form,) = answers.forms
    assert form["code_verifier"] == ["v" * 43]
    assert form["client_secret"] == ["secret"]
    shown = f"{granted} {provider}"
    assert not any(word in shown for word in ("r1", "eyJ", "secret", "符"))


async def test_what_is_asked_for_is_bound_to_this_browser(provider: Provider) -> None:
    url = httpx.URL(await provider.sign_in_url(FLOW, high=True))
    asked = dict(url.params)
    assert (asked["state"], asked["nonce"], asked["acr_values"]) == ("state", "nonce", "high")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert FLOW.verifier not in str(url)
    assert "acr_values" not in await provider.sign_in_url(FLOW, high=False)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://issuer.test/realms/other"}, {"aud": "minzheng-api"}, {"aud": ["other"]},
        {"azp": "other"}, {"azp": None}, {"typ": "Bearer"}, {"typ": "Logout"}, {"nonce": "other"},
        {"nonce": None}, {"exp": 1}, {"exp": None}, {"sid": None}, {"sid": ""}, {"sub": "bert"},
        {"sub": None}, {"auth_time": None}, {"auth_time": "now"}, {"nbf": LATER},
    ],
    ids=str,
)  # fmt: skip
async def test_an_id_token_with_another_claim_is_refused(
    provider: Provider, answers: Answers, changed: dict[str, Any]
) -> None:
    answers.changed = {"id_token": answers.issuer.sign(**answers.claims(**changed))}
    assert await refused(provider.redeem("code", FLOW))


@pytest.mark.parametrize(
    "changed",
    [
        {"id_token": None}, {"id_token": ""}, {"id_token": 7}, {"id_token": "a.b.c"},
        {"access_token": None}, {"access_token": "a.b.c"}, {"refresh_token": None},
        {"expires_in": "long"}, {"expires_in": None},
    ],
    ids=str,
)  # fmt: skip
async def test_an_answer_that_lacks_something_is_refused(
    provider: Provider, answers: Answers, changed: dict[str, Any]
) -> None:
    answers.changed = changed
    assert await refused(provider.redeem("code", FLOW))


async def test_foreign_signatures_are_refused(provider: Provider, answers: Answers) -> None:
    foreign = RSAKey.generate_key(2048, {"kid": "r"})
    for name, claims in (("id_token", answers.claims()), ("access_token", {})):
        answers.changed = {name: answers.issuer.sign(foreign, **claims)}
        assert await refused(provider.redeem("code", FLOW))


async def test_a_machine_signs_on_no_browser(provider: Provider, answers: Answers) -> None:
    machine = answers.issuer.sign(preferred_username="service-account-tax")
    answers.changed = {"access_token": machine}
    assert await refused(provider.redeem("code", FLOW))


@pytest.mark.parametrize("status", [400, 401])
async def test_a_refused_code_is_a_refusal_and_a_refused_refresh_the_end(
    provider: Provider, answers: Answers, status: int
) -> None:
    answers.status = status
    assert await refused(provider.redeem("code", FLOW))
    assert await provider.refresh("r0") is None


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_an_issuer_in_trouble_is_away(
    provider: Provider, answers: Answers, status: int
) -> None:
    answers.status = status
    assert await refused(provider.redeem("code", FLOW), Kind.UNAVAILABLE)
    assert await refused(provider.refresh("r0"), Kind.UNAVAILABLE)


def leaving(**changed: Any) -> dict[str, Any]:
    """Claims of a logout token."""
    return {
        "aud": "portal", "typ": "Logout", "azp": None, "preferred_username": None,
        "assurance": None, "sid": "s1", "jti": "j", "events": {EVENT: {}}, **changed,
    }  # fmt: skip


LOGOUT = {"typ": "logout+jwt"}
Sign = Callable[..., str]


async def test_a_logout_token_names_a_sign_on_or_an_account(
    provider: Provider, issuer: Issuer
) -> None:
    assert await provider.ended(issuer.sign(None, LOGOUT, **leaving())) == Ended("", "s1")
    of_all = issuer.sign(None, LOGOUT, **leaving(sid=None))
    assert await provider.ended(of_all) == Ended("anna", "")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://issuer.test/realms/other"}, {"aud": "minzheng-api"}, {"aud": None},
        {"events": None}, {"events": {}}, {"events": "x"}, {"events": {"other": {}}},
        {"nonce": "n"}, {"sid": None, "sub": None}, {"sid": "", "sub": ""},
        {"iat": 1}, {"iat": None}, {"iat": LATER}, {"exp": 1},
    ],
    ids=str,
)  # fmt: skip
async def test_a_logout_token_with_another_claim_is_refused(
    provider: Provider, issuer: Issuer, changed: dict[str, Any]
) -> None:
    assert await refused(provider.ended(issuer.sign(None, LOGOUT, **leaving(**changed))))


async def test_no_other_token_logs_out(provider: Provider, issuer: Issuer) -> None:
    foreign = RSAKey.generate_key(2048, {"kid": "r"})
    for token in (
        "", "a.b.c", issuer.sign(), issuer.sign(**leaving()),
        issuer.sign(None, {"typ": "JWT"}, **leaving()), issuer.sign(foreign, LOGOUT, **leaving()),
        issuer.sign(issuer.enc, LOGOUT, **leaving()),
    ):  # fmt: skip
        assert await refused(provider.ended(token))


def test_a_sign_in_under_way_is_read_back_by_us_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = FLOW.sealed(KEYRING)
    assert Flow.read(KEYRING, sealed) == FLOW
    other = Keyring({1: b"g" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
    assert Flow.read(other, sealed) is None
    for value in ("", "é", "x", sealed[:-8], sealed[:40] + "A" + sealed[41:], "A" * 4000):
        assert Flow.read(KEYRING, value) is None
    later = time.time() + 601
    monkeypatch.setattr("gateway.session.cookies.time.time", lambda: later)
    assert Flow.read(KEYRING, sealed) is None
