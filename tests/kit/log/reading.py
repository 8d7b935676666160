"""Small helpers of the contract suite."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from kit.log.consumer import PostgresConsumer
from kit.log.port import PARTITIONS, Consumer, Delivery, Log, Record


async def send(log: Log, topic: str, *records: Record) -> None:
    """Write by a producer of its own; everything is acknowledged."""
    producer = log.producer()
    try:
        assert await producer.send(topic, records) == [None] * len(records)
    finally:
        await producer.close()


async def read(consumer: Consumer, count: int, seconds: float = 30) -> list[Delivery]:
    """Poll until there are `count` records or the time is up."""
    found: list[Delivery] = []
    end = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < end:
        found += await consumer.poll(0.1)
    return found


async def read_all(*consumers: Consumer, count: int, seconds: float = 30) -> list[list[Delivery]]:
    """Poll members together until they have `count` records in all or the time is up; each one's."""
    found: list[list[Delivery]] = [[] for _ in consumers]
    end = time.monotonic() + seconds
    while sum(map(len, found)) < count and time.monotonic() < end:
        polls = await asyncio.gather(*(one.poll(0.1) for one in consumers))
        for own, new in zip(found, polls, strict=True):
            own += new
    return found


def values(deliveries: Sequence[Delivery]) -> list[bytes]:
    """Values in the order read."""
    return [delivery.record.value for delivery in deliveries]


def records(count: int, keys: int = 20) -> list[Record]:
    """Records over several keys, numbered."""
    return [Record(f"key-{n % keys}", str(n).encode()) for n in range(count)]


def share(consumer: Any) -> int:
    """How many partitions a member reads now."""
    if isinstance(consumer, PostgresConsumer):
        return len(consumer.positions)
    return len(consumer.client.assignment())


async def settle(*consumers: Consumer, partitions: int = PARTITIONS, seconds: float = 30) -> None:
    """Poll until the partitions of their empty topics, so many in all, are shared fairly."""
    fair = {partitions // len(consumers), -(-partitions // len(consumers))}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert await asyncio.gather(*(one.poll(0.1) for one in consumers)) == [[]] * len(consumers)
        shares = [share(one) for one in consumers]
        if sum(shares) == partitions and set(shares) <= fair:
            return
    raise AssertionError(f"the partitions are shared as {shares}")
