"""A workload's database with a table for effects, and a log with one topic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.database import Database, connect
from kit.log.postgres import PostgresLog
from tests.kit.log.conftest import TOPIC

PROBE = """CREATE SCHEMA probe; GRANT USAGE ON SCHEMA probe TO minzheng_filing_app;
 CREATE TABLE probe.effect (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
 aggregate text, version integer, event_id uuid);
 CREATE TABLE probe.late (one integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"""


@pytest.fixture
async def database(workload) -> AsyncIterator[Database]:
    """The emptied database of filing and a table for effects."""
    opened = await workload("filing")
    owner = await connect("filing", "owner")
    await owner.execute(PROBE)
    yield opened
    await owner.execute("DROP SCHEMA probe CASCADE")
    await owner.close()


@pytest.fixture
async def log(workload) -> AsyncIterator[PostgresLog]:
    """An empty log."""
    await workload("log")
    opened = await PostgresLog.open()
    await opened.ensure([TOPIC])
    yield opened
    await opened.close()


@pytest.fixture
async def running():
    """Runs work that takes a stop event: `async with running(work) as stop`."""

    @asynccontextmanager
    async def start(*works):
        stop = asyncio.Event()
        tasks = [asyncio.create_task(work(stop)) for work in works]
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 15)

    return start
