"""What every adapter of the port promises about records and offsets."""

import asyncio
import time

from kit.log.port import MAX_VALUE, LogError, Record, RecordRefused
from tests.kit.log.reading import read, records, send, settle, values


async def test_a_record_arrives_as_it_was_sent(log, topic, group):
    headers = (("a", bytes(range(256))), ("a", b""), ("名", "称".encode()))
    await send(log, topic, Record("钥匙", b"\x00\xff", headers))
    consumer = log.consumer(group, [topic])
    [delivery] = await read(consumer, 1)
    assert delivery.record == Record("钥匙", b"\x00\xff", headers)
    assert (delivery.topic, delivery.offset) == (topic, 0)
    await consumer.close()


async def test_concurrent_producers_leave_no_gap_and_keep_the_order_of_a_key(log, topic, group):
    async def write(writer: int) -> None:
        producer = log.producer()
        for start in range(0, 60, 4):
            batch = [Record(f"{writer}-{n % 3}", f"{writer}:{n}".encode())
                     for n in range(start, start + 4)]  # fmt: skip
            assert await producer.send(topic, batch) == [None] * 4
        await producer.close()

    await asyncio.gather(*(write(writer) for writer in range(8)))
    consumer = log.consumer(group, [topic])
    found = await read(consumer, 480)
    await consumer.close()
    assert len(found) == 480
    offsets: dict[int, list[int]] = {}
    by_key: dict[str, list[int]] = {}
    for delivery in found:
        offsets.setdefault(delivery.partition, []).append(delivery.offset)
        number = int(delivery.record.value.split(b":")[1])
        by_key.setdefault(delivery.record.key, []).append(number)
    assert all(own == list(range(len(own))) for own in offsets.values())
    assert all(own == sorted(own) for own in by_key.values())
    assert len(by_key) == 24


async def test_a_refused_record_fails_alone_and_holds_back_its_key(log, topic, group):
    producer = log.producer()
    batch = [
        Record("a", b"1"),
        Record("a", bytes(MAX_VALUE + 1)),
        Record("b", b"2"),
        Record("a", b"3"),
    ]
    sent = await producer.send(topic, batch)
    await producer.close()
    assert [type(result) for result in sent] == [
        type(None), RecordRefused, type(None), RecordRefused,
    ]  # fmt: skip
    consumer = log.consumer(group, [topic])
    found = await read(consumer, 2) + await read(consumer, 1, seconds=0.5)
    assert sorted(values(found)) == [b"1", b"2"]
    await consumer.close()


async def test_an_unknown_topic_fails_every_record(log):
    producer = log.producer()
    results = await producer.send("no.such", records(3))
    await producer.close()
    assert [type(result) for result in results] == [LogError] * 3


async def test_groups_are_independent_and_start_from_the_earliest(log, topic, group):
    await send(log, topic, *records(30))
    for name in (f"{group}-one", f"{group}-two"):
        consumer = log.consumer(name, [topic])
        assert len(await read(consumer, 30)) == 30
        await consumer.close()


async def test_only_what_was_committed_is_not_delivered_again(log, topic, group):
    await send(log, topic, *[Record("k", str(n).encode()) for n in range(10)])
    first = log.consumer(group, [topic])
    await first.commit((await read(first, 10))[:4])
    await first.close()
    second = log.consumer(group, [topic])
    assert values(await read(second, 6)) == [b"4", b"5", b"6", b"7", b"8", b"9"]
    await second.close()


async def test_a_poll_commits_what_it_is_told_is_done(log, topic, group):
    await send(log, topic, *[Record("k", str(n).encode()) for n in range(10)])
    consumer = log.consumer(group, [topic])
    found = await read(consumer, 10)
    assert await consumer.poll(0.1, done=found[:4]) == []
    assert await log.lag(group) == {topic: 6}
    await send(log, topic, Record("k", b"10"))
    assert values(await consumer.poll(5, done=found)) == [b"10"]
    assert await log.lag(group) == {topic: 1}
    await consumer.close()


async def test_a_late_commit_never_moves_back(log, topic, group):
    await send(log, topic, *[Record("k", str(n).encode()) for n in range(10)])
    consumer = log.consumer(group, [topic])
    found = await read(consumer, 10)
    await consumer.commit(found)
    await consumer.commit(found[:3])
    await consumer.close()
    assert await log.lag(group) == {topic: 0}


async def test_lag_counts_what_is_not_committed(log, topic, group):
    await send(log, topic, *records(12))
    consumer = log.consumer(group, [topic])
    found = await read(consumer, 12)
    assert await log.lag(group) == {topic: 12}
    await consumer.commit(found)
    assert await log.lag(group) == {topic: 0}
    assert await log.lag("nobody") == {}
    await consumer.close()


async def test_a_poll_answers_at_most_its_limit_and_starves_no_partition(log, topic, group):
    # Of the three partitions the full one is neither the first nor the last.
    full, lone = [Record("many", b"")] * 200, [Record("b", b"x"), Record("d", b"y")]
    await send(log, topic, *full, *lone)
    consumer = log.consumer(group, [topic])
    seen, sizes, end = set[bytes](), {0}, time.monotonic() + 30
    while seen != {b"", b"x", b"y"} or max(sizes) < 10:
        found = await consumer.poll(0.1, limit=10)
        seen |= set(values(found))
        sizes.add(len(found))
        await send(
            log, topic, *full[: len(found)]
        )  # however fast it is read, that partition stays full
        assert time.monotonic() < end, f"seen {seen}, at most {max(sizes)} at once"
    await consumer.close()
    assert max(sizes) == 10


async def test_a_waiting_poll_is_woken_and_an_idle_one_ends(log, topic, group):
    consumer = log.consumer(group, [topic])
    await settle(consumer)
    began = time.monotonic()
    assert await consumer.poll(0.3) == []
    assert 0.2 < time.monotonic() - began < 10
    waiting = asyncio.create_task(consumer.poll(20))
    await asyncio.sleep(0.1)
    await send(log, topic, Record("k", b"v"))
    async with asyncio.timeout(10):
        assert values(await waiting) == [b"v"]
    await consumer.close()


async def test_topics_are_made_once_though_all_ask(log, topic, group):
    topics = [topic, f"{topic}.more"]
    await asyncio.gather(*(log.ensure(topics) for _ in range(6)))
    await send(log, topic, *records(50))
    consumer = log.consumer(group, topics)
    assert len({d.partition for d in await read(consumer, 50)}) == 6
    await consumer.close()
