"""The embedded adapter of the log's port; `tests/real/log` runs the same suite on Kafka."""

from collections.abc import AsyncIterator

import pytest

from kit.log.port import Log
from kit.log.postgres import PostgresLog

TOPIC = "minzheng.filing.v1"


@pytest.fixture
def replaced_seconds() -> float:
    """How long a group may miss a member that was killed."""
    return 5


@pytest.fixture
def topic() -> str:
    """The topic of a test."""
    return TOPIC


@pytest.fixture
def group() -> str:
    """The group of a test."""
    return "g"


@pytest.fixture
async def log(workload) -> AsyncIterator[Log]:
    """An empty log with one topic."""
    await workload("log")
    opened = await PostgresLog.open()
    await opened.ensure([TOPIC])
    yield opened
    await opened.close()
