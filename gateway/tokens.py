"""Tokens of the sign-on (OIDC): verified against the issuer's keys, claims cached by token."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.session.domain import Session
from kit.errors import Kind, Refusal
from kit.identity import unauthenticated
from kit.log.session import pause
from kit.settings import settings
from kit.sign_on import way_to_sign_on

ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
"""Algorithm by key type: a token may not choose the algorithm of another kind of key."""
LEEWAY = 30
REFRESH = 10.0
"""Seconds between two looks at the issuer's keys for a key nobody knows."""
LOOK = 20.0
"""Seconds between two looks at all keys: as long may a withdrawn one still open."""
MAX_TOKEN = 8192
KEPT = 10_000
TIMEOUT = 3.0
UNREADABLE = (JoseError, KeyError, ValueError, TypeError, AttributeError)

log = logging.getLogger(__name__)
Key = RSAKey | ECKey
Fetch = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed on: account, whether a machine, whether real-name checked, end (epoch s)."""

    account: str
    machine: bool
    assured: bool
    expires: float
    acr: str = ""
    authenticated: float = 0.0
    session: Session | None = None
    """The browser's session, for who came with its cookie."""


def issuer_client() -> httpx.AsyncClient:
    """A client for calls to the issuer; kept, since making one takes long."""
    way = way_to_sign_on(settings())
    return httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, transport=way)


async def discover(client: httpx.AsyncClient, issuer: str) -> Mapping[str, Any]:
    """The discovery document. Raises httpx.HTTPError, ValueError for another issuer's."""
    found = await client.get(f"{issuer}/.well-known/openid-configuration")
    told: Mapping[str, Any] = found.raise_for_status().json()
    if told["issuer"] != issuer:
        raise ValueError("the discovery document names another issuer")
    return told


def fetch_keys(issuer: str, client: httpx.AsyncClient) -> Fetch:
    """Fetches the key set that the issuer's discovery document names."""

    async def fetch() -> Mapping[str, Any]:
        told = await discover(client, issuer)
        keys = await client.get(told["jwks_uri"])
        answer: Mapping[str, Any] = keys.raise_for_status().json()
        return answer

    return fetch


@dataclass
class Keys:
    """The issuer's signing keys, fetched when first needed, when a key is unknown and every 20 s.

    While the issuer does not answer the last known ones count.
    """

    fetch: Fetch
    changes: int = 0
    """How often the keys changed; what was verified before must be verified again."""
    _keys: dict[str, Key] = field(default_factory=dict)
    _next: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, kid: str) -> Key | None:
        """The key of that id. Raises Refusal UNAVAILABLE while the issuer gave no keys at all."""
        if kid not in self._keys:
            async with self._lock:
                if time.monotonic() >= self._next:
                    await self._refresh()
        if not self._keys:
            raise sign_on_away()
        return self._keys.get(kid)

    async def verify(self, token: str) -> jwt.Token:
        """A token signed by one of them; Refusal UNAUTHENTICATED for any other. Claims are unread."""
        try:
            if len(token) > MAX_TOKEN:
                raise unauthenticated()
            key = await self.find(kid_of(token))
            if key is None:
                raise unauthenticated()
            read = jwt.decode(token, key, algorithms=list(ALGORITHMS))
            if ALGORITHMS[read.header["alg"]] != key.key_type:
                raise unauthenticated()
            return read
        except UNREADABLE as error:
            raise unauthenticated() from error

    async def follow(self, stop: asyncio.Event) -> None:
        """Look at the keys again and again, so that a withdrawn one opens no more."""
        while not stop.is_set():
            await pause(stop, LOOK)
            if self._keys and not stop.is_set():
                async with self._lock:
                    await self._refresh()

    async def _refresh(self) -> None:
        try:
            found = signing_keys(await self.fetch())
            self.changes += found.keys() != self._keys.keys()
            self._keys = found
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("keys of the issuer were not read: %s", type(error).__name__)
        self._next = time.monotonic() + (REFRESH if self._keys else 1.0)


def signing_keys(told: Mapping[str, Any]) -> dict[str, Key]:
    """Keys for signatures by id; encryption keys and kinds of key we do not allow are left out."""
    found: dict[str, Key] = {}
    for item in told["keys"]:
        if item.get("use") == "sig" and item.get("kid"):
            if item.get("kty") == "RSA" and item.get("alg", "RS256") == "RS256":
                found[item["kid"]] = RSAKey.import_key(item)
            elif item.get("kty") == "EC" and item.get("crv") == "P-256":
                found[item["kid"]] = ECKey.import_key(item)
    return found


@dataclass
class Tokens:
    """Verifies access tokens of one issuer for one audience."""

    issuer: str
    audience: str
    keys: Keys
    _seen: dict[bytes, Identity] = field(default_factory=dict)
    _under: int = 0
    """State of the keys that the seen ones were verified under."""

    async def verify(self, token: str) -> Identity:
        """Who the token names; Refusal UNAUTHENTICATED for any token that is not ours and valid."""
        digest = sha256(token.encode(errors="replace")).digest()
        known = self._seen.get(digest) if self._under == self.keys.changes else None
        if known is None:
            known = await self._read(token)
            if self._under != self.keys.changes or len(self._seen) >= KEPT:
                self._seen.clear()
                self._under = self.keys.changes
            self._seen[digest] = known
        if time.time() > known.expires + LEEWAY:
            raise unauthenticated()
        return known

    async def _read(self, token: str) -> Identity:
        read = await self.keys.verify(token)
        try:
            expect(read.claims, self.issuer, self.audience, "Bearer")
            return self._identity(read.claims)
        except UNREADABLE as error:
            raise unauthenticated() from error

    def _identity(self, claims: dict[str, Any]) -> Identity:
        return Identity(
            account=text(claims["sub"]),
            machine=is_machine(claims),
            assured=claims.get("assurance") == "high",
            expires=number(claims["exp"]),
            acr=str(claims.get("acr", "")),
            authenticated=number(claims.get("auth_time", 0)),
        )


def expect(claims: Mapping[str, Any], issuer: str, audience: str, kind: str) -> None:
    """Claims of that issuer, audience and kind, already valid; Refusal UNAUTHENTICATED otherwise."""
    stated = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    if (
        claims["iss"] != issuer
        or not isinstance(stated, list)
        or audience not in stated
        or claims["typ"] != kind
        or number(claims.get("nbf", 0)) > time.time() + LEEWAY
    ):
        raise unauthenticated()


def sign_on_away() -> Refusal:
    """The issuer does not answer."""
    return Refusal(Kind.UNAVAILABLE, "common.sign_on_unavailable", "登录服务暂不可用，请稍后重试。")


def kid_of(token: str) -> str:
    """Key id of a token's header; nothing else of an unverified token is looked at."""
    part = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return text(header["kid"])


def is_machine(claims: Mapping[str, Any]) -> bool:
    """A client signed on for itself: nobody's resident."""
    return str(claims.get("preferred_username", "")).startswith("service-account-")


def text(value: object) -> str:
    """A text that says something; ValueError for anything else."""
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def number(value: object) -> float:
    """A finite number; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("no number")
    return float(value)
