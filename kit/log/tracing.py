"""The trace a fact was stated in, as it travels in headers."""

from collections.abc import Mapping
from datetime import timedelta

from opentelemetry.trace import Link, get_current_span

from kit.telemetry import context_of

YOUNG = timedelta(minutes=5)
"""While a fact is younger its trace goes on; later work has a trace of its own, linked to it."""


def links(headers: Mapping[str, str]) -> list[Link]:
    """A link to the trace that headers carry; none when they carry none or nonsense."""
    context = get_current_span(context_of(headers)).get_span_context()
    return [Link(context)] if context.is_valid else []
