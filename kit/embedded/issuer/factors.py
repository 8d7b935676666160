"""The second factor: whom the realm's sign-on flows ask for a one-time code, and which codes are right."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS, PERIOD = 6, 30
CODE, ROLE, HELD = "auth-otp-form", "condUserRole", "conditional-credential"


@dataclass(frozen=True, slots=True)
class Factors:
    """Roles asked at every sign-on, and whether everybody is asked for the high level."""

    roles: frozenset[str]
    at_high: bool

    @classmethod
    def of(cls, realm: Mapping[str, Any]) -> "Factors":
        """As the flows of a realm file say."""
        config = {item["alias"]: item["config"] for item in realm.get("authenticatorConfig", ())}
        asking = [flow["authenticationExecutions"] for flow in realm.get("authenticationFlows", ())]
        asking = [steps for steps in asking if CODE in map(_authenticator, steps)]
        told = [config.get(step.get("authenticatorConfig"), {}) for flow in asking for step in flow]
        return cls(
            frozenset(one[ROLE] for one in told if ROLE in one),
            any(HELD in map(_authenticator, steps) for steps in asking),
        )

    def asks(self, roles: Collection[str], *, high: bool) -> bool:
        """A person of these roles owes a code after the password."""
        return (high and self.at_high) or not self.roles.isdisjoint(roles)


def _authenticator(step: Mapping[str, Any]) -> str:
    return str(step.get("authenticator", ""))


def secret_of(credential: Mapping[str, Any]) -> bytes:
    """Key of a one-time code as the realm file keeps it: the bytes of its text."""
    return str(json.loads(credential["secretData"])["value"]).encode()


def code_at(secret: bytes, period: int) -> str:
    """The code of a period of 30 s since the epoch (RFC 6238)."""
    made = TOTP(secret, DIGITS, SHA1(), PERIOD, enforce_key_length=False)  # noqa: S303
    return made.generate(period * PERIOD).decode()


def periods_now() -> Iterator[int]:
    """Periods whose codes count: the present one and its neighbors."""
    now = int(time.time()) // PERIOD
    yield from (now, now - 1, now + 1)


def fits(secret: bytes, code: str) -> int | None:
    """The period a code belongs to; None for a wrong one."""
    given = code.encode(errors="replace")
    found = (one for one in periods_now() if compare_digest(code_at(secret, one).encode(), given))
    return next(found, None)
