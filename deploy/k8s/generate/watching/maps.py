"""Rules and dashboards as a cluster holds them, for the Prometheus and Grafana that a province runs."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.k8s.generate.form import Manifest

NAMESPACE = "minzheng-observe"
BOARDS = {"grafana_dashboard": "1"}
"""The label by which Grafana's sidecar finds them."""


def maps(
    causes: Path, rules: Mapping[str, str], boards: Mapping[str, Manifest]
) -> Iterator[Manifest]:
    """One map of rules, one of boards; objects, which the operators of both mount."""
    texts = {causes.name: causes.read_text(encoding="utf-8"), **rules}
    yield config("minzheng-rules", texts)
    shown = {
        f"{name}.json": json.dumps(board, ensure_ascii=False) for name, board in boards.items()
    }
    yield config("minzheng-dashboards", shown, BOARDS)


def config(name: str, data: Mapping[str, str], labels: Mapping[str, str] | None = None) -> Manifest:
    """A ConfigMap of files."""
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        **({"labels": dict(labels)} if labels else {}),
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}
