"""How long a group stands still when members come and go (range assignor, session of 6 s)."""

import asyncio
import time

from tests.kit.log.reading import read, records, send, settle, share

COMES, GOES = 5.0, 5.0
"""Seconds; a quiet machine needs 0.3 and 0.9."""
SEEN = 20.0
"""Seconds until a member reads a topic that was made after it had joined; it asks again and again."""


async def read_all(log, topic: str, members, count: int) -> float:
    """Write records and read them by all members; the seconds it took."""
    await send(log, topic, *records(count))
    began, seen = time.monotonic(), set[tuple[int, int]]()
    while len(seen) < count:
        polls = await asyncio.gather(*(member.poll(0.1) for member in members))
        for member, found in zip(members, polls, strict=True):
            await member.commit(found)
            seen |= {(one.partition, one.offset) for one in found}
        assert time.monotonic() - began < 60, "records are missing"
    return time.monotonic() - began


async def test_a_group_pauses_little_when_a_member_comes_or_goes(log, topic, group):
    stays, comes = log.consumer(group, [topic]), log.consumer(group, [topic])
    await settle(stays)
    await read_all(log, topic, [stays], 60)
    pause = await read_all(log, topic, [stays, comes], 60)
    await settle(stays, comes)
    await comes.close()
    alone = await read_all(log, topic, [stays], 60)
    print(f"a member comes: {pause:.1f} s, goes: {alone:.1f} s")
    assert pause < COMES
    assert alone < GOES
    await stays.close()


async def test_a_topic_that_is_new_to_the_group_is_read_though_polls_are_short(log, topic, group):
    """The leader shares anew when it hears of the topic, which takes longer than such a poll."""
    later = f"{topic}.more"
    consumer = log.consumer(group, [topic, later])
    await settle(consumer)
    await log.ensure([later])
    end = time.monotonic() + SEEN
    while share(consumer) < 12:
        assert await consumer.poll(0.001) == []
        assert time.monotonic() < end, "the new topic is not read"
    await send(log, topic, *records(60))
    assert len(await read(consumer, 60)) == 60
    await consumer.close()
