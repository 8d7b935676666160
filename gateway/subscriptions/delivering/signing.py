"""Standard Webhooks 1.0.0: id, timestamp and HMAC-SHA256 signatures in headers."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> bytes:
    """A secret nobody has seen."""
    return secrets.token_bytes(BYTES)


def shown(secret: bytes) -> str:
    """A secret as a department stores it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the signature of one secret."""
    content = f"{event_id}.{timestamp}.".encode() + body
    made = hmac.new(secret, content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


def headers(signing: Sequence[bytes], event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each secret that signs now, seconds since 1970."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, event_id, timestamp, body) for secret in signing
        ),
    }
