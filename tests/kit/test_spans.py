"""A span around a block: child of a kept trace, nothing below another, never a word of an error."""

from typing import Any

import pytest
from opentelemetry import baggage, context, trace

from kit.telemetry import context_of, span, traceparent
from tests.spans import spans_of

KEPT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NOT_KEPT = f"{KEPT[:-2]}00"


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> Any:
    return spans_of(monkeypatch).get_finished_spans


def carried(traceparent: str) -> context.Context:
    return context_of({"traceparent": traceparent})


def test_a_kept_trace_goes_on_in_a_span_of_ours(finished: Any) -> None:
    with span("outer", trace.SpanKind.SERVER, carried(KEPT)), span("inner"):
        passed_on = traceparent()["traceparent"]
    inner, outer = finished()
    assert (inner.name, outer.name, outer.kind) == ("inner", "outer", trace.SpanKind.SERVER)
    assert inner.parent.span_id == outer.context.span_id
    assert f"{outer.parent.span_id:016x}" == KEPT.split("-")[2]
    assert passed_on == f"{KEPT[:36]}{inner.context.span_id:016x}-01"


def test_below_a_trace_that_is_not_kept_there_is_none_and_it_goes_on_as_it_came(
    finished: Any,
) -> None:
    with span("outer", context=carried(NOT_KEPT)) as outer, span("inner") as inner:
        assert traceparent()["traceparent"] == NOT_KEPT
        assert not outer.is_recording()
        assert not inner.is_recording()
    assert finished() == ()
    assert traceparent() == {}


def test_without_a_trace_one_begins(finished: Any) -> None:
    with span("first", context=context_of({})):
        pass
    assert [one.parent for one in finished()] == [None]


@pytest.mark.parametrize("above", [KEPT, NOT_KEPT])
def test_an_error_passes_and_leaves_no_word(finished: Any, above: str) -> None:
    with pytest.raises(ValueError, match="1380"), span("work", context=carried(above)):
        raise ValueError("13800000000")
    for one in finished():
        assert (one.events, one.status.description, "1380" in one.to_json()) == ((), None, False)
    assert traceparent() == {}


def test_nothing_but_the_trace_travels() -> None:
    token = context.attach(baggage.set_baggage("phone", "13800000000"))
    try:
        with span("work", context=carried(NOT_KEPT)):
            assert set(traceparent()) == {"traceparent"}
    finally:
        context.detach(token)
    with_baggage = {"traceparent": KEPT, "baggage": "phone=13800000000"}
    assert baggage.get_all(context_of(with_baggage)) == {}
