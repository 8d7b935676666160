"""What the API server takes and what it refuses, before anything is broken."""

import json
from collections.abc import Sequence

import pytest
import yaml

from tests.cluster.deployed import Deployed
from tests.k8s.definitions import definitions
from tests.k8s.rendering import K8S, OVERLAYS, Manifest, render


def server_side(deployed: Deployed) -> str:
    """The API server takes every overlay in a dry run (V9), operators' kinds by the definitions that can be had."""
    overlays = [[one for one in yaml.safe_load_all(render(K8S / name)) if one] for name in OVERLAYS]
    known = _define(deployed, {_kind(one) for manifests in overlays for one in manifests})
    taken, unknown = 0, set()
    for manifests in overlays:
        asked = [one for one in manifests if _built_in(one["apiVersion"]) or _kind(one) in known]
        unknown |= {one["kind"] for one in manifests if one not in asked}
        spaces = [*strange(asked), *(one for one in asked if one["kind"] == "Namespace")]
        deployed.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=yaml.safe_dump_all(spaces))  # fmt: skip
        fresh = [one | {"metadata": one["metadata"] | {"name": _other(one)}} for one in asked if one["kind"] != "Namespace"]  # fmt: skip
        deployed.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(fresh))  # fmt: skip
        taken += len(asked)
    return f"{taken} objects of {len(OVERLAYS)} overlays taken, {len(known)} kinds of operators among them; without a definition not asked: {', '.join(sorted(unknown))}"


def strange(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Namespaces that an overlay names and does not make: operators' own, which stand before it."""
    made = {one["metadata"]["name"] for one in manifests if one["kind"] == "Namespace"}
    named = {one["metadata"].get("namespace", "default") for one in manifests}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in sorted(named - made)
    ]


Kind = tuple[str, str]
"""Of an object: its API group and its kind."""


def _kind(manifest: Manifest) -> Kind:
    return manifest["apiVersion"].rpartition("/")[0], manifest["kind"]


def _define(deployed: Deployed, kinds: set[Kind]) -> set[Kind]:
    """Hand the API server the operators' definitions of these kinds; those it has now."""
    found = {(one["spec"]["group"], one["spec"]["names"]["kind"]): one for one in definitions().documents}  # fmt: skip
    known = kinds & found.keys()
    told = yaml.safe_dump_all([found[one] for one in sorted(known)])
    deployed.kubectl("apply", "--server-side", "-f", "-", stdin=told)
    deployed.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", "-", stdin=told)
    return known


def _built_in(version: str) -> bool:
    group = version.rpartition("/")[0]
    return "." not in group or (group.endswith("k8s.io") and not group.startswith("gateway."))


def _other(manifest: dict[str, object]) -> str:
    """A name that is free: what runs here is not what the dry run would change."""
    name = manifest["metadata"]["name"]  # type: ignore[index]
    return f"dry-{name}"


def refused_without(deployed: Deployed) -> str:
    """A pod without the rules of its namespace is refused."""
    spec = {"containers": [{"name": "bare", "image": "minzheng:ci"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "minzheng-core"}, "spec": spec}  # fmt: skip
    with pytest.raises(RuntimeError, match="restricted"):
        deployed.kubectl("create", "-f", "-", stdin=json.dumps(pod))
    return "refused by Pod Security"
