"""Lists that name the workloads: databases and their roles, topics, users of the bus, certificates."""

from collections.abc import Iterable, Iterator

from kafka.admin import ACL, ACLOperation, ACLResourcePatternType, ResourceType

from deploy.k8s.generate.form import Manifest, named
from deploy.k8s.generate.found import DATA, PRODUCTION, Workload
from kit.doors import host
from kit.embedded.real import rights
from kit.log.kafka.log import TOPIC
from kit.log.port import PARTITIONS

REPLICAS = 3


def databases(workloads: Iterable[Workload]) -> Iterator[Manifest]:
    """A database each, owned by the role that migrates; the sign-on has one too."""
    yield database("keycloak")
    for one in workloads:
        yield database(one.name)


def database(name: str) -> Manifest:
    """A database on the shared cluster."""
    full = PRODUCTION.database(name)
    return named(
        "postgresql.cnpg.io/v1",
        "Database",
        host(name),
        DATA,
        cluster={"name": "postgres"},
        name=full,
        owner=f"{full}_owner",
        databaseReclaimPolicy="retain",
    )


def roles(workloads: Iterable[Workload]) -> Manifest:
    """The two roles of each database, as a patch of the cluster."""
    names = [role for one in workloads for role in (f"{one.database}_owner", f"{one.database}_app")]
    names += [f"{PRODUCTION.database('keycloak')}_{role}" for role in ("owner", "app")]
    managed = [
        {"name": name, "login": True, "passwordSecret": {"name": f"role-{host(name)}"}}
        for name in sorted(names)
    ]
    return named("postgresql.cnpg.io/v1", "Cluster", "postgres", DATA, managed={"roles": managed})


def topics() -> Iterator[Manifest]:
    """A topic for each package that states facts, and those of other departments."""
    settings = dict.fromkeys(rights.owners(), TOPIC) | rights.public()
    for name, config in sorted(settings.items()):
        found = named(
            "kafka.strimzi.io/v1",
            "KafkaTopic",
            name.replace("_", "-"),
            DATA,
            topicName=name,
            partitions=PARTITIONS,
            replicas=REPLICAS,
            # Kept for good, as in the embedded log.
            config={"min.insync.replicas": 2, "retention.ms": -1, **config},
        )
        found["metadata"]["labels"] = {"strimzi.io/cluster": "minzheng"}
        yield found


def users(workloads: Iterable[Workload]) -> Iterator[Manifest]:
    """Who is on the bus, with the rights that facts and reactions declare."""
    for one in workloads:
        found = named(
            "kafka.strimzi.io/v1",
            "KafkaUser",
            one.host,
            DATA,
            authentication={
                "type": "scram-sha-512",
                "password": {
                    "valueFrom": {
                        "secretKeyRef": {"name": "kafka-users", "key": f"kafka_password_{one.host}"}
                    }
                },
            },
            authorization={"type": "simple", "acls": acls(rights.workload(one.service))},
        )
        found["metadata"]["labels"] = {"strimzi.io/cluster": "minzheng"}
        yield found


def acls(rules: Iterable[ACL]) -> list[Manifest]:
    """Rules of the broker as Strimzi writes them; to read or to write says also to describe."""
    return sorted((acl(rule) for rule in set(rules)), key=str)


def acl(rule: ACL) -> Manifest:
    """One rule."""
    what = rule.resource_pattern
    pattern = "prefix" if what.pattern_type is ACLResourcePatternType.PREFIXED else "literal"
    kind = {ResourceType.GROUP: "group", ResourceType.TOPIC: "topic"}[what.resource_type]
    may = {ACLOperation.READ: "Read", ACLOperation.WRITE: "Write", ACLOperation.DESCRIBE: "Describe"}  # fmt: skip
    resource = {"type": kind, "name": what.resource_name, "patternType": pattern}
    return {"resource": resource, "operations": [may[rule.operation]]}


def certificate(workload: Workload) -> Manifest:
    """What a workload shows to those who call it, and to those it calls."""
    place = f"{workload.host}.{workload.values['namespace']}"
    return named(
        "cert-manager.io/v1",
        "Certificate",
        workload.host,
        workload.values["namespace"],
        secretName=f"{workload.host}-tls",
        duration="720h",
        renewBefore="240h",
        dnsNames=[place, f"{place}.svc", f"{place}.svc.cluster.local"],
        usages=["server auth", "client auth"],
        privateKey={"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        issuerRef={"kind": "ClusterIssuer", "name": "minzheng-inside"},
    )
