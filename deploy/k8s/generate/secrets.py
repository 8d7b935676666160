"""Secrets of every process, brought from the province's store: an entry each, as `minzheng secrets` makes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deploy.k8s.generate.form import Manifest, named
from deploy.k8s.generate.found import CORE, DATA, EDGE, IAM, PRODUCTION, Workload
from kit.doors import host
from kit.embedded.postgres import SUPERUSER_SECRET

STORE = "minzheng"
OPERATOR = f"{STORE}/operator"


def secrets(workloads: Iterable[Workload]) -> Iterator[Manifest]:
    """What each process reads, and what the operators of database and bus read."""
    for one in workloads:
        namespace = one.values["namespace"]
        yield external(one.host, namespace, f"{STORE}/{one.host}")
        owner = {f"postgres_{one.database}_owner": OPERATOR}
        yield external(f"migrate-{one.host}", namespace, **owner)
        for role in (f"{one.database}_owner", f"{one.database}_app"):
            yield login(f"role-{host(role)}", DATA, role)
    for role in ("owner", "app"):
        full = f"{PRODUCTION.database('keycloak')}_{role}"
        yield login(f"role-{host(full)}", DATA, full)
    yield login("keycloak-database", IAM, f"{PRODUCTION.database('keycloak')}_owner")
    yield login("postgres-superuser", DATA, "postgres", SUPERUSER_SECRET)
    for name in ("kafka-users", "archive", "operator"):
        yield external(name, DATA, f"{STORE}/{name}")
    for namespace in (EDGE, CORE):
        yield external("kafka-ca", namespace, f"{STORE}/kafka-ca")


def external(name: str, namespace: str, whole: str = "", **files: str) -> Manifest:
    """A secret that holds a whole entry of the store, or some files of it."""
    data = [
        {"secretKey": file, "remoteRef": {"key": entry, "property": file}}
        for file, entry in files.items()
    ]
    wanted: Mapping[str, Any] = (
        {"dataFrom": [{"extract": {"key": whole}}]} if whole else {"data": data}
    )
    return named(
        "external-secrets.io/v1",
        "ExternalSecret",
        name,
        namespace,
        refreshInterval="1m",
        secretStoreRef={"kind": "ClusterSecretStore", "name": STORE},
        target={"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        **wanted,
    )


def login(name: str, namespace: str, role: str, file: str = "") -> Manifest:
    """User name and password of a role, in the form that operators read."""
    file = file or f"postgres_{role}"
    found = external(name, namespace, **{file: OPERATOR})
    found["spec"]["target"]["template"] = {
        "type": "kubernetes.io/basic-auth",
        "metadata": {"labels": {"cnpg.io/reload": "true"}},
        "data": {"username": role, "password": f"{{{{ .{file} }}}}"},
    }
    return found
