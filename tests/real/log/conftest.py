"""The log on a real broker; a test has a topic and a group that none had before it.

Brokers forget a removed topic one after another, and a killed member is missed after seconds: a
name used again could still mean the old one.
"""

from collections.abc import AsyncIterator

import pytest

from kit.ids import uuid7
from kit.log.kafka import KafkaLog
from kit.log.port import Log
from kit.settings import Settings


@pytest.fixture
def replaced_seconds() -> float:
    """The session of a killed member ends after 6 s, then its group shares anew; more where it is busy."""
    return 20


@pytest.fixture
def topic() -> str:
    """The topic of a test."""
    return f"minzheng.{uuid7()}.v1"


@pytest.fixture
def group() -> str:
    """The group of a test."""
    return f"group-{uuid7()}"


@pytest.fixture
async def log(
    broker: object, topic: str, kafka_settings: Settings, monkeypatch
) -> AsyncIterator[Log]:
    """The log with an empty topic; processes that a test starts find it by the environment."""
    for name in ("var", "secrets", "events", "kafka_port", "kafka_servers"):
        if value := getattr(kafka_settings, name):
            monkeypatch.setenv(f"MINZHENG_{name.upper()}", str(value))
    opened = KafkaLog(kafka_settings)
    await opened.ensure([topic])
    yield opened
    await opened.close()
