"""An issuer of our own: keys, tokens as the realm makes them, no socket."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from gateway.tokens import Keys, Tokens

ISSUER = "http://issuer.test/realms/minzheng"


class Issuer:
    """Signs tokens, publishes keys and counts how often they are fetched.

    With keys of a real issuer it signs as that one would.
    """

    def __init__(
        self, url: str = ISSUER, rsa: Any = None, enc: Any = None, subject: str = "anna"
    ) -> None:
        self.url, self.subject = url, subject
        self.rsa = rsa or RSAKey.generate_key(2048, {"kid": "r", "use": "sig", "alg": "RS256"})
        self.ec = ECKey.generate_key("P-256", {"kid": "e", "use": "sig", "alg": "ES256"})
        self.enc = enc or RSAKey.generate_key(2048, {"kid": "enc", "use": "enc", "alg": "RSA-OAEP"})
        self.published = [self.rsa, self.ec, self.enc]
        self.fetched = 0
        self.down = False

    async def keys(self) -> dict[str, Any]:
        self.fetched += 1
        if self.down:
            raise ValueError("down")
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        told = {
            "iss": self.url,
            "aud": ["minzheng-api", "account"],
            "sub": self.subject,
            "typ": "Bearer",
            "azp": "portal",
            "iat": now,
            "exp": now + 300,
            "preferred_username": "anna",
            "assurance": "high",
        }
        return {name: v for name, v in (told | changed).items() if v is not None}

    def sign(self, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        key = bare(key or self.rsa)
        alg = {"RSA": "RS256", "EC": "ES256"}[key.key_type]
        protected = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {})
        return jwt.encode(protected, self.claims(**changed), key, algorithms=[protected["alg"]])


def bare(key: Any) -> Any:
    """The key without what it says about its use, as a forger would use it."""
    told = {n: v for n, v in key.as_dict(private=True).items() if n not in ("use", "alg")}
    return type(key).import_key(told)


@pytest.fixture(scope="session")
def keypairs() -> Issuer:
    return Issuer()


@pytest.fixture
def issuer(keypairs: Issuer) -> Issuer:
    keypairs.fetched, keypairs.down = 0, False
    keypairs.published = [keypairs.rsa, keypairs.ec, keypairs.enc]
    return keypairs


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return Tokens(ISSUER, "minzheng-api", Keys(issuer.keys))
