"""Objectives: alerts come within minutes where everything fails, and never at half the allowed rate."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from deploy.k8s.generate.watching.objectives import OBJECTIVES
from kit.telemetry.metrics import BOUNDS
from kit.telemetry.signals import HTTP, REACTION_DELAY
from tests.watching.tool import RULES, firing

DAYS = 3 * 24 * 60
"""Minutes that a rate is kept."""
ALERTS = sorted({one.alert for one in OBJECTIVES})
ALLOWED = {one.alert: one.allowed for one in OBJECTIVES if one.name != "swiftness"}


def ruled(alert: str, folder: Path) -> tuple[Path]:
    """The rules of one alert and of the shares it rests on: the others only take time.

    In one group, which is run in its order: a share that is read before it is written is too old.
    """
    groups = yaml.safe_load((RULES / "objectives.yaml").read_text())["groups"]
    shares = [f"minzheng:{one.name}:" for one in OBJECTIVES if one.alert == alert]
    rules = [
        rule
        for group in groups
        for rule in group["rules"]
        if rule.get("alert") == alert or rule.get("record", "").startswith(tuple(shares))
    ]
    rules.sort(key=lambda rule: "alert" in rule)
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": alert, "rules": rules}]}))
    return (file,)


def kept(start: float, step: float, minutes: int) -> str:
    """A counter that grows by so much a minute."""
    return f"{start:g}+{step:g}x{minutes}"


def traffic(alert: str, bad: float, minutes: int, start: float = 0) -> Mapping[str, str]:
    """A thousand events a minute, of which so large a share is bad in the way of an alert."""
    worse, better = 1000 * bad, 1000 * (1 - bad)
    if alert == "AvailabilityBurn":
        shares = {("failed", ""): worse, ("ok", ""): better}
        return {f'{HTTP.name}_count{{outcome="{o}"}}': kept(start, n, minutes) for (o, _), n in shares.items()}  # fmt: skip
    name, outcome, limit = {
        "LatencyBurn": (HTTP.name, "ok", 1.0),
        "DelayBurn": (REACTION_DELAY.name, "applied", 5.0),
    }[alert]
    assert limit in BOUNDS
    found = {f'{name}_count{{outcome="{outcome}"}}': kept(start, 1000, minutes)}
    for bound in (0.3, limit):
        found[f'{name}_bucket{{outcome="{outcome}",le="{bound:g}"}}'] = kept(start, better, minutes)
    return found


@pytest.mark.parametrize("alert", ALERTS)
def test_where_everything_fails_it_comes_within_minutes(alert: str, tmp_path: Path) -> None:
    """Five for availability; where a hundredth may be late, an hour's share takes nine to be burned."""
    soon = "6h5m" if alert == "AvailabilityBurn" else "6h11m"
    healthy = traffic(alert, 0.0, 360)
    broken = traffic(alert, 1.0, 30)
    both = {name: joined(healthy[name], broken[name]) for name in healthy}
    firing(tmp_path, ruled(alert, tmp_path), both, {"6h": {alert: False}, soon: {alert: True}})


def joined(first: str, second: str) -> str:
    """A counter that goes on at another rate after 360 minutes."""
    step = float(first.partition("+")[2].partition("x")[0])
    _, _, rest = second.partition("+")
    return f"{first} {step * 360:g}+{rest}"


@pytest.mark.parametrize("alert", ALERTS)
def test_at_half_the_allowed_rate_it_is_silent(alert: str, tmp_path: Path) -> None:
    half = traffic(alert, ALLOWED[alert] / 2, DAYS)
    firing(tmp_path, ruled(alert, tmp_path), half, {"3d": {alert: False}}, "10m")


@pytest.mark.parametrize("alert", ALERTS)
def test_a_little_over_the_allowed_rate_it_comes_by_the_longest_window(
    alert: str, tmp_path: Path
) -> None:
    over = traffic(alert, ALLOWED[alert] * 1.2, DAYS)
    firing(tmp_path, ruled(alert, tmp_path), over, {"3d": {alert: True}}, "10m")


def test_a_bound_that_is_written_as_a_fraction_counts_as_well(tmp_path: Path) -> None:
    broken = traffic("LatencyBurn", 1.0, 120)
    told = {name.replace('le="1"', 'le="1.0"'): text for name, text in broken.items()}
    assert told != broken
    firing(tmp_path, ruled("LatencyBurn", tmp_path), told, {"1h": {"LatencyBurn": True}})
    fine = {name.replace('le="1"', 'le="1.0"'): text for name, text in traffic("LatencyBurn", 0.0, 120).items()}  # fmt: skip
    firing(tmp_path, ruled("LatencyBurn", tmp_path), fine, {"1h": {"LatencyBurn": False}})
