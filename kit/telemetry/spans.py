"""Thin spans of our own, context carried by hand.

Spans go to `var/traces/<process>.jsonl` unless the standard OTEL variables name an exporter. No
payload, SQL text, person or free text ever enters an attribute.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TextIO

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

tracer = trace.get_tracer("minzheng")
W3C = TraceContextTextMapPropagator()
"""Nothing but the trace travels: baggage could name a person."""


@contextmanager
def span(
    name: str, kind: trace.SpanKind = trace.SpanKind.INTERNAL, context: Context | None = None
) -> Iterator[trace.Span]:
    """A span around a block, current in it: child of the running one, or of what `context` carries.

    Below a trace that is not kept there is none, and the trace goes on as it came. What is raised
    leaves no word in it: an error's text may name a person.
    """
    above = trace.get_current_span(context)
    found = above.get_span_context()
    if found.is_valid and not found.trace_flags.sampled:
        with inside(above) if context else nullcontext():
            yield above
    else:
        with inside(tracer.start_span(name, context, kind), ends=True) as made:
            yield made


def inside(span: trace.Span, *, ends: bool = False) -> AbstractContextManager[trace.Span]:
    """Work in an open span, which goes on behind unless it `ends`."""
    return trace.use_span(span, ends, record_exception=False, set_status_on_exception=False)


class FileExporter(SpanExporter):
    """Writes finished spans as JSON lines, one file a process."""

    def __init__(self, file: Path, process: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.stream: TextIO = file.open("a", encoding="utf-8")
        self.process = process

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans."""
        for span in spans:
            self.stream.write(
                json.dumps(span_record(span, self.process), ensure_ascii=False) + "\n"
            )
        self.stream.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self.stream.close()


def span_record(span: ReadableSpan, process: str) -> dict[str, object]:
    """A span as the trace reader expects it (`minzheng trace`)."""
    context, parent = span.get_span_context(), span.parent
    assert context is not None
    return {
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_id": f"{parent.span_id:016x}" if parent else "",
        "links": [
            f"{link.context.trace_id:032x}:{link.context.span_id:016x}" for link in span.links
        ],
        "name": span.name,
        "kind": span.kind.name,
        "process": process,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "attributes": dict(span.attributes or {}),
    }


def traceparent() -> dict[str, str]:
    """The running trace as headers (W3C `traceparent`, `tracestate`); empty without a span."""
    carrier: dict[str, str] = {}
    W3C.inject(carrier)
    return carrier


def context_of(headers: Mapping[str, str]) -> Context:
    """The context that headers carry."""
    return W3C.extract(headers)


def is_kept(traceparent: str | None) -> bool:
    """Whether the spans of that trace are kept: the lowest bit of its flags."""
    return traceparent is not None and traceparent[-1:] in tuple("13579bdf")
