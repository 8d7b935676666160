"""Folders of manifests as kustomize renders them."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"
KUBECTL = Path(sys.executable).with_name("kubectl")
OVERLAYS = tuple(sorted(folder.name for folder in (K8S / "overlays").iterdir()))
PRODUCTION = tuple(name for name in OVERLAYS if name not in ("dev", "ci"))
Manifest = Mapping[str, Any]
WORKS = ("Deployment", "StatefulSet", "Job")


def render(folder: Path) -> str:
    """What kustomize makes of a folder; AssertionError with its words where it refuses."""
    done = subprocess.run((KUBECTL, "kustomize", folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def overlay(name: str) -> "Rendered":
    """An overlay, rendered once a session."""
    return Rendered.read(render(K8S / "overlays" / name))


@dataclass(frozen=True)
class Pod:
    """What a workload's pods are made of."""

    kind: str
    name: str
    namespace: str
    labels: Mapping[str, str]
    spec: Manifest

    @property
    def containers(self) -> Sequence[Manifest]:
        """All of them."""
        found: Sequence[Manifest] = self.spec["containers"]
        return (*self.spec.get("initContainers", ()), *found)

    @property
    def part(self) -> str:
        """What it is, as policies know it."""
        return self.labels["minzheng-part"]


@dataclass(frozen=True)
class Rendered:
    """Objects of an overlay."""

    objects: Sequence[Manifest]

    @classmethod
    def read(cls, text: str) -> "Rendered":
        """From YAML."""
        return cls([one for one in yaml.safe_load_all(text) if one])

    def of(self, *kinds: str) -> Iterator[Manifest]:
        """Objects of some kinds."""
        return (one for one in self.objects if one["kind"] in kinds)

    def named(self, kind: str, name: str, namespace: str = "") -> Manifest:
        """The one object of a name."""
        [found] = [
            one
            for one in self.of(kind)
            if one["metadata"]["name"] == name
            and namespace in ("", one["metadata"].get("namespace"))
        ]
        return found

    def pods(self, *kinds: str) -> list[Pod]:
        """Pods that the objects of these kinds, or of every kind, make themselves."""
        return [pod(one) for one in self.of(*(kinds or WORKS))]


def pod(one: Manifest) -> Pod:
    """The pod of an object that makes pods."""
    template = one["spec"]["template"]
    about = one["metadata"]
    labels = template["metadata"]["labels"]
    return Pod(one["kind"], about["name"], about["namespace"], labels, template["spec"])


def settings_of(rendered: Rendered, found: Pod, container: Manifest) -> Mapping[str, str]:
    """Environment of a container: its ConfigMaps, and what it is told by itself."""
    told: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        name = source["configMapRef"]["name"]
        told |= rendered.named("ConfigMap", name, found.namespace)["data"]
    return told | {row["name"]: row["value"] for row in container.get("env", ())}


def names(objects: Iterable[Manifest]) -> set[str]:
    """Names of objects."""
    return {one["metadata"]["name"] for one in objects}
