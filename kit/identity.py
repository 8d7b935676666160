"""Who calls: the internal token that the gateway mints and every service verifies.

ES256, at most 60 seconds, audience one service; a token of a `fresh` action is bound to its
method and body. Services decide on the subject it names and refuse anything else.
"""

import hashlib
import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from kit.acting import Actor
from kit.errors import Kind, Refusal
from proto.gen.minzheng.common.v1.access_pb import Role

LIFETIME = 60
REUSE = 30
LEEWAY = 5
ISSUER = "minzheng-gateway"
ROLES = frozenset(int(role) for role in Role)
"""Numbers of the contract: an open enum would take any."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or platform part that acts, and the post it acts under."""

    subject: str
    role: Role
    post_id: str = ""
    region_code: str = ""
    region_path: str = ""
    organization_id: str = ""
    grants_version: int = 0
    person_key: str = ""
    """Blind index of the person's identity number; lets a service see two accounts as one person."""
    delegator: str = ""
    """Account in whose stead the caller acts under a delegated post."""
    delegator_key: str = ""
    """Blind index of that person's identity number."""

    @property
    def actor(self) -> Actor:
        """The caller as the rules see them."""
        return Actor(
            self.subject, self.role.name, self.person_key, self.delegator, self.delegator_key
        )

    @property
    def scope(self) -> str:
        """Scope of row-level security (`kit.in_scope`); a missing scope shows nothing."""
        if self.role in (Role.RESIDENT, Role.ANONYMOUS):
            return f"s:{self.subject}"
        return f"o:{self.organization_id}" if self.organization_id else f"r:{self.region_path}"


def system(workload: str) -> Caller:
    """The platform itself, for timers and reactions of a workload."""
    return Caller(f"system:{workload}", Role.SYSTEM, region_path="/")


ANONYMOUS = Caller("", Role.ANONYMOUS)


def body_digest(body: bytes) -> str:
    """Digest that binds a fresh token to its request."""
    return hashlib.sha256(body).hexdigest()


@dataclass
class Minter:
    """Mints internal tokens; a token is reused for 30 s per caller and service, fresh ones never."""

    key: ECKey
    _kept: dict[tuple[Caller, str], tuple[float, str]] = field(default_factory=dict)

    @classmethod
    def from_pem(cls, pem: str) -> "Minter":
        """From the private key in PEM."""
        return cls(ECKey.import_key(pem))

    def mint(self, who: Caller, service: str, *, path: str = "", body: bytes | None = None) -> str:
        """A token for one service; with `body` bound to that call of `path`."""
        if body is not None:
            return self._sign(who, service, {"mth": path, "dig": body_digest(body)})
        made, token = self._kept.get((who, service), (0.0, ""))
        if time.time() - made > REUSE:
            token = self._sign(who, service, {})
            if len(self._kept) > 10_000:
                self._kept.clear()
            self._kept[who, service] = (time.time(), token)
        return token

    def _sign(self, who: Caller, service: str, bound: dict[str, str]) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": service,
            "iat": now,
            "exp": now + LIFETIME,
            "sub": who.subject,
            "role": int(who.role),
            "post": who.post_id,
            "reg": who.region_code,
            "path": who.region_path,
            "org": who.organization_id,
            "gv": who.grants_version,
            "pk": who.person_key,
            "del": who.delegator,
            "dpk": who.delegator_key,
            **bound,
        }
        return jwt.encode({"alg": "ES256", "kid": self.kid, "typ": "at+minzheng"}, claims, self.key)

    @cached_property
    def kid(self) -> str:
        """Key id: the thumbprint."""
        return self.key.thumbprint()


@dataclass
class Verifier:
    """Verifies internal tokens of one service; a verified token is cached until it expires."""

    service: str
    keys: KeySet
    _seen: dict[str, tuple[float, Caller, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, service: str, keys: str) -> "Verifier":
        """From the public key set in JSON."""
        return cls(service, KeySet.import_key_set(json.loads(keys)))

    def verify(self, token: str, *, path: str, body: bytes | None, fresh: bool) -> Caller:
        """The caller the token names.

        Raises Refusal UNAUTHENTICATED for any other token, also for an unbound one of a fresh action.
        """
        expires, who, claims = self._seen.get(token) or self._check(token)
        if time.time() > expires + LEEWAY:
            raise unauthenticated()
        if fresh and (
            claims.get("mth") != path or body is None or claims.get("dig") != body_digest(body)
        ):
            raise unauthenticated()
        return who

    def _check(self, token: str) -> tuple[float, Caller, dict[str, Any]]:
        try:
            claims = jwt.decode(token, self.keys, algorithms=["ES256"]).claims
            if (
                claims["iss"] != ISSUER
                or claims["aud"] != self.service
                or claims["role"] not in ROLES
            ):
                raise unauthenticated()
            who = Caller(
                subject=claims["sub"],
                role=Role(claims["role"]),
                post_id=claims["post"],
                region_code=claims["reg"],
                region_path=claims["path"],
                organization_id=claims["org"],
                grants_version=claims["gv"],
                person_key=claims["pk"],
                delegator=claims["del"],
                delegator_key=claims["dpk"],
            )
            found = (float(claims["exp"]), who, claims)
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise unauthenticated() from error
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[token] = found
        return found


def unauthenticated() -> Refusal:
    """No valid sign-on."""
    return Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "登录已失效，请重新登录。")
