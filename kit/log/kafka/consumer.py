"""A member of a group on Kafka."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import kafka
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata, TopicPartition

from kit.log.kafka.client import CONSUMER, connection
from kit.log.kafka.lane import Lane
from kit.log.port import BATCH, Delivery, LogError, Record
from kit.settings import Settings

CALL_MS = 10_000
"""Longest wait for one answer about offsets."""
CLOSE_MS = 3_000
MOVE_SECONDS = 0.1
AHEAD = 500
"""Records read ahead at most, and one poll more."""


@dataclass(slots=True)
class KafkaConsumer:
    """One member (`kit.log.port.Consumer`); connects with the first poll."""

    group: str
    topics: tuple[str, ...]
    config: Settings
    lane: Lane = field(default_factory=lambda: Lane("kafka-consumer"))
    client: Any = None
    done: dict[TopicPartition, int] = field(default_factory=dict)
    """What it has committed since the partitions moved last."""
    held: dict[TopicPartition, deque[Any]] = field(default_factory=dict)
    """Read ahead, so that a full partition does not starve the others; who is first waits longest."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """The client tells of moving partitions in a thread of its own."""

    async def poll(
        self, seconds: float, limit: int = BATCH, done: Sequence[Delivery] = ()
    ) -> list[Delivery]:
        """The next records of the owned partitions; see the port."""
        await self.commit(done)
        try:
            return await self.lane.run(self._poll, seconds, limit)
        except KafkaError as error:
            await self.lane.run(self._close)
            raise LogError(type(error).__name__) from error

    def _poll(self, seconds: float, limit: int) -> list[Delivery]:
        client, end = self._open(), time.monotonic() + seconds
        if sum(map(len, self.held.values())) < AHEAD:
            self._read_ahead(client, 0 if self.held else seconds)
        # The client comes back early while partitions move.
        while not (rows := self._turns(limit)) and time.monotonic() < end:
            self._read_ahead(client, max(end - time.monotonic(), 0))
        return [delivery(row) for row in rows]

    def _read_ahead(self, client: Any, seconds: float) -> None:
        # The client forgets a sharing that it began because a topic was new to it and that outlasts
        # one poll (KAFKA-9815 of the Java client): it would read nothing for ever, and say so nowhere.
        if client._coordinator.rejoining:
            client._coordinator.request_rejoin()
        found: dict[TopicPartition, list[Any]] = client.poll(int(seconds * 1000))
        with self.lock:
            for place, rows in found.items():
                self.held.setdefault(place, deque()).extend(rows)

    def _open(self) -> Any:
        if self.client is None:
            client = kafka.KafkaConsumer(group_id=self.group, **connection(self.config), **CONSUMER)
            client.subscribe(self.topics, listener=Moves(self))
            self.client = client
        return self.client

    def _turns(self, limit: int) -> list[Any]:
        """At most `limit` of what is held, the partitions taking turns."""
        taken: list[Any] = []
        with self.lock:
            while self.held and len(taken) < limit:
                place = next(iter(self.held))
                rows = self.held.pop(place)
                share = max(1, (limit - len(taken)) // (len(self.held) + 1))
                taken += [rows.popleft() for _ in range(min(share, len(rows)))]
                if rows:
                    self.held[place] = rows
        return taken

    def forget(self) -> None:
        """Partitions move: what was read ahead is read again by whoever owns them next."""
        with self.lock:
            self.done.clear()
            self.held.clear()

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """Move the group's offsets behind these; see the port."""
        ends: dict[TopicPartition, int] = {}
        for d in deliveries:
            place = TopicPartition(d.topic, d.partition)
            ends[place] = max(ends.get(place, 0), d.offset + 1)
        if not ends:
            return
        try:
            await self.lane.run(self._advance, ends)
        except KafkaError as error:
            await self.lane.run(self._close)
            raise LogError(type(error).__name__) from error

    def _advance(self, ends: dict[TopicPartition, int]) -> None:
        """Never backwards: a commit may come late."""
        if self.client is None:
            raise LogError("not a member")
        new = {place: at for place, at in ends.items() if at > self.done.get(place, 0)}
        end = time.monotonic() + CALL_MS / 1000
        while new and not self._stated(new, time.monotonic() > end):
            # The group shares its partitions anew, which ends only while somebody polls. What this
            # member no longer reads is left to its next reader, who takes it in again.
            self._read_ahead(self.client, MOVE_SECONDS)
            if owned := self.client.assignment():
                new = {place: at for place, at in new.items() if place in owned}

    def _stated(self, new: dict[TopicPartition, int], last: bool) -> bool:
        """Whether the group took the offsets; the last try fails instead."""
        offsets = {place: OffsetAndMetadata(at, "", -1) for place, at in new.items()}
        try:
            self.client.commit(offsets, timeout_ms=CALL_MS)
        except RebalanceInProgressError:
            if last:
                raise
            return False
        self.done |= new
        return True

    async def close(self) -> None:
        """Leave the group."""
        await self.lane.run(self._close)

    def _close(self) -> None:
        client, self.client = self.client, None
        self.forget()
        if client is not None:
            client.close(autocommit=False, timeout_ms=CLOSE_MS)


@dataclass(slots=True)
class Moves(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hears that the group shares its partitions anew."""

    member: KafkaConsumer

    def on_partitions_revoked(self, revoked: object) -> None:
        """Before the partitions are given up."""
        self.member.forget()

    def on_partitions_assigned(self, assigned: object) -> None:
        """The next poll looks at what is owned."""


def delivery(row: Any) -> Delivery:
    """A record as kafka-python gives it, as the port's."""
    record = Record((row.key or b"").decode(), row.value, tuple(row.headers))
    moment = datetime.fromtimestamp(row.timestamp / 1000, UTC)
    return Delivery(row.topic, row.partition, row.offset, record, moment)
