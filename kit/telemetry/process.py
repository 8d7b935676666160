"""Traces, metrics and logs of one process; started after any fork, for the SDK's threads do not survive one.

The standard OTEL variables say where spans and metrics go. Without them spans stay in files, and
of the metrics the gauges are still read for the pages of operation (`kit.operations.gauges`).
"""

import os
import socket

from opentelemetry import metrics, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from kit.settings import settings
from kit.telemetry.logs import log_as
from kit.telemetry.spans import FileExporter

EXPORT_DELAY_MS = 200
METRICS_MS = 15_000.0
"""Between two exports of the metrics, unless OTEL_METRIC_EXPORT_INTERVAL says otherwise."""


def start(process: str) -> None:
    """Start traces, metrics and logs of this process; call once."""
    instance = f"{socket.gethostname()}-{os.getpid()}"
    resource = Resource.create({"service.name": process, "service.instance.id": instance})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(
        BatchSpanProcessor(_spans_to(process), schedule_delay_millis=EXPORT_DELAY_MS)
    )
    trace.set_tracer_provider(provider)
    if named("METRICS"):
        _measure(resource)
    log_as(process)


def named(signal: str) -> bool:
    """The environment names where this signal goes."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return any(os.environ.get(name) for name in names)


def _spans_to(process: str) -> SpanExporter:
    if named("TRACES"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter()
    return FileExporter(settings().var / "traces" / f"{process}.jsonl", process)


def _measure(resource: Resource) -> None:
    # Not loaded where nothing is exported: the one-command run is held to its memory.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    every = float(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL") or METRICS_MS)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(), every)
    metrics.set_meter_provider(MeterProvider([reader], resource))


def stop() -> None:
    """Flush what is left."""
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        shutdown = getattr(provider, "shutdown", None)
        if shutdown is not None:
            shutdown()
