"""X8: of three brokers the leader, the controller and two at once are killed under a steady load.

Nothing acknowledged is lost or out of order, the pause is short, and two of three are not enough
to be acknowledged by.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from kit.log.port import Log, Record
from tests.faults.figures import note
from tests.real.brokers import Cluster

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "1"))
"""Of each kind."""
GAP_SECONDS, NOISE = 6.0, 2.0
"""Goal for the longest pause of writing; a busy machine may take so many times longer."""
AFTER_SECONDS, WHOLE_SECONDS = 3.0, 120.0
KEYS, BATCH = 20, 10


@dataclass
class Load:
    """Writes without pause; what is not acknowledged is sent again, as the relay does."""

    log: Log
    topic: str
    written: int = 0
    acknowledged: list[float] = field(default_factory=list)
    """When each batch was."""
    refused: int = 0

    async def run(self, enough: asyncio.Event) -> None:
        """Until it is enough."""
        producer = self.log.producer()
        while not enough.is_set():
            numbers = range(self.written, self.written + BATCH)
            batch = [Record(f"key-{n % KEYS}", str(n).encode()) for n in numbers]
            while any(await producer.send(self.topic, batch)):
                self.refused += 1
                await asyncio.sleep(0.2)
            self.written += BATCH
            self.acknowledged.append(time.monotonic())
        await producer.close()

    async def goes_on(self, after: float) -> None:
        """Return when something was written after that moment and the pause is over."""
        end = time.monotonic() + WHOLE_SECONDS
        while not self.acknowledged or self.acknowledged[-1] < after:
            assert time.monotonic() < end, "writing never goes on"
            await asyncio.sleep(0.1)

    def pause(self, since: float) -> float:
        """The longest time without an acknowledgement from then on."""
        last = max((at for at in self.acknowledged if at <= since), default=since)
        moments = [last, *(at for at in self.acknowledged if at > since)]
        return max(b - a for a, b in pairwise(moments))

    async def check(self) -> int:
        """Everything is there, in the order of its key; how often a record came twice."""
        consumer = self.log.consumer(f"checker-{self.topic}", [self.topic])
        seen, known, again = list[int](), set[int](), 0
        end = time.monotonic() + WHOLE_SECONDS
        while len(known) < self.written and time.monotonic() < end:
            for one in await consumer.poll(0.5, limit=500):
                number = int(one.record.value)
                again += number in known
                if number not in known:
                    seen.append(number)
                known.add(number)
        await consumer.close()
        assert known == set(range(self.written)), "acknowledged and lost"
        for key in range(KEYS):
            own = [number for number in seen if number % KEYS == key]
            assert own == sorted(own), "the order of a key is broken"
        return again


@asynccontextmanager
async def loaded(log: Log, topic: str, cluster: Cluster) -> AsyncIterator[Load]:
    """A load that is checked at the end."""
    load, enough = Load(log, topic), asyncio.Event()
    await whole(cluster)
    running = asyncio.create_task(load.run(enough))
    await load.goes_on(time.monotonic())
    try:
        yield load
    finally:
        enough.set()
        await running


async def whole(cluster: Cluster) -> None:
    """Return when every partition is in step on all brokers."""
    end = time.monotonic() + WHOLE_SECONDS
    while not await asyncio.to_thread(cluster.whole):
        assert time.monotonic() < end, "the brokers are not in step"
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("victim", ["leader", "controller"])
async def test_one_is_killed(log: Log, topic: str, broker: Cluster, victim: str) -> None:
    pauses = []
    async with loaded(log, topic, broker) as load:
        for _ in range(KILLS):
            await whole(broker)
            node = await asyncio.to_thread(
                broker.leader if victim == "leader" else broker.controller
            )
            killed = time.monotonic()
            await asyncio.to_thread(broker.kill, node)
            await load.goes_on(killed + AFTER_SECONDS)
            pauses.append(load.pause(killed))
            await asyncio.to_thread(broker.start, node)
    again = await load.check()
    print(f"{victim}: pauses {[round(one, 1) for one in pauses]} s, {again} came again")
    note("brokers", victim=victim, kills=KILLS, written=load.written, again=again,
         pauses=[round(one, 2) for one in pauses])  # fmt: skip
    assert max(pauses) <= GAP_SECONDS * NOISE


async def test_two_are_killed_and_nothing_is_acknowledged_by_the_last(
    log: Log, topic: str, broker: Cluster
) -> None:
    async with loaded(log, topic, broker) as load:
        for round_ in range(KILLS):
            await whole(broker)
            nodes = [node for node in broker.nodes if node != 1 + round_ % len(broker.nodes)]
            for node in nodes:
                await asyncio.to_thread(broker.kill, node)
            killed = time.monotonic()
            await asyncio.sleep(2 * AFTER_SECONDS)
            assert load.acknowledged[-1] <= killed + 1, "one broker of three acknowledged"
            await asyncio.to_thread(broker.start, *nodes)
            await load.goes_on(time.monotonic())
    again = await load.check()
    print(f"two of three: {load.written} written, {load.refused} sends failed, {again} came again")
    note("brokers", victim="two", kills=KILLS, written=load.written, again=again, pauses=[])
