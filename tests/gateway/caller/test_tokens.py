"""Forged, foreign and stale tokens are refused; keys are fetched no more than needed."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import pytest
from joserfc.jwk import ECKey, RSAKey

from gateway import tokens as module
from kit.errors import Kind, Refusal


def part(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


async def refused(tokens, token: str) -> bool:
    with pytest.raises(Refusal) as refusal:
        await tokens.verify(token)
    return refusal.value.kind is Kind.UNAUTHENTICATED


@pytest.mark.parametrize("name", ["rsa", "ec"])
async def test_a_token_of_the_issuer_names_the_account(issuer, tokens, name) -> None:
    identity = await tokens.verify(issuer.sign(getattr(issuer, name)))
    assert (identity.account, identity.assured, identity.machine) == ("anna", True, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://issuer.test/realms/other"},
        {"iss": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": None},
        {"aud": "minzheng-api-2"},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"typ": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1},
        {"nbf": 4_102_444_800},
        {"nbf": "now"},
    ],
    ids=str,
)
async def test_a_token_with_another_claim_is_refused(issuer, tokens, changed) -> None:
    assert await refused(tokens, issuer.sign(**changed))


async def test_a_token_lives_thirty_seconds_longer_than_it_says(issuer, tokens) -> None:
    assert await tokens.verify(issuer.sign(exp=int(time.time()) - 20))
    assert await refused(tokens, issuer.sign(exp=int(time.time()) - 40))


async def test_a_remembered_token_ends_with_its_time(issuer, tokens, monkeypatch) -> None:
    token = issuer.sign()
    await tokens.verify(token)
    later = time.time() + 400
    monkeypatch.setattr(module.time, "time", lambda: later)
    assert await refused(tokens, token)


async def test_an_unsigned_token_is_refused(issuer, tokens) -> None:
    for alg in ("none", "None", "NONE", ""):
        head = part({"alg": alg, "kid": "r"})
        assert await refused(tokens, f"{head}.{part(issuer.claims())}.")


async def test_a_public_key_is_no_shared_secret(issuer, tokens) -> None:
    for secret in (issuer.rsa.as_pem(private=False), issuer.rsa.as_der(private=False)):
        text = f"{part({'alg': 'HS256', 'kid': 'r'})}.{part(issuer.claims())}"
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        assert await refused(tokens, f"{text}.{signature}")


async def test_a_foreign_key_under_our_id_is_refused(issuer, tokens) -> None:
    for key in (
        RSAKey.generate_key(2048, {"kid": "r"}),
        ECKey.generate_key("P-256", {"kid": "e"}),
        ECKey.generate_key("P-256", {"kid": "r"}),
    ):
        assert await refused(tokens, issuer.sign(key))


async def test_a_key_the_token_brings_along_is_not_looked_at(issuer, tokens) -> None:
    own = RSAKey.generate_key(2048, {"kid": "mine"})
    header = {"jwk": own.as_dict(private=False), "jku": "http://evil.test/keys"}
    assert await refused(tokens, issuer.sign(own, header))


async def test_other_algorithms_of_the_right_key_are_refused(issuer, tokens) -> None:
    for alg in ("RS512", "PS256"):
        assert await refused(tokens, issuer.sign(header={"alg": alg}))


async def test_a_key_for_encryption_signs_nothing(issuer, tokens) -> None:
    assert await refused(tokens, issuer.sign(issuer.enc))


async def test_changed_bytes_are_refused(issuer, tokens) -> None:
    head, _, signature = issuer.sign().split(".")
    assert await refused(tokens, f"{head}.{part(issuer.claims(sub='bert'))}.{signature}")
    assert await refused(tokens, f"{head}.{part(issuer.claims())}.")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.é.é", "W10.e30.", "x" * 9000, "e30.e30.e30", "bnVsbA.a.b"]
)
async def test_what_is_no_token_is_refused(tokens, token) -> None:
    assert await refused(tokens, token)


async def test_a_token_without_key_id_is_refused(issuer, tokens) -> None:
    assert await refused(tokens, issuer.sign(header={"kid": ""}))


async def test_keys_are_fetched_once_and_a_storm_of_foreign_ids_does_not_fetch(
    issuer, tokens
) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
    await tokens.verify(issuer.sign())
    for _ in range(5):
        assert await refused(tokens, issuer.sign(stranger))
    assert issuer.fetched == 1


async def test_a_new_key_is_known_after_ten_seconds(issuer, tokens, monkeypatch) -> None:
    await tokens.verify(issuer.sign())
    fresh = ECKey.generate_key("P-256", {"kid": "new", "use": "sig"})
    issuer.published = [fresh]
    assert await refused(tokens, issuer.sign(fresh))
    later = time.monotonic() + 11
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert await tokens.verify(issuer.sign(fresh))
    assert await refused(tokens, issuer.sign(sub="bert")), "a withdrawn key signs no more"


async def test_a_withdrawn_key_is_forgotten_at_the_next_look(issuer, tokens, monkeypatch) -> None:
    """A token that was verified before is refused too, though nobody asks for another key."""
    old, stop = issuer.sign(), asyncio.Event()
    await tokens.verify(old)
    issuer.published = [issuer.ec]
    looks = iter([False, True])
    assert await tokens.verify(old), "until the next look"

    async def look_once(_stop: asyncio.Event, seconds: float) -> None:
        assert seconds <= 60
        if next(looks):
            stop.set()

    monkeypatch.setattr(module, "pause", look_once)
    await tokens.keys.follow(stop)
    assert await refused(tokens, old)
    assert await tokens.verify(issuer.sign(issuer.ec))


async def test_while_the_issuer_is_away_the_last_keys_count(issuer, tokens, monkeypatch) -> None:
    token = issuer.sign()
    await tokens.verify(token)
    issuer.down = True
    await tokens.keys._refresh()
    assert await tokens.verify(token)
    assert await tokens.verify(issuer.sign(sub="bert"))


async def test_without_keys_the_sign_on_is_unavailable(issuer, tokens) -> None:
    issuer.down = True
    with pytest.raises(Refusal) as refusal:
        await tokens.verify(issuer.sign())
    assert refusal.value.kind is Kind.UNAVAILABLE
