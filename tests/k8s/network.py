"""Which connections the NetworkPolicies of an overlay allow, as the API defines them.

A pod that no policy of a direction selects is open in it; a selected one is open to what the rules
of those policies name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.k8s.rendering import Manifest, Rendered

ANYWHERE = "198.51.100.7"
"""An address outside that no policy means."""
UNUSED = "9999"
"""A port that nobody has: open only where all ports are."""


@dataclass(frozen=True)
class Place:
    """A pod, or an address outside."""

    name: str
    part: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, str] = field(default_factory=dict)
    """Number by name; with the protocol where it is not TCP."""
    address: str = ""

    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.namespace, self.name


@dataclass(frozen=True)
class Network:
    """Policies and the labels of namespaces."""

    policies: tuple[Manifest, ...]
    spaces: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, rendered: Rendered) -> "Network":
        """Of an overlay; every namespace has the label of its own name."""
        told = {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in rendered.of("Namespace")}  # fmt: skip
        return cls(tuple(rendered.of("NetworkPolicy")), told)

    def rules(self, own: Place, way: str) -> list[Manifest] | None:
        """What a pod lets pass, in or out; None: everything."""
        found = [one["spec"] for one in self.policies if self._selects(one, own, way)]
        return [rule for spec in found for rule in spec.get(way.lower(), ())] if found else None

    def near(self, rule: Manifest, own: Place, other: Place) -> bool:
        """A rule is about this other end."""
        peers = rule.get("from", rule.get("to"))
        return peers is None or any(self._is(peer, own, other) for peer in peers)

    def _selects(self, policy: Manifest, own: Place, way: str) -> bool:
        if not own.namespace or policy["metadata"]["namespace"] != own.namespace:
            return False
        spec = policy["spec"]
        return way in spec["policyTypes"] and chosen(spec["podSelector"], own.labels)

    def _is(self, peer: Manifest, own: Place, other: Place) -> bool:
        if "ipBlock" in peer:
            inside = other.address and ip_address(other.address) in ip_network(peer["ipBlock"]["cidr"])  # fmt: skip
            return bool(inside)
        if not other.namespace:
            return False
        labels = {"kubernetes.io/metadata.name": other.namespace, **self.spaces.get(other.namespace, {})}  # fmt: skip
        spaces = peer.get("namespaceSelector")
        near = other.namespace == own.namespace if spaces is None else chosen(spaces, labels)
        return near and chosen(peer.get("podSelector", {}), other.labels)


def chosen(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """The labels are what a selector asks for."""
    plain = selector.get("matchLabels", {}).items() <= labels.items()
    return plain and all(_expressed(one, labels) for one in selector.get("matchExpressions", ()))


def _expressed(one: Manifest, labels: Mapping[str, str]) -> bool:
    assert one["operator"] == "In", "another operator needs its rule here"
    return labels.get(one["key"]) in one["values"]


def passes(rules: list[Manifest], port: str, ports: Mapping[str, str]) -> bool:
    """A port is among those of the rules; without any a rule means all."""
    return any("ports" not in rule or port in (number(one, ports) for one in rule["ports"]) for rule in rules)  # fmt: skip


def number(given: Manifest, ports: Mapping[str, str]) -> str:
    """Port of a rule, by number or by the name that its end gives it."""
    assert "endPort" not in given, "a range needs its rule here"
    found = str(ports.get(given["port"], given["port"]))
    protocol = given.get("protocol", "TCP")
    return found if protocol == "TCP" else f"{found}/{protocol}"


def pods_of_ours(rendered: Rendered) -> Iterator[Place]:
    """What the overlay runs itself."""
    for pod in rendered.pods():
        ports = {
            row["name"]: str(row["containerPort"])
            for one in pod.containers
            for row in one.get("ports", ())
        }
        yield Place(pod.name, pod.part, pod.namespace, pod.labels, ports)


LABELS = {
    "Cluster": (("spec", "inheritedMetadata", "labels"), ("5432", "8000", "9187")),
    "KafkaNodePool": (("spec", "template", "pod", "metadata", "labels"), ("9090", "9091", "9092", "9094", "9404")),
    "Kafka": (("spec", "entityOperator", "template", "pod", "metadata", "labels"), ("8081",)),
    "Keycloak": (("spec", "unsupported", "podTemplate", "metadata", "labels"), ("8080", "7800", "9000")),
}  # fmt: skip
"""Where the objects of operators say which labels their pods have, and where these listen."""


def pods_of_operators(rendered: Rendered) -> Iterator[Place]:
    """What operators run for the overlay."""
    for kind, (path, ports) in LABELS.items():
        for one in rendered.of(kind):
            labels: Any = one
            for step in path:
                labels = labels[step]
            name, space = one["metadata"]["name"], one["metadata"]["namespace"]
            own = {port: port for port in ports}
            yield Place(f"{kind}-{name}", labels["minzheng-part"], space, labels, own)


def outsiders(policies: Iterable[Manifest]) -> Iterator[Place]:
    """Neighbors by the policies that state their addresses, and an address of nobody."""
    for one in policies:
        for rule in (*one["spec"].get("egress", ()), *one["spec"].get("ingress", ())):
            for peer in rule.get("to", rule.get("from", ())):
                if "ipBlock" in peer:
                    name = one["metadata"]["name"].removeprefix("out-").removeprefix("in-")
                    yield Place(name, name, address=str(ip_network(peer["ipBlock"]["cidr"])[0]))
    yield Place("anywhere", "anywhere", address=ANYWHERE)


STRANGERS = (
    Place("proxy", "proxy", "minzheng-proxy"),
    Place("dns", "dns", "kube-system", {"k8s-app": "kube-dns"}, {"tcp": "53", "udp": "53/UDP"}),
    Place("other", "other", "kube-system"),
    Place("stranger", "other", "default"),
    Place("strimzi", "strimzi", "strimzi"),
    Place("cnpg", "cnpg", "cnpg-system"),
    Place("keda", "keda", "keda"),
    Place("collector", "collector", "minzheng-observe", {"minzheng-part": "collector"}, {"otlp": "4318"}),
    Place("prometheus", "prometheus", "minzheng-observe", {"minzheng-part": "prometheus"}, {"http": "9090"}),
)  # fmt: skip
"""Pods of others, and some that nobody should reach."""
BARE = tuple(Place(f"bare-{name}", "bare", f"minzheng-{name}") for name in ("edge", "core", "data", "iam"))  # fmt: skip
"""A pod in each namespace of ours that no policy knows."""
PARTS = ("gateway", "service", "migration", "operator", "postgres", "kafka", "keycloak")
IMPOSTORS = tuple(Place(f"false-{part}", "other", "default", {"minzheng-part": part}) for part in PARTS)  # fmt: skip
"""Pods elsewhere that call themselves as ours do."""
