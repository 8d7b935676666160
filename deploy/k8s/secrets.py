"""Secrets of a cluster for development: the folder that `minzheng secrets` makes, as objects for `kubectl apply`.

A province brings its secrets from its own store (component `external-secrets`).
"""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from deploy.k8s.generate.form import Manifest
from deploy.k8s.generate.found import DATA, IAM, workloads

PARTS = {"postgres": DATA, "kafka": DATA, "operator": DATA, "keycloak": IAM}


def secrets(folder: Path) -> Iterator[Manifest]:
    """A secret for each process: its own files; for a migration the password of the owner."""
    for name, namespace in PARTS.items():
        yield secret(name, namespace, list((folder / name).iterdir()))
    for one in workloads():
        namespace = one.values["namespace"]
        yield secret(one.host, namespace, list((folder / one.name).iterdir()))
        owner = folder / "operator" / f"postgres_{one.database}_owner"
        yield secret(f"migrate-{one.host}", namespace, [owner])


def secret(name: str, namespace: str, files: list[Path]) -> Manifest:
    """The files under their names."""
    data = {file.name: base64.b64encode(file.read_bytes()).decode() for file in sorted(files)}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


if __name__ == "__main__":
    print(yaml.safe_dump_all(secrets(Path(sys.argv[1])), sort_keys=False))
