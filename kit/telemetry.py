"""Traces and logs: thin spans of our own, one JSON object a log line, context carried by hand.

Started after any fork. Spans go to `var/traces/<process>.jsonl` unless the standard OTEL
variables name an exporter. No payload, SQL text, person or free text ever enters an attribute.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from kit.settings import settings

EXPORT_DELAY_MS = 200


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


def start(process: str) -> None:
    """Start traces and logs of this process; call once, after any fork."""
    provider = TracerProvider(resource=Resource.create({"service.name": process}))
    provider.add_span_processor(
        BatchSpanProcessor(_exporter(process), schedule_delay_millis=EXPORT_DELAY_MS)
    )
    trace.set_tracer_provider(provider)
    log_as(process)


def log_as(process: str) -> None:
    """One JSON object a line on stdout, under the name of the process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(process))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # It tells of every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _exporter(process: str) -> SpanExporter:
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter()
    return FileExporter(settings().var / "traces" / f"{process}.jsonl", process)


def stop() -> None:
    """Flush what is left."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def traceparent() -> dict[str, str]:
    """The running trace as headers (W3C `traceparent`, `tracestate`); empty without a span."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier


def context_of(headers: Mapping[str, str]) -> Context:
    """The context that headers carry."""
    return extract(headers)


class JsonFormatter(logging.Formatter):
    """A log record as one JSON object with the trace it belongs to; only named fields leave."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; an exception is named by its type and place, never by its text."""
        span = trace.get_current_span().get_span_context()
        fields: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if span.is_valid:
            fields |= {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
        if record.exc_info and record.exc_info[0]:
            fields |= {"error": record.exc_info[0].__name__, "where": _where(record)}
        return json.dumps(fields, ensure_ascii=False)


def _where(record: logging.LogRecord) -> list[str]:
    frame = record.exc_info[2] if record.exc_info else None
    places = []
    while frame is not None:
        code = frame.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{frame.tb_lineno} {code.co_name}")
        frame = frame.tb_next
    return places[-6:]
