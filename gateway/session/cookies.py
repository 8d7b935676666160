"""The two cookies: the session's, and the sealed one of a sign-in under way. Both `__Host-`.

Browsers take `__Host-` cookies over plain http from localhost and 127.0.0.1 only.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from starlette.responses import Response

from kit.secrets import Keyring

SESSION = "__Host-sid"
FLOW = "__Host-sign-in"
PLACE = "cookie.sign-in:"
FORM = b"form:"
FLOW_SECONDS = 600
LONGEST = 3000


def new_id() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def digest_of(value: str) -> bytes:
    """What is kept of a cookie's value."""
    return hashlib.sha256(value.encode(errors="replace")).digest()


def form_value(keyring: Keyring, cookie: str) -> str:
    """Hidden value of the forms of a session, and header of its calls: follows from its cookie."""
    return keyring.digest(FORM + digest_of(cookie)).hex()


def fits_form(keyring: Keyring, cookie: str, given: str) -> bool:
    """The value belongs to the cookie, also one made under an older key."""
    try:
        return keyring.is_digest(FORM + digest_of(cookie), bytes.fromhex(given))
    except (ValueError, IndexError, KeyError):
        return False


def equal(known: str, given: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(known.encode(), given.encode(errors="replace"))


def put(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie; without `seconds` it goes with the browser."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def drop(response: Response, name: str) -> None:
    """Take a cookie back."""
    put(response, name, "", 0)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in under way: what the answer must fit, and where to go on."""

    state: str
    nonce: str
    verifier: str
    next: str
    ends: int

    @classmethod
    def begin(cls, go_on: str) -> "Flow":
        """A new one, good for ten minutes."""
        return cls(new_id(), new_id(), new_id(), go_on, int(time.time()) + FLOW_SECONDS)

    def sealed(self, keyring: Keyring) -> str:
        """The cookie's value: encrypted, so no row is kept for who only looks."""
        cell = keyring.encrypt(json.dumps(asdict(self)), PLACE)
        return base64.urlsafe_b64encode(cell).decode()

    @classmethod
    def read(cls, keyring: Keyring, value: str) -> "Flow | None":
        """The one of a cookie; None for anything that is not ours or over."""
        try:
            if len(value) > LONGEST:
                return None
            cell = base64.urlsafe_b64decode(value.encode())
            flow = cls(**json.loads(keyring.decrypt(cell, PLACE)))
        except (InvalidTag, binascii.Error, ValueError, TypeError, KeyError, IndexError):
            return None
        return flow if flow.ends > time.time() else None
