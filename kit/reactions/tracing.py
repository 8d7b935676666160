"""The span around the work on one fact, and the measure of how late its effect came."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from opentelemetry import trace
from opentelemetry.context import Context

from kit.contracts import facts
from kit.log.tracing import YOUNG, links
from kit.reactions.event import Event
from kit.telemetry import context_of, inside, is_kept, metrics
from kit.telemetry.spans import tracer


def begun(topic: str, event: Event) -> trace.Span:
    """A CONSUMER span: child of the fact's trace while it is young, a linked one of its own after.

    None where the young trace is not kept; it goes on as it came.
    """
    young = datetime.now(UTC) - event.occurred_at < YOUNG
    came = event.headers.get("traceparent")
    if young and came and not is_kept(came):
        return trace.get_current_span(context_of(event.headers))
    return tracer.start_span(
        f"process {topic}",
        context_of(event.headers) if young else Context(),
        trace.SpanKind.CONSUMER,
        attributes={
            "messaging.destination.name": topic,
            "messaging.message.id": event.headers["ce_id"],
            "minzheng.fact.type": event.type,
            "minzheng.fact.version": event.version,
        },
        links=[] if young else links(event.headers),
    )


@contextmanager
def process_span(topic: str, event: Event) -> Iterator[trace.Span]:
    """Work on one fact in its span."""
    span = begun(topic, event)
    with ending(span), inside(span):
        yield span


@contextmanager
def ending(*spans: trace.Span) -> Iterator[None]:
    """The spans end with the block; an error is named by its type only: its text may name a person."""
    try:
        yield
    except Exception as error:
        for span in spans:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        for span in spans:
            span.end()


def noted(consumer: str, event: Event, outcome: str) -> None:
    """How long after the event its effect came; of what is no fact of ours nobody knows the name."""
    seconds = (datetime.now(UTC) - event.occurred_at).total_seconds()
    kind = event.type if event.type in facts() else "unknown"
    metrics.reaction_delay.record(max(seconds, 0.0), metrics.labels(consumer, kind, outcome))
