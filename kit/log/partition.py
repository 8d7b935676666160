"""Which partition a key lands in: murmur2 as Kafka's default partitioner, so both logs agree."""

import struct
from functools import lru_cache

_MASK = 0xFFFFFFFF
_FACTOR = 0x5BD1E995
_SEED = 0x9747B28C
KEYS = 10_000
"""Keys whose partition is remembered: an organization seldom states a single fact."""


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash of Kafka's clients, unsigned."""
    hashed = (_SEED ^ len(data)) & _MASK
    whole = len(data) & ~3
    for word in words(whole // 4).unpack_from(data):
        word = word * _FACTOR & _MASK
        hashed = hashed * _FACTOR & _MASK ^ (word ^ word >> 24) * _FACTOR & _MASK
    if len(data) > whole:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _MASK
    hashed = (hashed ^ hashed >> 13) * _FACTOR & _MASK
    return hashed ^ hashed >> 15


@lru_cache
def words(count: int) -> struct.Struct:
    """So many little-endian words."""
    return struct.Struct(f"<{count}I")


@lru_cache(KEYS)
def partition_of(key: str, partitions: int) -> int:
    """Partition of a key."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions
