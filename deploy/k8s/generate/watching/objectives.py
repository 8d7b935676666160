"""Objectives over 30 days and the alerts on how fast their allowance burns."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.k8s.generate.form import Manifest
from kit.telemetry import signals
from kit.telemetry.metrics import BOUNDS

PAGE, TICKET = "page", "ticket"
BURNS = ((14.4, "1h", "5m", PAGE), (6, "6h", "30m", PAGE), (3, "1d", "2h", TICKET), (1, "3d", "6h", TICKET))  # fmt: skip
"""Times the allowed rate, over a long and a short window: what burned and still burns."""
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True)
class Objective:
    """A share of events that is good."""

    name: str
    alert: str
    runbook: str
    allowed: float
    """Share that may be bad."""
    bad: str
    """Bad events a second over the window `{window}`."""
    all: str
    said: str


def _rate(name: str, labels: str = "") -> str:
    return f"sum(rate({name}{{{labels}}}[{{window}}]))".replace("{}", "")


def _slower(name: str, seconds: float, labels: str) -> tuple[str, str]:
    """Events slower than so many seconds, a bound of the histogram; and all of them."""
    assert seconds in BOUNDS
    every = _rate(f"{name}_count", labels)
    # Ways into the store differ in how they write a bound that is a whole number.
    bound = f'le=~"{seconds:g}|{seconds:.1f}"'.replace(".", "[.]")
    return f"{every} - {_rate(f'{name}_bucket', f'{labels},{bound}')}", every


HTTP, DELAY = signals.HTTP.name, signals.REACTION_DELAY.name
SERVED, APPLIED = 'outcome!="failed"', 'outcome="applied"'
OBJECTIVES = (
    Objective(
        "availability", "AvailabilityBurn", "availability-burn", 0.001,
        _rate(f"{HTTP}_count", 'outcome="failed"'), _rate(f"{HTTP}_count"), "门户与接口的可用率低于目标",
    ),
    Objective(
        "latency", "LatencyBurn", "latency-burn", 0.01,
        *_slower(HTTP, 1.0, SERVED), "门户与接口有过多请求超过 1 秒",
    ),
    Objective(
        "swiftness", "LatencyBurn", "latency-burn", 0.05,
        *_slower(HTTP, 0.3, SERVED), "门户与接口有过多请求超过 0.3 秒",
    ),
    Objective(
        "delay", "DelayBurn", "delay-burn", 0.01,
        *_slower(DELAY, 5.0, APPLIED), "有过多事件 5 秒后才见效",
    ),
)  # fmt: skip


def recorded(objective: Objective, window: str) -> str:
    """Name of the share of bad events over a window."""
    return f"minzheng:{objective.name}:bad_ratio_{window}"


def groups() -> Manifest:
    """The rules: shares by window, then the alerts."""
    return {
        "groups": [
            {"name": "minzheng-objectives", "rules": [*_shares()]},
            {"name": "minzheng-burn", "rules": [*_burns()]},
        ]
    }


def _shares() -> Iterator[Manifest]:
    for objective in OBJECTIVES:
        for window in WINDOWS:
            bad, every = (
                text.replace("{window}", window) for text in (objective.bad, objective.all)
            )
            # Where nothing has ever been bad there is no series of it: that is none, not unknown.
            yield {
                "record": recorded(objective, window),
                "expr": f"({bad} or vector(0)) / ({every})",
            }


def _burns() -> Iterator[Manifest]:
    for objective in OBJECTIVES:
        for factor, long, short, severity in BURNS:
            limit = f"{factor} * {objective.allowed}"
            windows = (f"{recorded(objective, window)} > {limit}" for window in (long, short))
            yield {
                "alert": objective.alert,
                "expr": " and ".join(windows),
                "for": "1m",
                "labels": {
                    "severity": severity,
                    "runbook": objective.runbook,
                    "objective": objective.name,
                    "window": long,
                },
                "annotations": {"summary": objective.said},
            }
