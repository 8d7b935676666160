"""Three brokers on this machine, as in production: every record thrice, a write counts on two."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kafka

from kit.embedded.apart import free_ports
from kit.embedded.child import Child
from kit.embedded.real.kafka import Broker
from kit.embedded.secrets import make_secrets
from kit.log.kafka.client import connection
from kit.settings import Settings
from tests.real.children import start

NODES = (1, 2, 3)
THRICE = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    # A dead controller stops writing until the others miss it, elect one of them, and that one
    # misses the broker that died along: with Kafka's 2 s, 1 s and our 3 s up to 7 s, so less of each.
    # Who only stands still so long gives up what it leads, and nothing is lost.
    "controller.quorum.fetch.timeout.ms": "1000",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.election.backoff.max.ms": "500",
    "broker.session.timeout.ms": "2000",
}


@dataclass
class Member(Broker):
    """One of the three."""

    node: int = 0
    quorum: str = ""

    def _properties(self) -> Mapping[str, str]:
        own = {"node.id": str(self.node), "controller.quorum.voters": self.quorum}
        return {**super()._properties(), **THRICE, **own}


@dataclass
class Cluster:
    """The brokers by number, and the settings of their clients."""

    config: Settings
    nodes: dict[int, Child] = field(default_factory=dict)

    def kill(self, node: int) -> None:
        """End a broker at once."""
        self.nodes[node].signal(9)
        self.nodes[node].wait()

    def start(self, *nodes: int) -> None:
        """Start brokers and wait until they serve."""
        for node in nodes:
            self.nodes[node].start()
        for node in nodes:
            start(self.nodes[node], running=True)

    def controller(self) -> int:
        """The broker that leads the quorum."""
        with asked(self.config) as client:
            topics = client.describe_metadata_quorum()["topics"]
        return int(topics[0]["partitions"][0]["leader_id"])

    def partitions(self) -> list[dict[str, Any]]:
        """All partitions as the brokers describe them."""
        with asked(self.config) as client:
            topics = client.describe_topics()
        return [row for topic in topics for row in topic["partitions"]]

    def leader(self) -> int:
        """A broker that leads partitions of ours and not the quorum, where there is one."""
        leading = {row["leader_id"] for row in self.partitions()}
        return min(leading - {self.controller()} or leading)

    def whole(self) -> bool:
        """Every partition is in step on all three."""
        return all(len(row["isr_nodes"]) == len(NODES) for row in self.partitions())


@contextmanager
def asked(config: Settings) -> Iterator[Any]:
    """A client to ask questions with."""
    client = kafka.KafkaAdminClient(**connection(config))
    try:
        yield client
    finally:
        client.close()


def three(folder: Path) -> Cluster:
    """Three brokers, ready to start."""
    base = Settings(profile="test", events="kafka", secrets=folder / "secrets", var=folder)
    make_secrets(base.secret_folder)
    ports = free_ports(9)
    quorum = ",".join(f"{node}@127.0.0.1:{ports[6 + at]}" for at, node in enumerate(NODES))
    servers = ",".join(f"127.0.0.1:{port}" for port in ports[:3])
    found, identity = Cluster(base.model_copy(update={"kafka_servers": servers})), str(uuid.uuid4())
    for at, node in enumerate(NODES):
        places = {
            "kafka_port": ports[at],
            "kafka_departments_port": ports[3 + at],
            "kafka_controller_port": ports[6 + at],
        }
        own = base.model_copy(update={"var": folder / str(node), **places})
        member = Member(own, print, cluster=identity, node=node, quorum=quorum)
        found.nodes[node] = member.prepare()
    return found
