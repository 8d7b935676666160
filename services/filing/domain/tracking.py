"""Tracking codes: twelve signs that follow from a case by a key, so none is kept.

Sixty bits of a keyed digest in Crockford's alphabet, which has no letters that look like digits.
After an index key is gone its codes are worth nothing; the applicant reads the new one.
"""

import hmac
from collections.abc import Iterable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
SIGNS = 12
BITS = 5


def code_of(digest: str) -> str:
    """The code of a digest in hexadecimal, three groups of four."""
    number = int(digest[: SIGNS * BITS // 4], 16)
    signs = "".join(ALPHABET[number >> (BITS * at) & 31] for at in reversed(range(SIGNS)))
    return "-".join(signs[at : at + 4] for at in range(0, SIGNS, 4))


def fits(given: str, digests: Iterable[str]) -> bool:
    """The code belongs to one of the digests (there is one a key)."""
    plain = _plain(given)
    return any(hmac.compare_digest(plain, _plain(code_of(one))) for one in digests)


def _plain(code: str) -> bytes:
    return code.upper().translate(ALIKE).encode()
