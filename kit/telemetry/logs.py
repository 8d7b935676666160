"""Logs: one JSON object a line, only named fields."""

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from opentelemetry import trace


def log_as(process: str) -> None:
    """One JSON object a line on stdout, under the name of the process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(process))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # It tells of every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)


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
