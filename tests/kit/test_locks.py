"""What one process alone may do takes one connection of its pool, however much of it there is."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.database import AWAY, Database
from kit.timers import Timer, keep
from tests.conftest import Workload
from tests.kit.facts.helpers import until

CONNECTIONS = 3
TIMERS = 8


@pytest.fixture
async def pair(workload: Workload) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' pools on one database."""
    await workload("filing")
    both = [await Database.open("filing", size=CONNECTIONS) for _ in range(2)]
    yield both[0], both[1]
    for one in both:
        await one.close()


async def test_more_timers_than_connections_all_work(pair: tuple[Database, Database]) -> None:
    """All begin at once, as at the start of a process."""
    database, stop = pair[0], asyncio.Event()

    async def work() -> int:
        await asyncio.sleep(0.05)
        return int(await database.pool.fetchval("SELECT 1"))

    timers = [Timer(f"test.{number}", work, every=60) for number in range(TIMERS)]
    kept = [asyncio.create_task(keep(timer, database, stop)) for timer in timers]

    async def all_looked() -> bool:
        return all(timer.ran.at or timer.ran.failures for timer in timers)

    await until(all_looked)
    stop.set()
    await asyncio.gather(*kept)
    assert [timer.ran.failures for timer in timers] == [0] * TIMERS


async def test_one_name_is_held_once(pair: tuple[Database, Database]) -> None:
    here, there = pair
    async with (
        here.locks.alone("a") as first,
        here.locks.alone("a") as again,
        there.locks.alone("a") as other,
        there.locks.alone("b") as free,
    ):
        assert (first, again, other, free) == (True, False, False, True)
    async with there.locks.alone("a") as after:
        assert after


async def test_a_lock_ends_with_its_work_and_the_connection_is_given_back(
    pair: tuple[Database, Database],
) -> None:
    here, there = pair

    async def failing() -> None:
        async with here.locks.alone("a"):
            assert here.pool.get_idle_size() == here.pool.get_size() - 1
            raise ValueError("work")

    with pytest.raises(ValueError, match="work"):
        await failing()
    assert here.pool.get_idle_size() == here.pool.get_size()
    async with there.locks.alone("a") as free:
        assert free


async def test_a_lost_connection_holds_nobody_back(pair: tuple[Database, Database]) -> None:
    here, there = pair
    async with here.locks.alone("a"):
        await there.pool.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND pid <> pg_backend_pid()"
        )
        with pytest.raises(AWAY):
            async with here.locks.alone("b"):
                pass
        async with here.locks.alone("b") as free:
            assert free
    async with here.locks.alone("a") as again:
        assert again
