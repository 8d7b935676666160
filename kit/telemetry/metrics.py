"""The instruments. While nothing is exported they do nothing, and a record costs one comparison.

Histograms end buckets where objectives stand: 0.3, 0.8, 1, 5 and 60 seconds. A record inside a span
that is kept leaves an exemplar, by which a graph leads to the trace.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation

from kit.telemetry.signals import (
    HTTP,
    NEIGHBORS,
    REACTION_DELAY,
    REPEATS,
    RESTS,
    RPC,
    SIGNALS,
    WEBHOOKS,
    Kind,
    Reading,
    Signal,
)

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.0, 5.0, 10.0, 60.0, 300.0)
OK, REFUSED, FAILED = "ok", "refused", "failed"
"""Outcomes: `failed` by our own fault, `refused` by a rule."""

meter = metrics.get_meter("minzheng")


def _histogram(signal: Signal) -> Histogram:
    return meter.create_histogram(
        signal.name, "s", signal.said, explicit_bucket_boundaries_advisory=BOUNDS
    )


def _counter(signal: Signal) -> Counter:
    return meter.create_counter(signal.name, "", signal.said)


http, rpc = _histogram(HTTP), _histogram(RPC)
reaction_delay = _histogram(REACTION_DELAY)
repeats, rests = _counter(REPEATS), _counter(RESTS)
webhooks, neighbors = _counter(WEBHOOKS), _counter(NEIGHBORS)


def labels(service: str, type: str, outcome: str = OK) -> dict[str, str]:
    """Labels of a record; `type` is a name of the code, never something that was sent."""
    return {"service": service, "type": type, "outcome": outcome}


def show(service: str, read: Callable[[], Sequence[Reading]]) -> None:
    """Export the gauges of a workload: what `read` answers whenever the exporter asks."""
    for signal in SIGNALS.values():
        if signal.kind is Kind.GAUGE:
            observe = partial(_observe, service, signal, read)
            meter.create_observable_gauge(signal.name, [observe], "", signal.said)


def _observe(
    service: str, signal: Signal, read: Callable[[], Sequence[Reading]], _: CallbackOptions
) -> Iterable[Observation]:
    for found in read():
        if found.signal is signal:
            named = {"service": service, "type": found.type, "region": found.region}
            yield Observation(
                float(found.value), {key: text for key, text in named.items() if text}
            )
