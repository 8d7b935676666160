"""Each rule is shown red by a fault that it is there for: no rule is green because it sees nothing."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.k8s import lists, rules
from tests.k8s.edges import different
from tests.k8s.rendering import Rendered, overlay
from tests.k8s.rules import Rule

GONE = object()
POD = "spec.template.spec"
FIRST = f"{POD}.containers.0"
Fault = tuple[Rule, str, str, str, Any]
FAULTS: tuple[Fault, ...] = (
    (rules.standards, "Namespace", "minzheng-core", "metadata.labels", {}),
    (rules.standards, "Deployment", "filing", "metadata.namespace", "default"),
    (rules.accounts, "Deployment", "filing", f"{POD}.automountServiceAccountToken", GONE),
    (rules.accounts, "Deployment", "filing", f"{POD}.serviceAccountName", GONE),
    (rules.accounts, "ServiceAccount", "filing", "automountServiceAccountToken", True),
    (rules.accounts, "PriorityClass", "minzheng-batch", "kind", "ClusterRole"),
    (rules.locked, "Deployment", "filing", f"{POD}.securityContext.runAsUser", 0),
    (rules.locked, "Job", "migrate-filing", f"{FIRST}.securityContext.readOnlyRootFilesystem", False),
    (rules.locked, "Deployment", "gateway", f"{FIRST}.securityContext.capabilities.add", ["NET_RAW"]),
    (rules.locked, "Deployment", "gateway", f"{POD}.volumes.2.emptyDir", {}),
    (rules.locked, "Deployment", "gateway", f"{POD}.volumes.2.hostPath", {"path": "/"}),
    (rules.locked, "Deployment", "gateway", f"{POD}.hostNetwork", True),
    (rules.secret_files, "Deployment", "filing", f"{FIRST}.envFrom", [{"secretRef": {"name": "filing"}}]),
    (rules.secret_files, "Deployment", "gateway", f"{FIRST}.env.0.valueFrom", {"secretKeyRef": {}}),
    (rules.secret_files, "Deployment", "filing", f"{FIRST}.volumeMounts.0.readOnly", False),
    (rules.nothing_secret, "Service", "filing", "kind", "Secret"),
    (rules.nothing_secret, "ConfigMap", "settings", "data.KC_DB_PASSWORD", "x"),
    (rules.sizes, "Deployment", "filing", f"{POD}.priorityClassName", "system-node-critical"),
    (rules.sizes, "PriorityClass", "minzheng-front", "preemptionPolicy", GONE),
    (rules.sizes, "Deployment", "filing", f"{FIRST}.resources.requests", {"memory": "384Mi"}),
    (rules.sizes, "Deployment", "filing", f"{FIRST}.resources.limits.memory", "1Gi"),
    (rules.sizes, "Deployment", "filing", f"{FIRST}.resources.limits.cpu", "1"),
    (rules.spread, "Deployment", "filing", f"{POD}.topologySpreadConstraints", []),
    (rules.spread, "Deployment", "filing", f"{POD}.topologySpreadConstraints.0.whenUnsatisfiable", "ScheduleAnyway"),
    (rules.spread, "Deployment", "filing", f"{POD}.topologySpreadConstraints.0.labelSelector", {"matchLabels": {"minzheng-part": "service"}}),
    (rules.disruption, "PodDisruptionBudget", "filing", "spec.maxUnavailable", 2),
    (rules.disruption, "Deployment", "filing", "spec.strategy", {"type": "Recreate"}),
    (rules.disruption, "Deployment", "filing", "spec.minReadySeconds", 0),
    (rules.patience, "Deployment", "filing", f"{POD}.tolerations", []),
    (rules.scalers, "HorizontalPodAutoscaler", "filing", "spec.maxReplicas", 7),
    (rules.scalers, "HorizontalPodAutoscaler", "filing", "spec.minReplicas", 2),
    (rules.scalers, "HorizontalPodAutoscaler", "filing", "spec.scaleTargetRef.name", "gateway"),
    (rules.scalers, "Deployment", "filing", "spec.replicas", 3),
    (rules.probes, "Deployment", "filing", f"{FIRST}.readinessProbe.grpc.service", "ready"),
    (rules.probes, "Deployment", "filing", f"{FIRST}.readinessProbe.grpc.port", 50051),
    (rules.probes, "Deployment", "gateway", f"{FIRST}.livenessProbe", GONE),
    (rules.heads, "Service", "filing", "spec.clusterIP", GONE),
    (rules.drains, "Deployment", "filing", f"{POD}.terminationGracePeriodSeconds", 30),
    (rules.drains, "Deployment", "gateway", f"{FIRST}.lifecycle", GONE),
    (rules.mounted, "Deployment", "filing", f"{FIRST}.volumeMounts.1.name", "other"),
    (rules.mounted, "PersistentVolumeClaim", "files", "metadata.name", "uploads"),
    (lists.folders, "Deployment", "supervision", "kind", "ReplicaSet"),
    (lists.folders, "Deployment", "supervision", f"{FIRST}.args", ["serve", "filing"]),
    (lists.migrations, "Job", "migrate-filing", "metadata.name", "migrate-filing"),
    (lists.migrations, "Job", "migrate-filing", "spec.ttlSecondsAfterFinished", GONE),
    (lists.migrations, "Deployment", "filing", f"{POD}.initContainers", [{"name": "wait"}]),
    (lists.known_settings, "ConfigMap", "settings", "data.MINZHENG_KAFKA", "x"),
    (lists.known_settings, "Deployment", "filing", f"{FIRST}.envFrom", []),
    (lists.addresses, "Service", "supervision", "metadata.name", "oversight"),
    (lists.addresses, "Cluster", "postgres", "metadata.name", "pg"),
    (lists.images, "Deployment", "filing", f"{FIRST}.image", "registry.example.cn/minzheng:1"),
    (lists.images, "Job", "migrate-filing", f"{FIRST}.image", "minzheng:0.0.1"),
    (lists.production, "Deployment", "filing", f"{FIRST}.image", "minzheng:latest"),
    (lists.production, "ConfigMap", "settings", "data.MINZHENG_PROFILE", "dev"),
    (lists.production, "ConfigMap", "settings", "data.MINZHENG_SMS_URL", "https://simulator:8443"),
    (lists.production, "ConfigMap", "settings", "data.MINZHENG_ISSUER", "http://sign-on.cn/realms/minzheng"),
    (lists.production, "Certificate", "filing", "spec.dnsNames", ["filing"]),
    (lists.production, "ConfigMap", "settings", "data.MINZHENG_TLS", "/run/secrets"),
    (lists.doors, "Keycloak", "keycloak", "spec.hostname.hostname", "https://other.cn"),
    (lists.doors, "Gateway", "minzheng", "spec.listeners.0.hostname", "other.cn"),
    (lists.doors, "Certificate", "portal-tls", "spec.dnsNames", ["other.cn"]),
    (lists.doors, "Gateway", "minzheng", "spec.listeners.1.tls.certificateRefs", [{"name": "portal-tls"}]),
    (lists.provided, "ExternalSecret", "filing", "spec.target.name", "filing-secrets"),
    (lists.databases, "Database", "filing", "spec.owner", "minzheng_filing_app"),
    (lists.databases, "Cluster", "postgres", "spec.managed.roles.0.superuser", True),
    (lists.databases, "Cluster", "postgres", "spec.managed.roles.0.name", "somebody"),
    (lists.bus, "KafkaTopic", "minzheng.filing.v1", "spec.topicName", "minzheng.filing.v2"),
    (lists.bus, "KafkaUser", "notifications", "spec.authorization.acls.0.operations", ["All"]),
    (different, "NetworkPolicy", "deny", "spec.policyTypes", ["Ingress"]),
    (different, "NetworkPolicy", "filing", "spec.podSelector", {"matchLabels": {"minzheng-part": "none"}}),
    (different, "NetworkPolicy", "filing", "spec.podSelector", {}),
    (different, "NetworkPolicy", "filing", "spec.ingress.0.from.0.podSelector", {}),
    (different, "NetworkPolicy", "filing", "spec.ingress.0.ports.0.port", "health"),
    (different, "NetworkPolicy", "filing", "spec.ingress.0.ports", GONE),
    (different, "NetworkPolicy", "filing", "spec.egress.0.ports.0.port", 5433),
    (different, "NetworkPolicy", "filing", "spec.egress.0.to", GONE),
    (different, "NetworkPolicy", "gateway", "spec.egress.0.ports", GONE),
    (different, "NetworkPolicy", "out-sms", "spec.egress.0.to.0.ipBlock.cidr", "0.0.0.0/0"),
    (different, "NetworkPolicy", "out-api", "spec.podSelector", {}),
    (different, "NetworkPolicy", "postgres", "spec.ingress.0.from.0.namespaceSelector", {}),
    (different, "Deployment", "supervision", "spec.template.metadata.labels.minzheng-part", "operator"),
)  # fmt: skip


def planted(rendered: Rendered, kind: str, name: str, path: str, value: Any) -> Rendered:
    """A copy with one fault in the first object of a kind whose name begins like this."""
    objects = copy.deepcopy(list(rendered.objects))
    one: Any = next(o for o in objects if o["kind"] == kind and o["metadata"]["name"].startswith(name))  # fmt: skip
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        one = one[step]
    if value is GONE:
        del one[last]
    else:
        one[last] = value
    return Rendered(objects)


def identity(fault: Fault) -> str:
    rule, kind, name, path, _ = fault
    return f"{rule.__name__}-{kind}-{name}-{path.rpartition('.')[2]}"


@pytest.mark.parametrize("fault", FAULTS, ids=identity)
def test_a_fault_is_seen(fault: Fault) -> None:
    rule, *what = fault
    assert list(rule(planted(overlay("overlays/prod-hainan"), *what))) != []


def test_every_rule_is_shown_red() -> None:
    every: tuple[Callable[..., object], ...] = (*rules.ON_PODS, *lists.ON_ALL, *lists.ON_PRODUCTION)
    assert set(every) == {rule for rule, *_ in FAULTS}
