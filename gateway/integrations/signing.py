"""The signer port of provincial systems, by HMAC-SHA256 over a canonical text.

Method, path, sorted query, SHA-256 of the body, timestamp, nonce and application, a line each.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the requests of one application."""

    application: str
    key: bytes

    def headers(
        self, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """The four headers of a request made now."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        text = canonical(method, path, query, body, timestamp, nonce, self.application)
        return {
            "x-application": self.application,
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": hmac.new(self.key, text, hashlib.sha256).hexdigest(),
        }


def canonical(
    method: str,
    path: str,
    query: Mapping[str, str],
    body: bytes,
    timestamp: str,
    nonce: str,
    application: str,
) -> bytes:
    """The text that is signed; `timestamp` in seconds since 1970."""
    digest = hashlib.sha256(body).hexdigest()
    ordered = urlencode(sorted(query.items()))
    return "\n".join((method, path, ordered, digest, timestamp, nonce, application)).encode()
