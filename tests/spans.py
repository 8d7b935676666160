"""The spans that a test makes, kept in memory."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def spans_of(
    monkeypatch: pytest.MonkeyPatch, tracer: str = "kit.telemetry.spans.tracer"
) -> InMemorySpanExporter:
    """What keeps the spans of the tracer that stands there."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracer, provider.get_tracer("test"))
    return exporter
