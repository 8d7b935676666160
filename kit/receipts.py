"""Receipts of uploads: signed by the gateway that stored a file, verified by the service."""

import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from kit.errors import Refusal, Violation, invalid
from kit.identity import ISSUER, LEEWAY

TYPE = "receipt"
LIFETIME = 24 * 3600
"""Seconds in which a receipt may be used."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A stored file: id, hex SHA-256, media type found by content, bytes, uploading account."""

    file_id: str
    sha256: str
    media_type: str
    size: int
    account: str


def sign_receipt(key: ECKey, receipt: Receipt) -> str:
    """The receipt as a compact JWS (ES256)."""
    claims = {
        "iss": ISSUER,
        "sub": receipt.account,
        "iat": int(time.time()),
        "file_id": receipt.file_id,
        "sha256": receipt.sha256,
        "media_type": receipt.media_type,
        "size": receipt.size,
    }
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint(), "typ": TYPE}, claims, key)


def verify_receipt(token: str, keys: KeySet) -> Receipt:
    """The receipt a token states; Refusal 422 for a forged, foreign or expired one.

    Whether `account` is the caller is for the service to compare.
    """
    receipt, signed_at = read_receipt(token, keys)
    if not -LEEWAY <= time.time() - signed_at <= LIFETIME:
        raise refused()
    return receipt


def read_receipt(token: str, keys: KeySet) -> tuple[Receipt, float]:
    """The receipt and when it was signed, however long ago; Refusal 422 for one that is not ours."""
    try:
        read = jwt.decode(token, keys, algorithms=["ES256"])
        claims = read.claims
        if read.header.get("typ") != TYPE or claims["iss"] != ISSUER:
            raise refused()
        receipt = Receipt(
            file_id=claims["file_id"],
            sha256=claims["sha256"],
            media_type=claims["media_type"],
            size=claims["size"],
            account=claims["sub"],
        )
        return receipt, float(claims["iat"])
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise refused() from error


def refused() -> Refusal:
    """The text is no receipt of ours, or too old."""
    sentence = "上传回执无效或已过期，请重新上传文件。"
    return invalid(
        "upload.receipt_invalid", sentence, Violation("receipt", "upload.receipt", sentence)
    )
