"""The thread of a client that blocks, and its watchdog."""

import asyncio
import threading

from kit.log.kafka.lane import Lane


async def test_calls_run_one_after_another_in_a_thread_of_their_own() -> None:
    lane = Lane("test")
    names = await asyncio.gather(*(lane.run(lambda: threading.current_thread().name) for _ in "ab"))
    lane.close()
    assert len(set(names)) == 1
    assert names[0].startswith("test")


async def test_a_stall_is_noticed_though_the_caller_gave_up() -> None:
    stalled, release = asyncio.Event(), threading.Event()
    lane = Lane("test", stall_seconds=0.2, stalled=stalled.set)
    waiting = asyncio.create_task(lane.run(release.wait, 20))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait_for(stalled.wait(), 10)
    release.set()
    lane.close()


async def test_a_call_that_ends_is_no_stall() -> None:
    stalled = asyncio.Event()
    lane = Lane("test", stall_seconds=0.05, stalled=stalled.set)
    assert await lane.run(lambda: 1) == 1
    await asyncio.sleep(0.15)
    lane.close()
    assert not stalled.is_set()
