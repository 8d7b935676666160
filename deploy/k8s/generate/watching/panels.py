"""Panels of Grafana, two in a row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deploy.k8s.generate.form import Manifest

WIDTH, HEIGHT = 12, 8
SOURCE = {"type": "prometheus", "uid": "prometheus"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: its lines as expression and legend, its unit, where it warns."""

    title: str
    lines: tuple[tuple[str, str], ...]
    unit: str = "short"
    limit: float | None = None


def panel(
    title: str, *lines: tuple[str, str], unit: str = "short", limit: float | None = None
) -> Panel:
    """A graph of some lines."""
    return Panel(title, lines, unit, limit)


def dashboard(uid: str, title: str, panels: Iterable[Panel]) -> Manifest:
    """A board; a point of a graph that has an exemplar leads to its trace."""
    return {
        "uid": f"minzheng-{uid}",
        "title": title,
        "tags": ["minzheng"],
        "timezone": "Asia/Shanghai",
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [
            {"type": "dashboards", "tags": ["minzheng"], "asDropdown": True, "title": "minzheng"}
        ],
        "panels": list(_placed(panels)),
    }


def _placed(panels: Iterable[Panel]) -> Iterator[Manifest]:
    for number, one in enumerate(panels):
        place = {"x": number % 2 * WIDTH, "y": number // 2 * HEIGHT, "w": WIDTH, "h": HEIGHT}
        targets = [
            {"refId": chr(ord("A") + n), "expr": text, "legendFormat": legend, "exemplar": True}
            for n, (text, legend) in enumerate(one.lines)
        ]
        steps: list[Manifest] = [{"color": "green", "value": None}]
        if one.limit is not None:
            steps.append({"color": "red", "value": one.limit})
        yield {
            "id": number + 1,
            "type": "timeseries",
            "title": one.title,
            "datasource": SOURCE,
            "gridPos": place,
            "targets": targets,
            "fieldConfig": {
                "defaults": {
                    "unit": one.unit,
                    "thresholds": {"mode": "absolute", "steps": steps},
                    "custom": {"thresholdsStyle": {"mode": "line" if one.limit else "off"}},
                },
                "overrides": [],
            },
            "options": {"legend": {"showLegend": True, "placement": "bottom"}},
        }
