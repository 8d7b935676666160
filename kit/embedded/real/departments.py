"""What other departments may do on the broker: their rules are set anew at every start.

A department reads the public topics, in groups that begin with its own name, and nothing else.
"""

from collections.abc import Iterable
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

from kit.embedded.issuer.realm import read_realm
from kit.log.kafka.client import connection
from kit.log.kafka.log import TOPIC
from kit.log.port import PARTITIONS
from kit.settings import Settings, settings

CHANGED, STATE = "public.organization.changed.v1", "public.organization.state.v1"
"""What changed, in order; and the last state of each organization, kept for good."""
PUBLIC = {CHANGED: TOPIC, STATE: TOPIC | {"cleanup.policy": "compact"}}
PREFIX = "dept-"


def departments(config: Settings) -> list[str]:
    """Clients of the realm file that are departments."""
    clients = read_realm(config.realm_file).clients.values()
    return sorted(c.client_id for c in clients if c.service_account and c.client_id.startswith(PREFIX))  # fmt: skip


def rules(client: str) -> list[ACL]:
    """What a department may."""
    code = client.removeprefix(PREFIX)
    group = ResourcePattern(ResourceType.GROUP, f"dept.{code}.", ACLResourcePatternType.PREFIXED)
    topics = [ResourcePattern(ResourceType.TOPIC, name) for name in PUBLIC]
    rows = [(ACLOperation.READ, group)]
    rows += [(may, topic) for topic in topics for may in (ACLOperation.READ, ACLOperation.DESCRIBE)]
    return [ACL(f"User:{client}", "*", may, ACLPermissionType.ALLOW, what) for may, what in rows]


def provide(client: Any, names: Iterable[str]) -> None:
    """Make the public topics, give every right that is missing and take what is too much."""
    missing = PUBLIC.keys() - set(client.list_topics())
    if missing:
        new = [NewTopic(n, PARTITIONS, -1, topic_configs=PUBLIC[n]) for n in sorted(missing)]
        client.create_topics(new)
    wanted = {rule for name in names for rule in rules(name)}
    everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    found, _ = client.describe_acls(
        ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything)
    )
    given = set(found)
    if wanted - given:
        client.create_acls(list(wanted - given))
    if given - wanted:
        client.delete_acls([exactly(rule) for rule in given - wanted])


def exactly(rule: ACL) -> ACLFilter:
    """A filter that only this rule passes."""
    what = rule.resource_pattern
    pattern = ResourcePatternFilter(what.resource_type, what.resource_name, what.pattern_type)
    return ACLFilter(rule.principal, rule.host, rule.operation, rule.permission_type, pattern)


def main() -> None:
    """Set the rules of this run's departments."""
    client = kafka.KafkaAdminClient(**connection(settings()))
    try:
        provide(client, departments(settings()))
    finally:
        client.close()


if __name__ == "__main__":
    main()
