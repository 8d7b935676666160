"""A timer whose look fails: told loudly, but a log that is away is only waited for."""

import asyncio
import logging

import pytest

from kit.database import Database
from kit.log.port import LogError
from kit.timers import Timer, keep
from tests.conftest import Workload
from tests.kit.facts.helpers import until


@pytest.fixture
async def database(workload: Workload) -> Database:
    """A database whose locks the timers take."""
    return await workload("filing")


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (LogError("NoBrokersAvailable"), logging.WARNING, "timer test waits for the log"),
        (ValueError("why"), logging.ERROR, "timer test failed"),
    ],
)
async def test_what_a_failed_look_says(
    database: Database, caplog: pytest.LogCaptureFixture, error: Exception, level: int, said: str
) -> None:
    stop = asyncio.Event()

    async def work() -> int:
        raise error

    timer = Timer("test", work, every=60)
    kept = asyncio.create_task(keep(timer, database, stop))

    async def failed() -> bool:
        return timer.ran.failures > 0

    await until(failed)
    stop.set()
    await kept
    assert timer.ran.failure == type(error).__name__
    [record] = [one for one in caplog.records if one.name == "kit.timers"]
    assert (record.levelno, record.getMessage()[: len(said)]) == (level, said)
