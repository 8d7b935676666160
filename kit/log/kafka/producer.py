"""Writing to Kafka: acknowledged by all in-sync replicas, no duplicate by a retry of the client."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import kafka
from kafka.errors import KafkaError

from kit.log.kafka.client import DELIVERY_SECONDS, PRODUCER, connection
from kit.log.kafka.lane import Lane
from kit.log.port import LogError, Record, refusals
from kit.settings import Settings

MARGIN_SECONDS = 5.0
"""Beyond its own limit a client may need a moment to say that it was passed."""
CLOSE_SECONDS = 3.0


@dataclass(slots=True)
class KafkaProducer:
    """Writes records (`kit.log.port.Producer`); connects with the first send."""

    config: Settings
    lane: Lane = field(default_factory=lambda: Lane("kafka-producer"))
    client: Any = None

    async def send(self, topic: str, records: Sequence[Record]) -> list[Exception | None]:
        """Write the records; see the port."""
        results = refusals(records)
        good = [r for r, refused in zip(records, results, strict=True) if refused is None]
        if not good:
            return results
        answers = iter(await self.lane.run(self._send, topic, good))
        return [refused or next(answers) for refused in results]

    def _send(self, topic: str, records: Sequence[Record]) -> list[Exception | None]:
        try:
            client = self._open()
            sent = [self._hand_over(client, topic, record) for record in records]
        except KafkaError as error:
            # What was handed over already may still be written: the caller sends all again.
            self._discard()
            return [LogError(type(error).__name__)] * len(records)
        end = time.monotonic() + DELIVERY_SECONDS + MARGIN_SECONDS
        answers = [outcome(future, end) for future in sent]
        if any(answers):
            self._discard()
        return answers

    def _open(self) -> Any:
        if self.client is None:
            self.client = kafka.KafkaProducer(**connection(self.config), **PRODUCER)
        return self.client

    def _hand_over(self, client: Any, topic: str, record: Record) -> Any:
        headers = list(record.headers)
        return client.send(topic, key=record.key.encode(), value=record.value, headers=headers)

    def _discard(self) -> None:
        """Forget the client without closing it.

        After a failed batch an idempotent client never sends again and its `close` waits for what
        it holds; so its thread is told to end, and the next send makes a new one.
        """
        client, self.client = self.client, None
        if client is not None:
            client._unregister_cleanup()
            client._closed = True
            client._sender.force_close()

    async def close(self) -> None:
        """Give the connections back."""
        await self.lane.run(self._close)
        self.lane.close()

    def _close(self) -> None:
        client = self.client
        if client is None:
            return
        try:
            client.close(timeout=CLOSE_SECONDS)
        except KafkaError:
            self._discard()
        self.client = None


def outcome(future: Any, end: float) -> Exception | None:
    """How one record fared, at the latest at `end` of the monotonic clock."""
    try:
        future.get(timeout=max(end - time.monotonic(), 0))
    except KafkaError as error:
        return LogError(type(error).__name__)
    return None
