"""Content sealed in pieces: whole, in its order, at its place and under its key, or not at all."""

import io
import os
from collections.abc import AsyncIterator

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.sealing import HEADER, PIECE, TAG, VERSION, opened, sealed, unsealed

KEY, PLACE = b"k" * 32, "uploads/1"
CONTENT = os.urandom(2 * PIECE + 100)
WHOLE = PIECE + TAG


def seal(content: bytes, place: str = PLACE) -> bytes:
    return b"".join(sealed(io.BytesIO(content), KEY, place))


async def unseal(lies: bytes, key: bytes = KEY, place: str = PLACE, step: int = 8192) -> bytes:
    """What is read of it, as a store may hand it out; a file of it is read or refused alike."""

    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(lies), step):
            yield lies[at : at + step]

    try:
        content = b"".join([piece async for piece in opened(stream(), key, place)])
    except InvalidTag:
        with pytest.raises(InvalidTag):
            list(unsealed(io.BytesIO(lies), key, place))
        raise
    assert b"".join(unsealed(io.BytesIO(lies), key, place)) == content
    return content


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])
@pytest.mark.parametrize("step", [7_001, WHOLE, 10 * PIECE])
async def test_it_comes_back_as_it_was(size: int, step: int) -> None:
    content = os.urandom(size)
    lies = seal(content)
    assert await unseal(lies, step=step) == content
    assert len(lies) == HEADER + size + TAG * max(1, -(-size // PIECE))
    assert size < 16 or content[:16] not in lies


def test_the_same_twice_lies_differently() -> None:
    once, again = seal(CONTENT), seal(CONTENT)
    assert once[:HEADER] != again[:HEADER]
    assert once[HEADER : HEADER + 16] != again[HEADER : HEADER + 16], "one key for both"


BODY = seal(CONTENT)
FIRST, SECOND, LAST = (BODY[HEADER + at : HEADER + at + WHOLE] for at in (0, WHOLE, 2 * WHOLE))
HEAD = BODY[:HEADER]


@pytest.mark.parametrize(
    "lies",
    [
        HEAD + FIRST + SECOND,
        HEAD + FIRST + LAST,
        HEAD + SECOND + FIRST + LAST,
        HEAD + FIRST + SECOND + SECOND + LAST,
        HEAD + FIRST + SECOND + LAST[:-1],
        BODY + b"\0",
        BODY + BODY[HEADER:],
        HEAD,
        HEAD[:-1],
        b"",
        b"%PDF-1.7 plain content as it came",
        VERSION[:-1] + b"\2" + BODY[len(VERSION) :],
        seal(CONTENT)[:HEADER] + BODY[HEADER:],
    ],
    ids=[
        "the last is gone", "one is gone", "two change places", "one twice", "an end cut off",
        "a byte more", "twice", "a header alone", "half a header", "nothing", "plain",
        "another version", "the header of another",
    ],
)  # fmt: skip
async def test_what_is_not_whole_is_not_opened(lies: bytes) -> None:
    with pytest.raises(InvalidTag):
        await unseal(lies)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BODY) * 8 - 1))
async def test_no_bit_may_change(bit: int) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidTag):
        await unseal(bytes(changed))


async def test_another_place_or_key_opens_nothing() -> None:
    with pytest.raises(InvalidTag):
        await unseal(BODY, place="uploads/2")
    with pytest.raises(InvalidTag):
        await unseal(BODY, key=b"l" * 32)
