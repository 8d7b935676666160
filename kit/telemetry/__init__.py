"""Traces, metrics and logs: what a process says of its work, and never of persons."""

from kit.telemetry.logs import log_as
from kit.telemetry.process import start, stop
from kit.telemetry.spans import context_of, inside, is_kept, span, traceparent

__all__ = ["context_of", "inside", "is_kept", "log_as", "span", "start", "stop", "traceparent"]
