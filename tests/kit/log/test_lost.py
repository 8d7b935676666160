"""The embedded log loses its records: who had read further reads on from the beginning."""

from kit.database import connect
from kit.log.postgres import PostgresLog
from tests.kit.log.conftest import TOPIC
from tests.kit.log.reading import read, records, send, values

LOSE = """WITH records AS (DELETE FROM log.record), offsets AS (DELETE FROM log.committed)
 UPDATE log.head SET next_offset = 0"""


async def test_a_member_begins_anew_and_its_offsets_are_kept_again(log: PostgresLog) -> None:
    await send(log, TOPIC, *records(60))
    consumer = log.consumer("g", [TOPIC])
    await consumer.commit(await read(consumer, 60))
    owner = await connect("log", "owner")
    await owner.execute(LOSE)
    await owner.close()
    await send(log, TOPIC, *records(20))
    again = await read(consumer, 20)
    assert sorted(values(again)) == sorted(one.value for one in records(20))
    await consumer.commit(again)
    assert await log.lag("g") == {TOPIC: 0}
    await consumer.close()
    next_one = log.consumer("g", [TOPIC])
    assert await read(next_one, 1, seconds=1.5) == []
    await next_one.close()


async def test_offsets_beyond_the_log_are_taken_back(log: PostgresLog) -> None:
    """Records are lost, offsets are not: the next member too would wait for ever."""
    await send(log, TOPIC, *records(60))
    consumer = log.consumer("g", [TOPIC])
    await consumer.commit(await read(consumer, 60))
    owner = await connect("log", "owner")
    await owner.execute("DELETE FROM log.record")
    await owner.execute("UPDATE log.head SET next_offset = 0")
    await owner.close()
    await consumer.close()
    await send(log, TOPIC, *records(6))
    next_one = log.consumer("g", [TOPIC])
    assert len(await read(next_one, 6)) == 6
    await next_one.close()
