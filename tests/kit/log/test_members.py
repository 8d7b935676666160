"""What every adapter promises about the members of a group."""

import asyncio
import contextlib
import sys
import time

from tests.kit.log.reading import read, read_all, records, send, settle, values


async def test_members_share_the_partitions(log, topic, group):
    members = [log.consumer(group, [topic]) for _ in range(4)]
    await settle(*members)
    await send(log, topic, *records(120, keys=60))
    found = await read_all(*members, count=120)
    for member in members:
        await member.close()
    assert sorted(values([d for part in found for d in part])) == sorted(
        record.value for record in records(120)
    )
    read_by = [{d.partition for d in part} for part in found]
    assert sorted(map(len, read_by)) == [1, 1, 2, 2]


async def test_a_newcomer_reads_nothing_its_holder_has_not_given_up(log, topic, group):
    holder, newcomer = log.consumer(group, [topic]), log.consumer(group, [topic])
    await settle(holder)
    await send(log, topic, *records(60))
    assert await read(newcomer, 1, seconds=1.3) == []
    assert await read(holder, 1)
    reading = asyncio.create_task(read(newcomer, 1))
    while not reading.done():
        await holder.poll(0.1)
    assert await reading
    await holder.close()
    await newcomer.close()


async def test_a_member_that_leaves_is_replaced_from_its_committed_offset(log, topic, group):
    stays, leaves = log.consumer(group, [topic]), log.consumer(group, [topic])
    await settle(stays, leaves)
    await send(log, topic, *records(60))
    mine, theirs = await read_all(stays, leaves, count=60)
    await stays.commit(mine)
    assert mine
    assert theirs
    await leaves.commit(theirs[:5])
    await leaves.close()
    again = await read(stays, len(theirs) - 5)
    await stays.close()
    assert sorted(values(again)) == sorted(values(theirs[5:]))


async def test_a_killed_member_is_replaced(log, topic, group, replaced_seconds):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kit.log.member", group, topic, stdout=asyncio.subprocess.PIPE
    )
    survivor = log.consumer(group, [topic])
    everything = {record.value for record in records(60)}
    try:
        await send(log, topic, *records(60))
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), 20)
        seen = set(values(await read(survivor, 1)))
        assert seen < everything, "both must have had partitions"
        process.kill()
        killed = time.monotonic()
        while seen != everything and time.monotonic() - killed < replaced_seconds:
            seen |= set(values(await survivor.poll(0.1)))
        assert seen == everything
    finally:
        await survivor.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_members_of_different_topics_do_not_take_each_others_share(log, topic, group):
    more = f"{topic}.more"
    await log.ensure([more])
    one, other = log.consumer(group, [topic]), log.consumer(group, [more])
    await settle(one, other, partitions=12)
    await send(log, topic, *records(60))
    assert len(await read(one, 60)) == 60
    await one.close()
    await other.close()
