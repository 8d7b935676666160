"""A drain ends: work that does not is cut off, a connection that is not given back is taken."""

import asyncio
import logging
import time

import asyncpg
import pytest

from kit import database as pools
from kit.database import Database
from kit.drain import ended
from tests.conftest import Workload


async def test_work_that_does_not_end_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def quick() -> None:
        await asyncio.sleep(0.05)
        done.append("quick")

    async def endless() -> None:
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(work()) for work in (quick, endless)]
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        await ended(tasks, 0.3)
    assert time.monotonic() - began < 2
    assert done == ["quick"]
    assert tasks[1].cancelled()
    assert "1 background tasks cut off" in caplog.text
    await ended([])


async def test_a_pool_waits_for_running_work_but_not_for_ever(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workload("filing")
    monkeypatch.setattr(pools, "CLOSE_SECONDS", 0.5)
    database = await Database.open("filing")
    connection = await database.pool.acquire()
    running = asyncio.create_task(connection.fetchval("SELECT pg_sleep(0.2)"))
    closing = asyncio.create_task(database.close())
    await running
    assert not closing.done(), "it waits for what is under way"
    began = time.monotonic()
    await closing
    assert time.monotonic() - began < 2
    with pytest.raises(asyncpg.InterfaceError):
        await connection.fetchval("SELECT 1")
