"""Every cell of who may do what on the bus, tried with tokens of Keycloak (G22).

Expected is what facts, reactions and the table of departments declare. The broker is one of its own,
so that what is written here reaches nobody.
"""

import csv
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import kafka
import pytest
from kafka.admin import NewTopic
from kafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata, TopicPartition
from keycloak import KeycloakAdmin

from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.contracts import facts, rpcs
from kit.embedded.real import keys
from kit.embedded.real.kafka import Broker
from kit.embedded.workloads import service_names
from kit.log.kafka.client import connection
from kit.server import Runtime, Service
from kit.settings import Settings
from tests.platform import ROOT
from tests.real.children import start, stop
from tests.real.conftest import own_broker
from tests.real.test_departments import door, tokens

STRANGER = "stranger"
SECRET = "demo-only-{}"
SECONDS = 20.0
Cell = tuple[str, str, str]
"""Who, what, with which topic or group."""


def services() -> list[Service]:
    found = [
        importlib.import_module(f"services.{name}.service").SERVICE for name in service_names()
    ]
    return [importlib.import_module("gateway.app").GATEWAY, *found]


def departments() -> list[str]:
    with (ROOT / "deploy/keycloak/demo_users.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["username"] for row in csv.DictReader(stream)]
    return [name for name in names if name.startswith("dept-")]


def own_group(department: str) -> str:
    return f"dept.{department.removeprefix('dept-')}.reports"


INTERNAL = sorted({name.rpartition(".")[0] for name in facts()})
TOPICS = [*INTERNAL, HISTORY, TWIN]
WORKLOADS = [service.name for service in services()]
NOWHERE = {TopicPartition(TWIN, 0): OffsetAndMetadata(0, "", -1)}
PRINCIPALS = [*WORKLOADS, *departments(), STRANGER]
GROUPS = [*WORKLOADS, *map(own_group, departments()), "dept", "anybody"]


def reads(service: Service) -> set[str]:
    """Topics of the facts a workload reacts to."""
    none: Any = None
    reactions = service.all_reactions(Runtime(none, none, none))
    return {one.fact.desc().type_name.rpartition(".")[0] for one in reactions}


def expected() -> set[Cell]:
    """The cells that are allowed; all others are not."""
    serving = {(rpc.workload, rpc.package) for rpc in rpcs()}
    cells = {(who, "write", package) for who, package in serving if package in INTERNAL}
    cells |= {("gateway", "write", topic) for topic in (HISTORY, TWIN)}
    for service in services():
        cells |= {(service.name, "read", topic) for topic in reads(service)}
        cells.add((service.name, "group", service.name))
    for name in departments():
        cells |= {(name, "read", topic) for topic in (HISTORY, TWIN)}
        cells.add((name, "group", own_group(name)))
    return cells


@dataclass
class Hand:
    """What a principal does at the door of the tokens."""

    who: str
    arguments: dict[str, Any]
    clients: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        quick = self.arguments | {"request_timeout_ms": 10_000}
        self.admin = kafka.KafkaAdminClient(**quick)
        self.reader = kafka.KafkaConsumer(enable_auto_commit=False, **quick)
        self.writer = kafka.KafkaProducer(
            enable_idempotence=False, max_block_ms=5_000, allow_auto_create_topics=False, **quick
        )

    def close(self) -> None:
        self.admin.close()
        self.reader.close(autocommit=False)
        self.writer.close(timeout=5)

    def cells(self) -> Iterator[Cell]:
        """What it may."""
        actions: dict[str, Callable[[str], bool]] = {
            "read": self.read, "write": self.write, "create": self.create, "delete": self.delete,
        }  # fmt: skip
        for name, action in actions.items():
            yield from ((self.who, name, topic) for topic in TOPICS if action(topic))
        yield from ((self.who, "group", group) for group in GROUPS if self.group(group))

    def read(self, topic: str) -> bool:
        """Gets what is in a topic."""
        try:
            if not self.reader.partitions_for_topic(topic):
                return False
            self.reader.assign([TopicPartition(topic, 0)])
            self.reader.seek_to_beginning()
            end = time.monotonic() + SECONDS
            while not self.reader.poll(500):
                assert time.monotonic() < end, (
                    f"{self.who} gets neither rows nor a refusal: {topic}"
                )
        except TopicAuthorizationFailedError:
            return False
        return True

    def write(self, topic: str) -> bool:
        """Adds a record to a topic."""
        try:
            self.writer.send(topic, key=b"k", value=b"v", partition=0).get(SECONDS)
        except TopicAuthorizationFailedError:
            return False
        return True

    def create(self, topic: str) -> bool:
        """Makes a topic; that it is there already is said to those who may."""
        try:
            self.admin.create_topics([NewTopic(topic, 1, 1)])
        except TopicAuthorizationFailedError:
            return False
        except TopicAlreadyExistsError:
            return True
        return True

    def delete(self, topic: str) -> bool:
        """Removes a topic."""
        try:
            self.admin.delete_topics([topic])
        except TopicAuthorizationFailedError:
            return False
        return True

    def group(self, name: str) -> bool:
        """Moves the offsets of a group; the topic is another question."""
        try:
            self.admin.alter_group_offsets(name, NOWHERE)
        except GroupAuthorizationFailedError:
            return False
        except TopicAuthorizationFailedError:
            return True
        return True


def groups_are_kept(bus: Settings) -> None:
    """The broker makes the place for offsets when first asked."""
    admin = kafka.KafkaAdminClient(**connection(bus))
    end = time.monotonic() + SECONDS
    while True:
        try:
            admin.alter_group_offsets("operator", NOWHERE)
            break
        except CoordinatorNotAvailableError:
            assert time.monotonic() < end, "no place for offsets"
            time.sleep(0.2)
    admin.close()


@pytest.fixture(scope="module")
def bus(config: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A broker that trusts the platform's Keycloak, with the rights of a run."""
    chosen = own_broker(tmp_path_factory.mktemp("rights")).model_copy(
        update={"issuer": config.issuer}
    )
    broker = Broker(chosen, print)
    child = broker.prepare()
    with httpx.Client(timeout=20, trust_env=False) as client:
        keys.write(broker.keys, json.dumps(keys.signing(client, config.issuer)))
    start(child)
    told = ("var", "events", "kafka_port", "profile")
    environment = {f"MINZHENG_{name.upper()}": str(getattr(chosen, name)) for name in told}
    subprocess.run(
        [sys.executable, "-m", "kit.embedded.real.rights"],
        cwd=ROOT, env=os.environ | environment, check=True,
    )  # fmt: skip
    operator = kafka.KafkaProducer(**connection(chosen))
    for topic in TOPICS:
        operator.send(topic, key=b"k", value=b"v", partition=0).get(SECONDS)
    operator.close(timeout=5)
    groups_are_kept(chosen)
    yield chosen
    stop(child)


@pytest.fixture(scope="module")
def known(admin: KeycloakAdmin) -> Iterator[None]:
    """Clients of the sign-on for the workloads and for a stranger, all with tokens for the bus."""
    audience = {
        "name": "bus", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": "kafka", "access.token.claim": "true"},
    }  # fmt: skip
    made = [
        admin.create_client(
            {"clientId": name, "secret": SECRET.format(name), "serviceAccountsEnabled": True,
             "standardFlowEnabled": False, "protocolMappers": [audience]}
        )
        for name in (*WORKLOADS, STRANGER)
    ]  # fmt: skip
    yield
    for client in made:
        admin.delete_client(client)


def test_every_cell_is_as_declared(config: Settings, bus: Settings, known: None) -> None:
    found: set[Cell] = set()
    for who in PRINCIPALS:
        hand = Hand(who, door(bus, tokens(config, who)))
        try:
            found |= set(hand.cells())
        finally:
            hand.close()
    assert len(PRINCIPALS) * (4 * len(TOPICS) + len(GROUPS)) >= 300
    assert sorted(found - expected()) == [], "allowed, though nothing declares it"
    assert sorted(expected() - found) == [], "declared, and refused"
