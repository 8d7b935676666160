"""Objects of operators keep the operators' own definitions (tests/k8s/definitions.py says where from)."""

import copy
import json
from collections.abc import Iterator, Sequence
from functools import cache

import jsonschema
import pytest

from tests.k8s.custom import Schema, closed, schemas
from tests.k8s.definitions import definitions
from tests.k8s.rendering import OVERLAYS, Manifest, overlay

BUILT_IN = ("apps", "batch", "policy", "autoscaling", "networking.k8s.io", "scheduling.k8s.io")
CUSTOM = (
    "barmancloud.cnpg.io/v1 ObjectStore",
    "cert-manager.io/v1 Certificate",
    "cert-manager.io/v1 ClusterIssuer",
    "external-secrets.io/v1 ExternalSecret",
    "gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy",
    "gateway.networking.k8s.io/v1 BackendTLSPolicy",
    "gateway.networking.k8s.io/v1 Gateway",
    "gateway.networking.k8s.io/v1 GatewayClass",
    "gateway.networking.k8s.io/v1 HTTPRoute",
    "k8s.keycloak.org/v2alpha1 Keycloak",
    "kafka.strimzi.io/v1 Kafka",
    "kafka.strimzi.io/v1 KafkaNodePool",
    "kafka.strimzi.io/v1 KafkaTopic",
    "kafka.strimzi.io/v1 KafkaUser",
    "keda.sh/v1alpha1 ClusterTriggerAuthentication",
    "keda.sh/v1alpha1 ScaledObject",
    "postgresql.cnpg.io/v1 Cluster",
    "postgresql.cnpg.io/v1 Database",
    "postgresql.cnpg.io/v1 ScheduledBackup",
)
# A definition that is not kept yet is fetched.
pytestmark = pytest.mark.enable_socket


def kind(one: Manifest) -> str:
    return f"{one['apiVersion']} {one['kind']}"


@cache
def objects() -> Sequence[Manifest]:
    """Every object of an operator, of all overlays."""
    every = {json.dumps(one): one for name in OVERLAYS for one in overlay(name).objects}
    return [one for one in every.values() if "/" in one["apiVersion"] and one["apiVersion"].split("/")[0] not in BUILT_IN]  # fmt: skip


@cache
def known() -> dict[str, Schema]:
    return {" ".join(of): schema for of, schema in schemas(definitions().documents).items()}


def definition(of: str) -> Schema:
    """The schema of a kind; a loud skip where its definition cannot be had."""
    if of not in known():
        group = of.partition("/")[0]
        why = definitions().missing.get(group, "no registry has its definition")
        pytest.skip(f"NOT GREEN: {of.split()[1]}: {why}")
    return known()[of]


def wrong(one: Manifest, schema: Schema) -> list[str]:
    errors = jsonschema.Draft7Validator(schema).iter_errors(one)
    return [f"{one['kind']} {one['metadata']['name']} {list(e.absolute_path)}: {e.message}" for e in errors]  # fmt: skip


def test_every_kind_is_asked_for() -> None:
    assert sorted({kind(one) for one in objects()}) == list(CUSTOM)


@pytest.mark.parametrize("of", CUSTOM)
def test_a_definition_is_kept(of: str) -> None:
    schema = definition(of)
    found = [one for one in objects() if kind(one) == of]
    assert [error for one in found for error in wrong(one, schema)] == []


def misspelled(one: Manifest) -> Iterator[tuple[str, Manifest]]:
    """An object with a field of its spec misspelled, for each of them."""
    for field in one["spec"]:
        bad = copy.deepcopy(one)
        bad["spec"] = {key + "s" * (key == field): value for key, value in one["spec"].items()}  # type: ignore[index]
        yield field, bad


@pytest.mark.parametrize("of", CUSTOM)
def test_a_misspelled_field_is_seen(of: str) -> None:
    schema = definition(of)
    faults = [fault for one in objects() if kind(one) == of for fault in misspelled(one)]
    assert faults
    assert [field for field, bad in faults if not wrong(bad, schema)] == []


def test_what_a_definition_does_not_know_is_refused() -> None:
    plain = {"type": "object", "properties": {"size": {"type": "string"}, "port": {"x-kubernetes-int-or-string": True}}}  # fmt: skip
    choice = {**plain, "oneOf": [{"properties": {"size": {}}, "required": ["size"]}]}
    open_ = {**plain, "x-kubernetes-preserve-unknown-fields": True}
    deep = {"type": "object", "properties": {"parts": {"type": "array", "items": plain}}}

    def good(schema: dict[str, object], value: object) -> bool:
        return jsonschema.Draft7Validator(closed(schema)).is_valid(value)

    assert good(plain, {"size": "1Gi", "port": 80})
    assert not good(plain, {"sise": "1Gi"})
    assert not good(plain, {"size": 1})
    assert good(choice, {"size": "1Gi", "port": "http"})
    assert not good(choice, {"port": 80})
    assert good(open_, {"sise": "1Gi"})
    assert good(deep, {"parts": [{"size": "1Gi"}]})
    assert not good(deep, {"parts": [{"sise": "1Gi"}]})
    assert good({"type": "string", "nullable": True}, None)
