"""The log on a real broker, emptied for every test."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import kafka
import pytest
from kafka.errors import KafkaError

from kit.log.kafka import KafkaLog
from kit.log.kafka.client import connection
from kit.log.port import Log
from kit.settings import Settings
from tests.kit.log.conftest import TOPIC


@pytest.fixture
def replaced_seconds() -> float:
    """The session of a killed member ends after 6 s, then its group shares anew; more where it is busy."""
    return 20


@pytest.fixture
async def log(broker: object, kafka_settings: Settings, monkeypatch) -> AsyncIterator[Log]:
    """An empty log with one topic; processes that a test starts find it by the environment."""
    for name in ("var", "secrets", "events", "kafka_port", "kafka_servers"):
        if value := getattr(kafka_settings, name):
            monkeypatch.setenv(f"MINZHENG_{name.upper()}", str(value))
    await asyncio.to_thread(_empty, kafka_settings)
    opened = KafkaLog(kafka_settings)
    await opened.ensure([TOPIC])
    yield opened
    await opened.close()


def gone(client: Any, topics: set[str]) -> None:
    """Return when the brokers tell of these topics no more: a new one may have the same name."""
    end = time.monotonic() + 60
    while topics & set(client.list_topics()):
        assert time.monotonic() < end, "topics are not removed"
        time.sleep(0.1)


def _empty(config: Settings) -> None:
    client = kafka.KafkaAdminClient(**connection(config))
    try:
        topics = [name for name in client.list_topics() if not name.startswith("__")]
        if topics:
            client.delete_topics(topics)
            gone(client, set(topics))
        groups = [row["group_id"] for row in client.list_groups()]
        if groups:
            client.delete_groups(groups)
    except KafkaError as error:
        raise AssertionError(f"not emptied: {error}") from error
    finally:
        client.close()
