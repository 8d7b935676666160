"""An alert for each signal that an alert rests on and that nobody sends any more."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from deploy.k8s.generate.form import Manifest
from deploy.k8s.generate.found import ROOT, Workload
from kit.telemetry.signals import EVERY, HTTP, SIGNALS

CAUSES = ROOT / "deploy" / "observability" / "rules" / "causes.yaml"
NAME = re.compile(r"(?<!:)\b[a-z][a-z0-9]*_[a-z0-9_]+\b(?!\s*[=!]=?[\"~])")
ASKED = re.compile(r"\bup\{[^}]*\}")
MISSED = re.compile(r"absent\((\w+)")
FUNCTIONS = {"histogram_quantile", "label_replace", "max_over_time", "min_over_time"}


def measured(expression: str) -> set[str]:
    """Names of metrics in an expression: those with an underscore, which labels of ours have not; no computed shares."""
    bare = re.sub(r"\bby\s*\([^)]*\)|\"[^\"]*\"", "", expression)
    return set(NAME.findall(bare)) - FUNCTIONS


def alerts(file: Path) -> list[Manifest]:
    """Alerts of a file of rules."""
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def ours(workloads: Iterable[Workload]) -> Manifest:
    """A rule for each signal that a workload states as soon as it runs, and for the first objective's."""
    services = [one.name for one in workloads]
    rules = [rule(f"{HTTP.name}_count", HTTP.by)]
    for signal in filter(None, map(SIGNALS.get, resting())):
        if signal.always:
            rules += [
                rule(signal.name, one) for one in (services if signal.by == EVERY else [signal.by])
            ]
    return group("minzheng-absent", rules)


def platform() -> Manifest:
    """A rule for each signal of the parts of the platform, and of what stands in production alone."""
    names = [name for name in resting() if name not in SIGNALS or not SIGNALS[name].always]
    return group("minzheng-absent-platform", [*unasked(), *map(rule, names)])


def unasked() -> Iterable[Manifest]:
    """Alerts on a part that does not answer, where nobody asks it any more: its pods are gone too."""
    for found in alerts(CAUSES):
        for asked in ASKED.findall(found["expr"]):
            yield found | {"expr": f"absent({asked})"}


def resting() -> list[str]:
    """Metrics that alerts rest on and that no alert misses itself."""
    expressions = [found["expr"] for found in alerts(CAUSES)]
    missed = {name for text in expressions for name in MISSED.findall(text)}
    return sorted({name for text in expressions for name in measured(text)} - missed)


def group(name: str, rules: list[Manifest]) -> Manifest:
    """A file of one group."""
    return {"groups": [{"name": name, "rules": rules}]}


def rule(name: str, service: str = "") -> Manifest:
    """The alert of one signal, of one workload where it is named."""
    found = f'{name}{{service="{service}"}}' if service else name
    labels = {"severity": "ticket", "runbook": "signal-absent", "signal": name}
    return {
        "alert": "SignalAbsent",
        "expr": f"absent({found})",
        "for": "10m",
        "labels": labels | ({"service": service} if service else {}),
        "annotations": {"summary": f"指标 {found} 没有上报"},
    }
