"""What Prometheus shows of a platform on which the stories were played; AssertionError says what is wrong, RuntimeError what did not come."""

import os
import signal
import time

import yaml

from deploy.k8s.generate.watching.absent import measured
from kit.telemetry.signals import SIGNALS
from tests.compose.stack import until
from tests.faults.test_kill import pids
from tests.platform import Platform
from tests.watching import planted
from tests.watching.running import CONFIGURED, Prometheus
from tests.watching.sink import Spans, attributes
from tests.watching.test_names import FOREIGN, SUFFIXES, expressions, recorded

SECONDS = 120
LOOKBACK_SECONDS = 300
"""For so long Prometheus takes the last value for the present one."""
PROCESSES = {"gateway", "filing", "notifications", "supervision"}


def targets(prometheus: Prometheus) -> str:
    """Nothing of ours is scraped: what there is comes by OTLP, from every process."""
    assert prometheus.ask("targets")["activeTargets"] == []
    jobs = {one["metric"]["job"] for one in prometheus.series("target_info")}
    assert {f"minzheng/{name}" for name in PROCESSES} <= jobs, jobs
    return f"none scraped; pushing: {', '.join(sorted(jobs))}"


def rules(prometheus: Prometheus) -> str:
    """Every rule is evaluated without an error."""
    until("all rules evaluated", lambda: all(one["health"] != "unknown" for one in prometheus.rules()), SECONDS)  # fmt: skip
    found = prometheus.rules()
    wrong = [(one["name"], one.get("lastError")) for one in found if one["health"] != "ok"]
    assert wrong == [], wrong
    return f"{len(found)} rules, every one ok, the slowest {1000 * max(one['evaluationTime'] for one in found):.0f} ms"


def series(prometheus: Prometheus) -> str:
    """Every metric that a rule or a board names has a series; what needs an event or an operator is told."""
    named = {name for _, text in expressions() for name in measured(text)} - FOREIGN
    missing = named - prometheus.metrics()
    rare = {name for name in missing if not SIGNALS[_base(name)].always}
    assert missing == rare, f"no series of {sorted(missing - rare)}"
    return f"{len(named) - len(missing)} of {len(named)} have one; an event brings the others: {', '.join(sorted(rare)) or 'none'}"


def _base(name: str) -> str:
    return next((name.removesuffix(end) for end in SUFFIXES if name.removesuffix(end) in SIGNALS), name)  # fmt: skip


def shares(prometheus: Prometheus) -> str:
    """Every share of an objective is recorded."""
    until("a share of every objective", lambda: recorded() <= prometheus.metrics(), SECONDS)
    return f"{len(recorded())} recorded"


def boards(prometheus: Prometheus) -> str:
    """Every expression is understood; how many show something."""
    every = list(expressions())
    shown = sum(bool(prometheus.series(text)) for _, text in every)
    return f"{len(every)} expressions of rules and boards understood, {shown} of them find something now"


def alerts(prometheus: Prometheus) -> str:
    """Nothing fires; what waits to fire is told: where no backup is set up, that alone, once all have begun."""

    def waiting() -> set[str]:
        found = prometheus.ask("alerts")["alerts"]
        firing = [one["labels"] for one in found if one["state"] == "firing"]
        assert firing == [], firing
        return {one["labels"]["alertname"] for one in found}

    until("nothing but backups", lambda: waiting() <= {"BackupUnknown"}, SECONDS)
    return f"none fires; waiting: {', '.join(sorted(waiting())) or 'none'}"


def missing(prometheus: Prometheus, platform: Platform) -> str:
    """A process stands still, and what it told is missed (signal-absent); it goes on, and nothing is."""
    stopped = pids(platform)["notifications"]

    def missed() -> set[str]:
        found = [one["labels"] for one in prometheus.ask("alerts")["alerts"]]
        return {one["signal"] for one in found if one["alertname"] == "SignalAbsent"}

    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    try:
        assert platform.run("probe", "notifications").returncode == 1
        until("the missing signals", lambda: len(missed()) > 1, LOOKBACK_SECONDS + SECONDS)
        names, after = missed(), time.monotonic() - began
    finally:
        os.kill(stopped, signal.SIGCONT)
    until("the signals again", lambda: not missed(), SECONDS)
    assert platform.run("probe", "notifications").returncode == 0
    return f"notifications stood still: {len(names)} signals missed after {after:.0f} s (Prometheus looks five minutes back), `minzheng probe` says 1; it went on: none"


def exemplars(prometheus: Prometheus, spans: Spans) -> str:
    """A slow request leads to its trace: the trace of an exemplar is among the spans."""
    query = {"query": "minzheng_http_request_duration_seconds_bucket", "start": f"{time.time() - 600}", "end": f"{time.time()}"}  # fmt: skip
    found = [e["labels"]["trace_id"] for one in prometheus.ask("query_exemplars", **query) for e in one["exemplars"]]  # fmt: skip
    known = {one.trace_id.hex() for one in spans.all()}
    assert set(found) & known, f"{len(found)} exemplars, none of a trace that came"
    return f"{len(found)} exemplars, {len(set(found) & known)} of their traces came"


def attributes_of_spans(spans: Spans) -> str:
    """What left the collector has no attribute that its configuration does not name."""
    config = yaml.safe_load((CONFIGURED / "collector.yaml").read_text("utf-8"))
    allowed = set(config["processors"]["redaction"]["allowed_keys"])
    every = list(spans.all())
    found = {key for one in (*every, *(r.resource for r in spans.kept)) for key in attributes(one)}
    assert found <= allowed, found - allowed
    assert {attributes(r.resource)["service.name"] for r in spans.kept} >= PROCESSES
    return f"{len(every)} spans of {', '.join(sorted(PROCESSES))}; attributes: {', '.join(sorted(found))}"


def one_trace(spans: Spans) -> str:
    """A decision goes from the gateway through filing to who reacts to it, in one trace."""
    found: dict[bytes, set[str]] = {}
    for resource in spans.kept:
        name = attributes(resource.resource)["service.name"]
        for scope in resource.scope_spans:
            for one in scope.spans:
                found.setdefault(one.trace_id, set()).add(name)
    widest = max(found.values(), key=len)
    assert widest >= {"gateway", "filing", "notifications"}, widest
    return f"{len(found)} traces; the widest goes through {', '.join(sorted(widest))}"


def forbidden(prometheus: Prometheus, spans: Spans, door: str) -> str:
    """A span and a metric with forbidden attributes arrive without them."""
    now = time.time_ns()
    planted.send(door, planted.span(now))
    planted.send(door, planted.metric(now))
    until("the planted metric", lambda: bool(prometheus.series(planted.METRIC)), SECONDS)
    until("the planted span", lambda: bool(spans.named(planted.NAME)), SECONDS)
    [one] = prometheus.series(planted.METRIC)
    assert "person" not in one["metric"], one
    [span] = spans.named(planted.NAME)
    assert set(attributes(span)) == set(planted.ALLOWED)
    text = f"{one} {span} {spans.kept}"
    assert not any(secret in text for secret in planted.SECRETS)
    return f"of {len(planted.ALLOWED | planted.FORBIDDEN)} attributes {len(planted.ALLOWED)} arrived; numbers within them masked: {attributes(span)['minzheng.refusal']}"
