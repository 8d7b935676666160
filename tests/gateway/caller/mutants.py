"""Sixty tokens that are nearly right: each must be refused everywhere."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

import httpx
from joserfc.jwk import ECKey, RSAKey

from tests.gateway.caller.conftest import Issuer
from tests.gateway.session.routing import Call

CLAIMS: list[dict[str, Any]] = [
    {"iss": ""}, {"iss": None}, {"iss": 7},
    {"aud": "other"}, {"aud": []}, {"aud": None}, {"aud": "minzheng-api-2"}, {"aud": ["account"]},
    {"aud": "MINZHENG-API"}, {"aud": {"minzheng-api": 1}}, {"aud": 7},
    {"typ": "ID"}, {"typ": "Refresh"}, {"typ": "Logout"}, {"typ": "bearer"}, {"typ": None},
    {"sub": ""}, {"sub": None}, {"sub": 7}, {"sub": ["anna"]},
    {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": -1}, {"exp": [2**40]},
    {"nbf": 2**33}, {"nbf": "now"}, {"nbf": True},
]  # fmt: skip
"""One claim changed; `aud` as an object is looked into by careless code."""


def part(told: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def mutants(issuer: Issuer) -> dict[str, str]:
    """Tokens by what is wrong with them."""
    places = [{"iss": url} for url in similar(issuer.url)]
    found = {f"claim {changed}": issuer.sign(**changed) for changed in places + CLAIMS}
    found["just over"] = issuer.sign(exp=int(time.time()) - 40)
    found |= unsigned(issuer) | shared(issuer) | foreign(issuer) | broken(issuer)
    return found


async def let_in(
    http: httpx.AsyncClient, tokens: Sequence[str], routes: Sequence[Call]
) -> list[str]:
    """Every route with every token: what was refused neither as nobody's nor as no valid request."""
    found = []
    for call in routes:
        for token in tokens:
            headers = {
                "authorization": f"Bearer {token}".strip(), "content-type": call.media_type,
                "idempotency-key": "018f3c5e-7b1a-7c3d-9e2f-0123456789ab",
            }  # fmt: skip
            answer = await http.request(
                call.method, call.path, content=call.content, headers=headers
            )
            if answer.status_code not in (401, 422):
                found.append(f"{answer.status_code} {call.method} {call.path} {token}")
    return found


def similar(url: str) -> tuple[str, ...]:
    """Addresses that are nearly the issuer's."""
    return f"{url}-2", f"{url}/", url.replace("http:", "https:"), url.rpartition("/")[0]


def unsigned(issuer: Issuer) -> dict[str, str]:
    """No signature at all."""
    algorithms = ("none", "None", "NONE", "nOnE", "")
    return {
        f"alg {alg!r}": f"{part({'alg': alg, 'kid': issuer.rsa.kid})}.{part(issuer.claims())}."
        for alg in algorithms
    }


def shared(issuer: Issuer) -> dict[str, str]:
    """The public key taken for a shared secret."""
    found = {}
    for name, secret in (
        ("PEM", issuer.rsa.as_pem(private=False)), ("DER", issuer.rsa.as_der(private=False)),
        ("JSON", json.dumps(issuer.rsa.as_dict(private=False)).encode()), ("nothing", b""),
    ):  # fmt: skip
        text = f"{part({'alg': 'HS256', 'kid': issuer.rsa.kid})}.{part(issuer.claims())}"
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        found[f"HS256 by {name}"] = f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    return found


def foreign(issuer: Issuer) -> dict[str, str]:
    """Keys and algorithms of somebody else."""
    rsa = RSAKey.generate_key(2048, {"kid": issuer.rsa.kid})
    own = RSAKey.generate_key(2048, {"kid": "mine"})
    return {
        "another RSA key": issuer.sign(rsa),
        "another EC key": issuer.sign(ECKey.generate_key("P-256", {"kid": issuer.ec.kid})),
        "an EC key under the id of RSA": issuer.sign(
            ECKey.generate_key("P-256", {"kid": issuer.rsa.kid})
        ),
        "a key brought along": issuer.sign(own, {"jwk": own.as_dict(private=False)}),
        "an address brought along": issuer.sign(own, {"jku": "http://evil.test/keys"}),
        "a certificate brought along": issuer.sign(own, {"x5u": "http://evil.test/cert"}),
        "a key for encryption": issuer.sign(issuer.enc),
        "RS512": issuer.sign(header={"alg": "RS512"}),
        "PS256": issuer.sign(header={"alg": "PS256"}),
        "no key id": issuer.sign(header={"kid": ""}),
        "a path for a key id": issuer.sign(header={"kid": "../../dev/null"}),
    }


def broken(issuer: Issuer) -> dict[str, str]:
    """Parts exchanged, cut or doubled."""
    head, body, signature = issuer.sign().split(".")
    other = part(issuer.claims(sub="bert"))
    return {
        "another body": f"{head}.{other}.{signature}",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{head}.{body}.{signature}.x",
        "a cut signature": f"{head}.{body}.{signature[:-6]}",
        "signature of another": f"{head}.{body}.{issuer.sign(sub='bert').rpartition('.')[2]}",
        "nothing": "",
        "too long": f"{head}.{part('x' * 9000)}.{signature}",
    }
