"""Ids made by the caller: UUIDs of version 7 (RFC 9562), ordered within a process."""

import secrets
import threading
import time
import uuid

_RANDOM_BITS = 74
_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> uuid.UUID:
    """A new UUIDv7; later ones of this process are greater, even when the clock steps back."""
    global _last
    with _lock:
        _last = _after(_last, time.time_ns() // 1_000_000)
        millisecond, noise = _last
    high, low = noise >> 62, noise & (1 << 62) - 1
    return uuid.UUID(int=millisecond << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


def _after(last: tuple[int, int], now: int) -> tuple[int, int]:
    millisecond, noise = last
    if now > millisecond:
        # The top bit stays free, so that counting on has room before the next millisecond.
        return now, secrets.randbits(_RANDOM_BITS - 1)
    noise += 1 + secrets.randbits(32)
    if noise >> _RANDOM_BITS:
        return millisecond + 1, secrets.randbits(_RANDOM_BITS - 1)
    return millisecond, noise
