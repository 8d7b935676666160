"""A pool that is empty refuses in time instead of letting everybody wait."""

import time
from collections.abc import AsyncIterator

import pytest

from kit import database as module
from kit.database import Database
from kit.errors import Kind
from kit.interceptor import as_refusal
from tests.conftest import Workload


@pytest.fixture
async def small(workload: Workload) -> AsyncIterator[Database]:
    """A database with one connection."""
    await workload("filing")
    opened = await Database.open("filing", size=1)
    yield opened
    await opened.close()


async def test_who_finds_no_connection_is_told_in_time(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.1)
    async with small.transaction():
        began = time.monotonic()
        with pytest.raises(TimeoutError) as told:
            await small.pool.fetchval("SELECT 1")
        assert 0.1 <= time.monotonic() - began < 3
    assert as_refusal(told.value).kind is Kind.UNAVAILABLE
    assert await small.pool.fetchval("SELECT 1") == 1


async def test_a_locked_table_is_a_database_that_is_away(small: Database) -> None:
    """The server gives up after two seconds; the caller may try again."""
    holder = await module.connect("filing", "owner")
    async with holder.transaction():
        await holder.execute("LOCK TABLE filing IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(module.AWAY) as told:
            await small.pool.fetchval("SELECT count(*) FROM filing")
    await holder.close()
    assert as_refusal(told.value).kind is Kind.UNAVAILABLE
