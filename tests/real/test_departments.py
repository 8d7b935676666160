"""What a department's client may do on the bus, cell by cell, with tokens of Keycloak."""

import time
from pathlib import Path
from typing import Any

import kafka
import pytest
from kafka.errors import (
    GroupAuthorizationFailedError,
    KafkaTimeoutError,
    TopicAuthorizationFailedError,
)

from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.ids import uuid7
from kit.log.kafka import KafkaLog
from kit.log.kafka.client import Tokens, connection
from kit.settings import Settings
from tests.kit.log.reading import read, values

DEPARTMENT = "dept-social-work"
INTERNAL = "minzheng.posts.v1"
"""Has the posts of the demo in it."""
BOOTSTRAP_MS = 5_000


class Given(Tokens):
    """Always the same token."""

    def token(self) -> str:
        return self.value


def tokens(config: Settings, client: str = DEPARTMENT) -> Tokens:
    return Tokens(config.issuer, client, f"demo-only-{client}")


def door(config: Settings, provider: Tokens) -> dict[str, Any]:
    """How a department's own client is set up."""
    return {
        "bootstrap_servers": f"127.0.0.1:{config.kafka_departments_port}",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "OAUTHBEARER",
        "sasl_oauth_token_provider": provider,
        "bootstrap_timeout_ms": BOOTSTRAP_MS,
    }


def reads(
    config: Settings, topic: str, group: str, sought: bytes = b"", seconds: float = 20
) -> list[bytes]:
    """What a department's client gets from a topic until it has what is sought or the time is up.

    Whoever seeks nothing in particular gets at once what there is.
    """
    client = kafka.KafkaConsumer(
        topic, group_id=group, auto_offset_reset="earliest", **door(config, tokens(config))
    )
    found: list[bytes] = []
    end = time.monotonic() + seconds
    try:
        while not (sought in found if sought else found) and time.monotonic() < end:
            found += [row.value for rows in client.poll(500).values() for row in rows]
    finally:
        client.close(autocommit=False)
    return found


def writes(client: Any, topic: str, value: bytes = b"v") -> None:
    client.send(topic, key=b"k", value=value).get(20)


@pytest.fixture(scope="module")
def published(platform: Any) -> bytes:
    """A record of its own in each of the public topics, behind what others may have stated there."""
    client, value = kafka.KafkaProducer(**connection(platform.settings)), uuid7().bytes
    for topic in (HISTORY, TWIN):
        writes(client, topic, value)
    client.close(timeout=10)
    return value


@pytest.mark.parametrize("topic", [HISTORY, TWIN])
def test_it_reads_the_public_topics_in_its_own_groups(
    config: Settings, published: bytes, topic: str
) -> None:
    assert published in reads(config, topic, f"dept.social-work.{uuid7()}", published)


async def test_our_own_adapter_can_sign_in_with_a_token(
    config: Settings, published: bytes, tmp_path: Path
) -> None:
    (tmp_path / f"kafka_password_{DEPARTMENT}").write_text(f"demo-only-{DEPARTMENT}")
    servers = f"127.0.0.1:{config.kafka_departments_port}"
    chosen = {"kafka_servers": servers, "kafka_sasl": "oauthbearer", "kafka_user": DEPARTMENT}
    log = KafkaLog(config.model_copy(update={**chosen, "secrets": tmp_path}))
    consumer, found = log.consumer(f"dept.social-work.{uuid7()}", [HISTORY]), list[bytes]()
    try:
        while published not in found and (more := await read(consumer, 1, seconds=20)):
            found += values(more)
        assert published in found
    finally:
        await consumer.close()
        await log.close()


@pytest.mark.parametrize(
    "group", ["notifications", "dept.politics-law.reports", "dept-social-work"]
)
def test_it_joins_no_other_group(config: Settings, published: bytes, group: str) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        reads(config, HISTORY, group)


def test_an_internal_topic_gives_no_rows(config: Settings, published: bytes) -> None:
    """No rows, and with this client no error either; so the time must be bounded here."""
    try:
        assert reads(config, INTERNAL, "dept.social-work.reports", seconds=5) == []
    except TopicAuthorizationFailedError:
        return


@pytest.mark.parametrize("topic", [HISTORY, TWIN, INTERNAL])
def test_it_writes_nowhere(config: Settings, published: bytes, topic: str) -> None:
    client = kafka.KafkaProducer(
        enable_idempotence=False, max_block_ms=5_000, **door(config, tokens(config))
    )
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            writes(client, topic)
    finally:
        client.close(timeout=5)


def enters(config: Settings, value: str) -> bool:
    """Whether the broker lets a token in."""
    given = Given(config.issuer, DEPARTMENT, "", value)
    try:
        kafka.KafkaProducer(**door(config, given)).close(timeout=5)
    except KafkaTimeoutError:  # the client says nothing of a refused token
        return False
    return True


def test_a_token_of_another_purpose_or_none_is_not_let_in(config: Settings) -> None:
    good = tokens(config).token()
    head, body, _ = good.split(".")
    assert enters(config, good)
    assert not enters(config, f"{head}.{body}.{'A' * 342}")
    assert not enters(config, "garbage")
