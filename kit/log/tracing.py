"""The trace a fact was stated in, as it travels in headers."""

from collections.abc import Mapping

from opentelemetry.trace import Link, get_current_span

from kit.telemetry import context_of


def links(headers: Mapping[str, str]) -> list[Link]:
    """A link to the trace that headers carry; none when they carry none or nonsense."""
    context = get_current_span(context_of(headers)).get_span_context()
    return [Link(context)] if context.is_valid else []
