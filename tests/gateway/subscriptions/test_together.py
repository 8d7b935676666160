"""Arrivals are recorded together: what is not written comes again, and nobody waits for a window."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.queue.together import Together, Unwritten
from gateway.subscriptions.store.deliveries import Arrival
from kit.ids import uuid7
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.test_x18 import changes, in_order_and_complete
from tests.gateway.subscriptions.webhooks import PATIENCE, Desk
from tests.sink import Sink


class Slow:
    """Writes a batch each time it is let go, and fails where a piece is none."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Semaphore(0)

    async def write(self, pieces: Sequence[int]) -> None:
        """One batch."""
        await self.go.acquire()
        self.batches.append(list(pieces))
        if 0 in pieces:
            raise ConnectionError


async def added(together: Together[int], *pieces: int) -> "list[asyncio.Task[None]]":
    """Pieces on their way."""
    tasks = [asyncio.create_task(together.add(one)) for one in pieces]
    await asyncio.sleep(0)
    return tasks


async def test_what_comes_while_one_is_written_goes_with_the_next() -> None:
    slow = Slow()
    together = Together(slow.write)
    tasks = await added(together, 1, 2, 3, 4)
    slow.go.release()
    slow.go.release()
    await asyncio.gather(*tasks)
    assert slow.batches == [[1], [2, 3, 4]]


async def test_all_of_a_batch_learn_that_it_was_not_written_and_the_next_one_is() -> None:
    slow = Slow()
    together = Together(slow.write)
    tasks = await added(together, 1, 0, 2)
    slow.go.release()
    await tasks[0]
    tasks += await added(together, 3)
    slow.go.release()
    slow.go.release()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in ended] == [type(None), ConnectionError, Unwritten, type(None)]
    assert slow.batches == [[1], [0, 2], [3]]


async def test_the_end_of_who_writes_ends_the_batch_and_nobody_hangs() -> None:
    slow = Slow()
    together = Together(slow.write)
    before, first, second = await added(together, 1, 2, 3)
    slow.go.release()
    await before
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(Unwritten):
        await second
    slow.go.release()
    await together.add(4)
    assert slow.batches == [[1], [4]]


async def test_answered_and_not_recorded_comes_again_all_of_it(
    desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a process dies with a batch unwritten: everything again, in order, nothing skipped."""
    await desk.live(sink)
    await changes(desk, organizations=4, each=2)
    record, lost = desk.deliveries.arrived, []

    async def away(arrivals: Sequence[Arrival]) -> None:
        lost.extend(arrivals)
        raise ConnectionError

    desk.worker.arrivals.write = away
    monkeypatch.setattr("gateway.subscriptions.delivering.worker.RECORD_SECONDS", -PATIENCE)
    await desk.worker.round()
    await asyncio.wait(desk.worker.running)
    assert len(lost) == 4
    assert await desk.waiting() == 8
    desk.worker.arrivals.write = record
    monkeypatch.undo()
    await desk.settle()
    await in_order_and_complete(desk, sink)
    assert len(sink.received) == 12


async def test_who_lost_its_claim_spoils_nothing_for_the_others_of_its_batch(
    desk: Desk, sink: Sink
) -> None:
    await desk.live(sink)
    await desk.room.filed(DATONGLI, organization=str(uuid7()))
    now, long = await desk.clock.now(), timedelta(hours=1)
    (dead,) = await desk.deliveries.claim(now, room=9, each=4, lease=timedelta())
    await desk.room.filed(DATONGLI, organization=str(uuid7()))
    mine = await desk.deliveries.claim(await desk.clock.now(), room=9, each=4, lease=long)
    kept, other = mine
    assert kept.number == dead.number
    await desk.deliveries.arrived([(dead, 204), (other, 202)])
    rows = await desk.rows("SELECT number, status, claim FROM delivery ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [
        (kept.number, 0, kept.claim), (other.number, 202, None),
    ]  # fmt: skip
