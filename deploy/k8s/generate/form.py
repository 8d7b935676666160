"""Objects of Kubernetes as Python holds them."""

from collections.abc import Iterable
from typing import Any

Manifest = dict[str, Any]


def named(api: str, kind: str, name: str, namespace: str, /, **spec: Any) -> Manifest:
    """An object with a specification."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def kustomization(resources: Iterable[str], **more: Any) -> Manifest:
    """A list of files and folders for kustomize."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
        **more,
    }
