"""The table of allowed connections, and what the policies of an overlay allow."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import yaml

from tests.k8s import network
from tests.k8s.network import Network, Place
from tests.k8s.rendering import K8S, Rendered

INSIDE = ("minzheng-edge", "minzheng-core", "minzheng-data", "minzheng-iam")
Edge = tuple[str, str, str]


@cache
def table() -> list[dict[str, Any]]:
    """Rows of the table."""
    rows: list[dict[str, Any]] = yaml.safe_load((K8S / "tests" / "edges.yaml").read_text())
    return rows


def places(rendered: Rendered) -> list[Place]:
    """Every pod and every address that counts."""
    return [
        *network.pods_of_ours(rendered),
        *network.pods_of_operators(rendered),
        *network.outsiders(rendered.of("NetworkPolicy")),
        *network.STRANGERS,
        *network.BARE,
    ]


def connections(rendered: Rendered) -> Iterator[tuple[Place, Place, str]]:
    """Every connection to be judged: at least one end is a pod of the platform."""
    every = {port for row in table() for port in map(str, row["ports"])}
    for source, end in product(places(rendered), repeat=2):
        if source.namespace in INSIDE or end.namespace in INSIDE:
            for port in {*every, *end.ports.values(), network.UNUSED}:
                yield source, end, port


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
    net, should = Network.of(rendered), wanted(rendered)
    for source, end, port in connections(rendered):
        edge = (source.name, end.name, port) in should
        for own, other, way in ((source, end, "Egress"), (end, source, "Ingress")):
            if own.namespace in INSIDE and net.lets(own, other, port, way) != edge:
                found = "shut" if edge else "open"
                yield f"{source.name} -> {end.name}:{port} is {found} at {own.name}"
