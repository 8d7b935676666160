"""The adapters of the log's port; each must pass the same suite."""

from collections.abc import AsyncIterator

import pytest

from kit.log.port import Log
from kit.log.postgres import PostgresLog

TOPIC = "minzheng.filing.v1"


@pytest.fixture(params=["postgres"])
async def log(request, workload) -> AsyncIterator[Log]:
    """An empty log with one topic."""
    await workload("log")
    opened = await PostgresLog.open()
    await opened.ensure([TOPIC])
    yield opened
    await opened.close()
