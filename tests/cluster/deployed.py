"""The overlay `ci`, unchanged, on a cluster: its secrets, volumes and doors, and the stories through them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import yaml

from deploy.k8s.secrets import secrets
from tests.cluster.cluster import Cluster
from tests.cluster.machine import NET
from tests.cluster.node import DNS as NAMES
from tests.cluster.node import Node
from tests.cluster.programs import program
from tests.compose.checks import stories
from tests.compose.stack import answers, until
from tests.k8s.rendering import K8S, ROOT, Manifest, render

OVERLAY = K8S / "overlays" / "ci"
URL, ISSUER = "http://127.0.0.1:8080", "http://127.0.0.1:8081/realms/minzheng"
DOOR, SIGN_ON = 8080, 8081
"""Ports of this host, as the overlay's public addresses name them."""
EDGE_CONFIG = Path(__file__).parent / "edge.cfg"
EDGE, DATA, IAM = "minzheng-edge", "minzheng-data", "minzheng-iam"
GATEWAY_PODS: Manifest = {
    "apiVersion": "v1", "kind": "Service",
    "metadata": {"name": "gateway-pods", "namespace": EDGE},
    "spec": {
        "clusterIP": "None", "publishNotReadyAddresses": True,
        "selector": {"minzheng-workload": "gateway"}, "ports": [{"name": "http", "port": 8080}],
    },
}  # fmt: skip
"""Its gateways by name, for the load balancer that checks them."""
USER = 10001
START_SECONDS = 600


def way_in(space: str) -> Manifest:
    """Lets the machines in where a province's proxy is: the doors of this host are no pods."""
    http = {"from": [{"ipBlock": {"cidr": f"{NET}.0/24"}}], "ports": [{"port": 8080}]}
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "way-in", "namespace": space},
        "spec": {
            "podSelector": {"matchExpressions": [{"key": "minzheng-part", "operator": "In", "values": ["gateway", "keycloak"]}]},
            "policyTypes": ["Ingress"], "ingress": [http],
        },
    }  # fmt: skip


class Deployed:
    """The product on a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.kubectl = cluster.control.kubectl
        self.secrets = cluster.folder / "secrets"

    @staticmethod
    def build() -> None:
        """The images, as `make images` makes them."""
        subprocess.run(ROOT / "deploy/images/build.sh", check=True, cwd=ROOT, capture_output=True)

    @cached_property
    def manifests(self) -> list[Manifest]:
        """What the overlay renders to."""
        return [one for one in yaml.safe_load_all(render(OVERLAY)) if one]

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, str, Manifest]]:
        """Namespace, name and manifest."""
        for one in self.manifests:
            if one["kind"] in kinds:
                yield one["metadata"].get("namespace", ""), one["metadata"]["name"], one

    def apply(self) -> None:
        """Hand everything to the API server."""
        spaces = [one for _, _, one in self.of_kind("Namespace")]
        self.send(spaces)
        command = (sys.executable, "-m", "kit.cli", "secrets", str(self.secrets))
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        self.send([*secrets(self.secrets), *self._volumes()])
        self.send(self.manifests)

    def send(self, manifests: Sequence[Manifest]) -> None:
        """Have the API server make them, or make them so."""
        told = yaml.safe_dump_all(manifests, sort_keys=False)
        self.kubectl("apply", "--server-side", "-f", "-", stdin=told)

    def _volumes(self) -> Iterator[Manifest]:
        """Folders of this host for each claim: all nodes share its disk, but data stays on the first."""
        claims: list[tuple[str, str, Manifest, Manifest]] = [
            (space, name, one["spec"], {})
            for space, name, one in self.of_kind("PersistentVolumeClaim")
        ]
        for space, name, one in self.of_kind("StatefulSet"):
            claims += [
                (space, f"{claim['metadata']['name']}-{name}-0", claim["spec"], self._first_only)
                for claim in one["spec"].get("volumeClaimTemplates", ())
            ]
        for space, name, spec, place in claims:
            folder = self.cluster.folder / "volumes" / space / name
            folder.mkdir(parents=True)
            shutil.chown(folder, USER, USER)
            yield {
                "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{space}-{name}"},
                "spec": {
                    "capacity": spec["resources"]["requests"], "accessModes": spec["accessModes"],
                    "hostPath": {"path": str(folder)}, "persistentVolumeReclaimPolicy": "Retain",
                    "claimRef": {"namespace": space, "name": name},
                    **place,
                },
            }  # fmt: skip

    @property
    def _first_only(self) -> Manifest:
        names = [self.cluster.nodes[0].machine.name]
        first = {"key": "kubernetes.io/hostname", "operator": "In", "values": names}
        return {
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [first]}]}}
        }

    def spare(self) -> Node:
        """A node that can be missed: nothing that exists once runs on it, nor is it the way in."""
        form = "jsonpath={.items[*].spec.nodeName}"
        taken = {self.cluster.nodes[0].machine.name}
        for space in (DATA, IAM):
            running = ("get", "pods", "--field-selector=status.phase=Running", "-o", form)
            taken |= {*self.kubectl("-n", space, *running).split()}
        free = [node for node in self.cluster.nodes if node.machine.name not in taken]
        assert free, "no node that can be missed"
        return free[0]

    @property
    def workloads(self) -> list[tuple[str, str]]:
        """Namespace and `kind/name` of all that stays."""
        found = self.of_kind("Deployment", "StatefulSet")
        return [(space, f"{one['kind'].lower()}/{name}") for space, name, one in found]

    def settle(self, seconds: int = START_SECONDS) -> None:
        """Return when every rollout is whole."""
        for space, name in self.workloads:
            self.rolled_out(space, name, seconds)

    def rolled_out(self, space: str, name: str, seconds: int = START_SECONDS) -> None:
        """Return when the rollout of `kind/name` is whole; RuntimeError when it is not in that time."""
        self.kubectl("-n", space, "rollout", "status", name, f"--timeout={seconds}s")

    @contextmanager
    def doors(self) -> Iterator[None]:
        """Ports of this host: a load balancer before the gateways, and the way to the sign-on."""
        self.send([GATEWAY_PODS, way_in(EDGE), way_in(IAM)])
        config = self.cluster.folder / "edge.cfg"
        text = EDGE_CONFIG.read_text().replace("PORT", str(DOOR)).replace("DNS", NAMES)
        config.write_text(text)
        form = ("get", "service", "keycloak", "-o", "jsonpath={.spec.clusterIP}")
        there = self.kubectl("-n", IAM, *form)
        listen = f"TCP-LISTEN:{SIGN_ON},bind=127.0.0.1,reuseaddr,fork"
        commands = (("haproxy", "-db", "-f", str(config)), ("socat", listen, f"TCP:{there}:8080"))
        processes = [subprocess.Popen(command) for command in commands]
        try:
            until("the doors", lambda: all(map(answers, (f"{URL}/health/readiness", f"{ISSUER}/.well-known/openid-configuration"))))  # fmt: skip
            yield
        finally:
            for process in processes:
                process.terminate()

    @contextmanager
    def operator(self) -> Iterator[tuple[str, ...]]:
        """A command that runs `minzheng` as the operator, in a pod like that of its Job; then the pod goes."""
        [job] = [one for _, name, one in self.of_kind("Job") if name.startswith("prepare")]
        template = job["spec"]["template"]
        spec = template["spec"] | {"restartPolicy": "Never"}
        [only] = spec["containers"]
        spec["containers"] = [
            {key: value for key, value in only.items() if key != "args"}
            | {"command": ["sleep", "86400"]}
        ]
        meta = {"name": "tool", "namespace": DATA, "labels": template["metadata"]["labels"]}
        self.send([{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}])
        self.kubectl("-n", DATA, "wait", "--for=condition=Ready", "pod/tool", "--timeout=60s")
        access = ("--kubeconfig", self.cluster.control.access)
        try:
            yield program("kubectl"), *access, "-n", DATA, "exec", "tool", "--", "minzheng"
        finally:
            self.kubectl("-n", DATA, "delete", "pod", "tool", "--grace-period=1")

    def pods(self, space: str, workload: str) -> list[str]:
        """Names of a workload's pods."""
        form = "jsonpath={.items[*].metadata.name}"
        told = self.kubectl("-n", space, "get", "pods", "-l", f"minzheng-workload={workload}", "-o", form)  # fmt: skip
        return told.split()

    def image(self, space: str, name: str) -> str:
        """What a deployment runs."""
        form = "jsonpath={.spec.template.spec.containers[0].image}"
        return self.kubectl("-n", space, "get", "deployment", name, "-o", form)

    def hand_out(self, name: str, text: str) -> None:
        """A secret file for all who have keys, new or changed; returns when each of their pods reads it."""
        for keys in self.secrets.glob("*/keys_in_use"):
            keys.with_name(name).write_text(text)
        self.send([*secrets(self.secrets)])
        until(name, lambda: all(one == text for one in self._read(f"/run/secrets/{name}")), 180)

    def _read(self, file: str) -> Iterator[str]:
        """The file as the operator's pod and those of the workloads see it."""
        pods = [(DATA, "tool")]
        for space, name, _ in self.of_kind("Deployment"):
            if (self.secrets / name).exists():
                pods += [(space, pod) for pod in self.pods(space, name)]
        for space, pod in pods:
            yield self.kubectl("-n", space, "exec", pod, "--", "cat", file, check=False)

    def stories(self) -> None:
        """The demo through the edge; AssertionError with its words where a story ends otherwise.

        Without its traces: the overlay sends spans to a collector, which a cluster has of its own.
        """
        told = {"MINZHENG_SECRETS": str(self.secrets), "MINZHENG_PUBLIC_URL": URL, "MINZHENG_ISSUER": ISSUER}  # fmt: skip
        with self.operator() as operator:
            stories(told, operator, "--no-traces")
