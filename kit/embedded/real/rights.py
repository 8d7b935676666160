"""Who may do what on the broker, and the topics themselves: set anew at every start.

A workload writes the topics of the facts it states, reads those it reacts to, in the group of its
name. A department reads the public topics, in groups that begin with its own name. Nobody else,
and nothing else.
"""

import importlib
from collections.abc import Iterator
from typing import Any

import kafka
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    NewTopic,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from kit.contracts import facts, rpcs, topic_of
from kit.embedded.issuer.realm import read_realm
from kit.embedded.workloads import service_names
from kit.log.kafka.client import connection
from kit.log.kafka.log import TOPIC
from kit.log.port import PARTITIONS
from kit.reactions.intake import by_type
from kit.server import Runtime, Service
from kit.settings import Settings, settings

PREFIX = "dept-"
INTERNAL = "minzheng."


def departments(config: Settings) -> list[str]:
    """Clients of the realm file that are departments."""
    clients = read_realm(config.realm_file).clients.values()
    return sorted(c.client_id for c in clients if c.service_account and c.client_id.startswith(PREFIX))  # fmt: skip


def department(client: str) -> Iterator[ACL]:
    """What a department may."""
    group = f"dept.{client.removeprefix(PREFIX)}."
    yield rule(client, ACLOperation.READ, ResourceType.GROUP, group, prefix=True)
    for topic in public():
        yield rule(client, ACLOperation.READ, ResourceType.TOPIC, topic)


def workload(service: Service) -> Iterator[ACL]:
    """What a workload may, as it declares itself; of all internal topics it may know that they are."""
    name = service.name
    written = {topic for topic, owner in owners().items() if owner == name}
    yield rule(name, ACLOperation.READ, ResourceType.GROUP, name)
    yield rule(name, ACLOperation.DESCRIBE, ResourceType.TOPIC, INTERNAL, prefix=True)
    for topic in written | set(service.published):
        yield rule(name, ACLOperation.WRITE, ResourceType.TOPIC, topic)
    for topic in read(service):
        yield rule(name, ACLOperation.READ, ResourceType.TOPIC, topic)


def read(service: Service) -> list[str]:
    """Topics of the facts that a workload reacts to."""
    none: Any = None  # only asked what it declares, which needs no database
    return sorted(
        {topic_of(fact) for fact in by_type(service.all_reactions(Runtime(none, none, none)))}
    )


def owners() -> dict[str, str]:
    """The workload that states the facts of a topic: the one that serves the package."""
    serving = {rpc.package: rpc.workload for rpc in rpcs()}
    return {topic: serving[topic] for topic in map(topic_of, facts())}


def public() -> dict[str, dict[str, str]]:
    """Settings of the topics that departments read."""
    told = {topic: kind for one in services() for topic, kind in one.published.items()}
    return {topic: TOPIC | {"cleanup.policy": kind} for topic, kind in told.items()}


def rule(
    who: str, may: ACLOperation, kind: ResourceType, name: str, *, prefix: bool = False
) -> ACL:
    """A permission; to read or to write says also to know that it is there."""
    pattern = ACLResourcePatternType.PREFIXED if prefix else ACLResourcePatternType.LITERAL
    what = ResourcePattern(kind, name, pattern)
    return ACL(f"User:{who}", "*", may, ACLPermissionType.ALLOW, what)


def services() -> Iterator[Service]:
    """Every workload that is on the bus."""
    yield importlib.import_module("gateway.app").GATEWAY
    for name in service_names():
        yield importlib.import_module(f"services.{name}.service").SERVICE


def provide(client: Any, wanted: set[ACL]) -> None:
    """Make the topics, give every right that is missing and take what is too much."""
    settings_of = public() | dict.fromkeys(owners(), TOPIC)
    missing = settings_of.keys() - set(client.list_topics())
    if missing:
        new = [NewTopic(n, PARTITIONS, -1, topic_configs=settings_of[n]) for n in sorted(missing)]
        client.create_topics(new)
    everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    found, _ = client.describe_acls(
        ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything)
    )
    given = set(found)
    if wanted - given:
        client.create_acls(list(wanted - given))
    if given - wanted:
        client.delete_acls([exactly(one) for one in given - wanted])


def exactly(one: ACL) -> ACLFilter:
    """A filter that only this rule passes."""
    what = one.resource_pattern
    pattern = ResourcePatternFilter(what.resource_type, what.resource_name, what.pattern_type)
    return ACLFilter(one.principal, one.host, one.operation, one.permission_type, pattern)


def main() -> None:
    """Make the topics and set the rules of this run."""
    config = settings()
    wanted = {one for client in departments(config) for one in department(client)}
    wanted |= {one for service in services() for one in workload(service)}
    client = kafka.KafkaAdminClient(**connection(config))
    try:
        provide(client, wanted)
    finally:
        client.close()


if __name__ == "__main__":
    main()
