"""What the promises rest on, read from the living clients; and clients that are given up."""

import time

import kafka
from kafka.coordinator.assignors.range import RangePartitionAssignor

from kit.embedded.child import Child
from kit.log.kafka import KafkaLog
from kit.log.port import Consumer, LogError, Record
from tests.kit.log.reading import read, values
from tests.real.children import start


async def test_the_settings_are_those_of_the_living_clients(
    log: KafkaLog, topic: str, group: str
) -> None:
    producer, consumer = log.producer(), log.consumer(group, [topic])
    assert await producer.send(topic, [Record("k", b"v")]) == [None]
    await read(consumer, 1)
    writes, reads = producer.client.config, consumer.client.config
    await producer.close()
    await consumer.close()
    assert (writes["acks"], writes["enable_idempotence"]) == (-1, True)
    assert (reads["enable_auto_commit"], reads["auto_offset_reset"]) == (False, "earliest")
    assert reads["partition_assignment_strategy"] == (RangePartitionAssignor,)
    assert (reads["session_timeout_ms"], reads["max_poll_records"]) == (6000, 100)


async def offered(consumer: Consumer) -> list[bytes]:
    """What is read at once; a member that lost its broker may say so and is a new one after."""
    try:
        return values(await consumer.poll(0.2))
    except LogError:
        return []


async def test_after_a_delivery_timeout_the_next_send_has_a_new_client(
    log: KafkaLog, topic: str, group: str, broker: Child
) -> None:
    """The broker is killed and comes back: nothing acknowledged is lost, the reader goes on."""
    producer, consumer = log.producer(), log.consumer(group, [topic])
    assert await producer.send(topic, [Record("k", b"before")]) == [None]
    first = producer.client
    await consumer.commit(await read(consumer, 1))
    broker.signal(9)
    broker.wait()
    [lost] = await producer.send(topic, [Record("k", b"during")])
    assert isinstance(lost, LogError)
    assert producer.client is None
    assert not first._sender.is_alive() or first._sender._force_close
    assert await offered(consumer) == []
    start(broker)
    end = time.monotonic() + 120
    while await producer.send(topic, [Record("k", b"after")]) != [None]:
        assert time.monotonic() < end
    assert isinstance(producer.client, kafka.KafkaProducer)
    while b"after" not in await offered(consumer):
        assert time.monotonic() < end
    await producer.close()
    await consumer.close()
