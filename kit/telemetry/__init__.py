"""Traces, metrics and logs: what a process says of its work, and never of persons."""

from kit.telemetry.logs import log_as
from kit.telemetry.process import start, stop
from kit.telemetry.spans import context_of, traceparent

__all__ = ["context_of", "log_as", "start", "stop", "traceparent"]
