"""Who reaches whom: every connection of the table, and every one it does not have, tried between pods.

A pod stands for each part, with its labels, ports and namespace, beside strangers, impostors and this
host. None is ever ready, so that nobody is led to it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

from tests.cluster.admission import strange
from tests.cluster.cluster import TAG
from tests.cluster.deployed import USER, Deployed
from tests.cluster.machine import OUTSIDE
from tests.k8s.edges import INSIDE, Edge, every_port, places, wanted
from tests.k8s.network import UNUSED, Place
from tests.k8s.rendering import Manifest, Rendered

PROBE = Path(__file__).with_name("probe.py")
MARK = "minzheng-probe"
"""Label of the trial's pods."""
LOOKS = 4
"""How often everything is tried until each node knows each pod."""


def on_the_wire(deployed: Deployed) -> str:
    """The network lets pass what the table has and nothing else."""
    rendered = Rendered(deployed.manifests)
    ports = _ports(rendered)
    with _standing(deployed, rendered, ports) as found:
        pairs = [pair for pair in product(found, found) if _counts(*pair)]
        tried = _edges(pairs, ports)
        strangers = _edges([pair for pair in pairs if not any(map(_ours, pair))], ports)
        table = wanted(rendered) & tried
        for _ in range(LOOKS):
            seen = _reached(deployed, found, tried)
            if seen == table | strangers:
                break
    assert seen == table | strangers, (
        f"open: {sorted(seen - table - strangers)[:9]}",
        f"shut: {sorted((table | strangers) - seen)[:9]}",
    )
    return f"{len(tried)} connections between {len(found)} ends: {len(table)} of the table and {len(strangers)} among strangers were made, no other"


def _ours(place: Place) -> bool:
    return place.namespace in INSIDE


def _counts(source: Place, end: Place) -> bool:
    """Two ends, the first a pod; of observers only what they have to do with us."""
    observers = "minzheng-observe" in (source.namespace, end.namespace)
    apart = source != end and bool(source.namespace)
    return apart and (_ours(source) or _ours(end) or not observers)


def _edges(pairs: Sequence[tuple[Place, Place]], ports: Sequence[str]) -> set[Edge]:
    return {(source.name, end.name, port) for source, end in pairs for port in ports}


def _ports(rendered: Rendered) -> list[str]:
    named = {port for one in places(rendered) for port in one.ports.values()}
    return sorted({*every_port(), *named, UNUSED})


@contextmanager
def _standing(
    deployed: Deployed, rendered: Rendered, ports: Sequence[str]
) -> Iterator[list[Place]]:
    """The ends, listening, with their addresses."""
    ends = [one for one in places(rendered) if one.namespace]
    pods = [_pod(one, ports) for one in ends]
    deployed.send(strange([*rendered.of("Namespace"), *pods]))
    host = Place("host", "anywhere", address=OUTSIDE)
    listening = subprocess.Popen((sys.executable, PROBE, "serve", OUTSIDE, *ports))
    try:
        deployed.send(pods)
        for space in {one.namespace for one in ends}:
            deployed.kubectl("-n", space, "wait", "--for=condition=ContainersReady", "pod", "-l", MARK, "--timeout=240s")  # fmt: skip
        form = "jsonpath={range .items[*]}{.metadata.name}={.status.podIP} {end}"
        told = deployed.kubectl("get", "pods", "-A", "-l", MARK, "-o", form)
        addresses = dict(one.split("=") for one in told.split())
        yield [*(replace(one, address=addresses[_name(one)]) for one in ends), host]
    finally:
        listening.kill()
        deployed.kubectl("delete", "pods", "-A", "-l", MARK, "--grace-period=1", check=False)


def _name(place: Place) -> str:
    return f"probe-{place.name}"


def _pod(place: Place, ports: Sequence[str]) -> Manifest:
    """Listens at all ports; those that its part names have their names."""
    limits = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    named = [_named(name, port) for name, port in place.ports.items()]
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": _name(place), "namespace": place.namespace, "labels": {**place.labels, MARK: "yes"}},
        "spec": {
            "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1,
            "readinessGates": [{"conditionType": "minzheng/never"}],
            "securityContext": {
                "runAsNonRoot": True, "runAsUser": USER, "seccompProfile": {"type": "RuntimeDefault"},
                "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            },
            "containers": [{
                "name": "probe", "image": f"minzheng:{TAG}", "ports": named, "securityContext": limits,
                "command": ["python", "-c", PROBE.read_text(), "serve", "$(ADDRESS)", *ports],
                "env": [{"name": "ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
                "readinessProbe": {"tcpSocket": {"port": int(UNUSED)}, "periodSeconds": 2},
                "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}},
            }],
        },
    }  # fmt: skip


def _named(name: str, port: str) -> Manifest:
    number, _, protocol = port.partition("/")
    return {"name": name, "containerPort": int(number), "protocol": protocol or "TCP"}


def _reached(deployed: Deployed, found: Sequence[Place], tried: set[Edge]) -> set[Edge]:
    """The connections that are made."""
    addresses = {one.name: one.address for one in found}
    names = {address: name for name, address in addresses.items()}

    def of(source: Place) -> set[Edge]:
        doors = [(addresses[end], port) for name, end, port in tried if name == source.name]
        command = ("exec", "-i", _name(source), "--", "python", "-c", PROBE.read_text(), "ask")
        told = deployed.kubectl("-n", source.namespace, *command, stdin=json.dumps(doors))
        return {(source.name, names[address], port) for address, port in json.loads(told)}

    with ThreadPoolExecutor(4) as pool:
        return set().union(*pool.map(of, (one for one in found if one.namespace)))
