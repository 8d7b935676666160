"""A member of the embedded log whose connection is cut."""

import pytest

from kit.log.port import LogError
from tests.kit.log.conftest import TOPIC
from tests.kit.log.reading import read, records, send


async def test_a_cut_connection_is_an_error_and_the_next_poll_starts_from_the_commit(log):
    await send(log, TOPIC, *records(20))
    consumer = log.consumer("g", [TOPIC])
    found = await read(consumer, 20)
    await consumer.commit(found[:0])
    await log.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database() AND usename = current_user"
    )
    with pytest.raises(LogError):
        await read(consumer, 1, seconds=3)
    assert len(await read(consumer, 20)) == 20
    await consumer.close()
