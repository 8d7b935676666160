"""Content of any length, sealed: in pieces of 64 KiB, so that none of it is held whole, in or out.

A header (version, salt), then each piece under AES-256-GCM. Bound to it are the object's place, its
number and whether it is the last one: no piece can be moved, left out or taken from another object.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from os import urandom
from typing import IO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"MZS\x01"
SALT, TAG, KEY = 16, 16, 32
HEADER = len(VERSION) + SALT
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The cipher of one object."""

    cipher: AESGCM
    bound: bytes

    @classmethod
    def of(cls, key: bytes, header: bytes, place: str) -> "_Pieces":
        """A key of its own for every writing, by its salt: no number is used twice under one key."""
        bound = header + place.encode()
        derived = HKDF(SHA256(), KEY, header[len(VERSION) :], b"minzheng content").derive(key)
        return cls(AESGCM(derived), bound)

    def seal(self, piece: bytes, number: int, last: bool) -> bytes:
        return self.cipher.encrypt(_nonce(number, last), piece, self.bound)

    def open(self, piece: bytes, number: int, last: bool) -> bytes:
        return self.cipher.decrypt(_nonce(number, last), piece, self.bound)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))


def sealed(content: IO[bytes], key: bytes, place: str) -> Iterator[bytes]:
    """What is kept of a content at its place."""
    header = VERSION + urandom(SALT)
    pieces = _Pieces.of(key, header, place)
    yield header
    piece, number, last = content.read(PIECE), 0, False
    while not last:
        following = content.read(PIECE)
        last = not following
        yield pieces.seal(piece, number, last)
        piece, number = following, number + 1


async def opened(stream: AsyncIterator[bytes], key: bytes, place: str) -> AsyncIterator[bytes]:
    """The content, piece by piece; InvalidTag where it is not what was sealed, whole and at this place."""
    held, number = bytearray(), 0
    while len(held) < HEADER and (part := await anext(stream, b"")):
        held += part
    pieces = _Pieces.of(key, bytes(held[:HEADER]), place)
    del held[:HEADER]
    while True:
        while len(held) > PIECE + TAG:
            yield pieces.open(bytes(held[: PIECE + TAG]), number, last=False)
            del held[: PIECE + TAG]
            number += 1
        part = await anext(stream, b"")
        if not part:
            break
        held += part
    yield pieces.open(bytes(held), number, last=True)


def unsealed(content: IO[bytes], key: bytes, place: str) -> Iterator[bytes]:
    """The same of a file; InvalidTag, at the last piece at the latest."""
    pieces = _Pieces.of(key, content.read(HEADER), place)
    piece, number, last = content.read(PIECE + TAG), 0, False
    while not last:
        following = content.read(PIECE + TAG)
        last = not following
        yield pieces.open(piece, number, last)
        piece, number = following, number + 1
