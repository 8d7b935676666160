"""The table of allowed connections, and what the policies of an overlay allow."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import yaml

from tests.k8s import network
from tests.k8s.network import Network, Place
from tests.k8s.rendering import K8S, Manifest, Rendered

INSIDE = ("minzheng-edge", "minzheng-core", "minzheng-data", "minzheng-iam")
Edge = tuple[str, str, str]


@cache
def table() -> list[dict[str, Any]]:
    """Rows of the table."""
    rows: list[dict[str, Any]] = yaml.safe_load((K8S / "tests" / "edges.yaml").read_text())
    return rows


@cache
def every_port() -> frozenset[str]:
    """All ports of the table."""
    return frozenset(str(port) for row in table() for port in row["ports"])


def places(rendered: Rendered) -> list[Place]:
    """Every pod and every address that counts."""
    return [
        *network.pods_of_ours(rendered),
        *network.pods_of_operators(rendered),
        *network.outsiders(rendered.of("NetworkPolicy")),
        *network.STRANGERS,
        *network.BARE,
        *network.IMPOSTORS,
    ]


def features(rendered: Rendered) -> set[str]:
    """What an overlay has that others have not."""
    found = {"production" if list(rendered.of("Cluster")) else "lite"}
    found |= {"keda" for _ in rendered.of("ScaledObject")}
    doors = [door["name"] for one in rendered.of("Kafka") for door in one["spec"]["kafka"]["listeners"]]  # fmt: skip
    return found | ({"departments"} & set(doors))


def wanted(rendered: Rendered) -> set[Edge]:
    """Connections of the table, between all pods of the parts that it names."""
    found = places(rendered)
    has = features(rendered)
    return {
        (source.name, end.name, str(port))
        for row in table()
        if "only" not in row or row["only"] in has
        for source, end in product(found, found)
        if (source.part, end.part) == (row["from"], row["to"])
        for port in row["ports"]
    }


def different(rendered: Rendered) -> Iterator[str]:
    """A17: an end of a connection that is open, or shut, against the table.

    Both ends are held to it, each by itself: what one end opens too much, no other end hides.
    """
    net, should, found = Network.of(rendered), wanted(rendered), places(rendered)
    for own in found:
        if own.namespace in INSIDE:
            for way in ("Egress", "Ingress"):
                rules = net.rules(own, way)
                for other in found:
                    yield from _judged(net, own, other, way, rules, should)


def _judged(
    net: Network,
    own: Place,
    other: Place,
    way: str,
    rules: list[Manifest] | None,
    should: set[Edge],
) -> Iterator[str]:
    source, end = (own, other) if way == "Egress" else (other, own)
    near = None if rules is None else [rule for rule in rules if net.near(rule, own, other)]
    for port in {*every_port(), *end.ports.values(), network.UNUSED}:
        edge = (source.name, end.name, port) in should
        if (near is None or network.passes(near, port, end.ports)) != edge:
            yield f"{source.name} -> {end.name}:{port} is {'shut' if edge else 'open'} at {own.name}"
