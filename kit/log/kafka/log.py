"""The log on Kafka: producers, members, topics and lag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import kafka
from kafka.admin import NewTopic, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import TopicPartition

from kit.log.kafka.client import connection
from kit.log.kafka.consumer import KafkaConsumer
from kit.log.kafka.lane import Lane
from kit.log.kafka.producer import KafkaProducer
from kit.log.port import PARTITIONS, LogError
from kit.settings import Settings, settings

# The time of a record is the log's own, as the port promises.
TOPIC = {"message.timestamp.type": "LogAppendTime"}
CALL_MS = 10_000
T = TypeVar("T")


@dataclass(slots=True)
class KafkaLog:
    """The log (`kit.log.port.Log`); connects when it is asked something."""

    config: Settings = field(default_factory=settings)
    lane: Lane = field(default_factory=lambda: Lane("kafka-admin"))

    def producer(self) -> KafkaProducer:
        """A producer with a client of its own."""
        return KafkaProducer(self.config)

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """A member of a group, with a client of its own."""
        return KafkaConsumer(group, tuple(topics), self.config)

    async def ensure(self, topics: Sequence[str]) -> None:
        """Make the topics that are missing."""
        await self._ask(lambda client: make(client, topics))

    async def lag(self, group: str) -> dict[str, int]:
        """Records the group has not committed yet, by topic."""
        return await self._ask(lambda client: behind(client, group))

    async def _ask(self, question: Callable[[Any], T]) -> T:
        try:
            return await self.lane.run(self._with_client, question)
        except KafkaError as error:
            raise LogError(type(error).__name__) from error

    def _with_client(self, question: Callable[[Any], T]) -> T:
        client = kafka.KafkaAdminClient(**connection(self.config))
        try:
            return question(client)
        finally:
            client.close()

    async def close(self) -> None:
        """Nothing is held between questions."""
        self.lane.close()


def make(client: Any, topics: Sequence[str]) -> None:
    """Make the missing ones; another process may make them in the same moment."""
    for name in set(topics) - set(client.list_topics()):
        try:
            new = NewTopic(name, PARTITIONS, -1, topic_configs=TOPIC)
            client.create_topics([new], wait_for_metadata=True)
        except TopicAlreadyExistsError:
            client.wait_for_topics([name], CALL_MS)


def behind(client: Any, group: str) -> dict[str, int]:
    """How far a group is behind the ends of the partitions that it reads or has committed."""
    committed = {
        place: at.offset for place, at in client.list_group_offsets([group])[group].items()
    }
    places = set(committed) | read_by(client.describe_groups([group])[group]["members"])
    ends = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    starts = client.list_partition_offsets(
        dict.fromkeys(places - committed.keys(), OffsetSpec.EARLIEST)
    )
    found: dict[str, int] = {}
    for place in places:
        at = committed[place] if place in committed else starts[place].offset
        found[place.topic] = found.get(place.topic, 0) + ends[place].offset - at
    return found


def read_by(members: Sequence[Mapping[str, Any]]) -> set[TopicPartition]:
    """The partitions that the living members of a group share."""
    # Until the partitions are shared a member has none, which is told as an empty text.
    shares = [one["member_assignment"] for one in members if one["member_assignment"]]
    rows = [row for share in shares for row in share["assigned_partitions"]]
    return {TopicPartition(row["topic"], number) for row in rows for number in row["partitions"]}
