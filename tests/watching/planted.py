"""A span and a metric that tell too much, sent to the collector as any process could."""

import urllib.request
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gateway.demo.application import identity

NAME = "planted"
METRIC = "minzheng_planted"
PERSON = "陈演示"
ALLOWED = {"http.route": "/api/v1/filings", "minzheng.refusal": f"{identity(7)} 12000000000 a@b.cn"}
FORBIDDEN = {"enduser.id": PERSON, "http.request.header.cookie": "s=1", "db.query.text": "SELECT 1"}
SECRETS = (identity(7), "12000000000", "a@b.cn", PERSON, "SELECT 1")
"""What must not be found behind the collector in any form."""


def span(at_ns: int) -> ExportTraceServiceRequest:
    """A span of a process that states forbidden things."""
    told = ExportTraceServiceRequest()
    resource = told.resource_spans.add()
    resource.resource.CopyFrom(_process())
    one = resource.scope_spans.add().spans.add()
    one.name, one.trace_id, one.span_id = NAME, b"t" * 16, b"s" * 8
    one.start_time_unix_nano, one.end_time_unix_nano = at_ns - 1_000_000, at_ns
    one.attributes.extend(_attributes(ALLOWED | FORBIDDEN))
    return told


def metric(at_ns: int) -> ExportMetricsServiceRequest:
    """A gauge with the name of a person among its labels."""
    told = ExportMetricsServiceRequest()
    resource = told.resource_metrics.add()
    resource.resource.CopyFrom(_process())
    one = resource.scope_metrics.add().metrics.add()
    one.name = METRIC
    point = one.gauge.data_points.add()
    point.as_double, point.time_unix_nano = 1.0, at_ns
    point.attributes.extend(_attributes({"service": "filing", "person": PERSON}))
    return told


def send(door: str, told: Any) -> int:
    """To the collector; the status of its answer."""
    signal = "metrics" if isinstance(told, ExportMetricsServiceRequest) else "traces"
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{door}/v1/{signal}", told.SerializeToString(), {"content-type": "application/x-protobuf"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return int(answer.status)


def _process() -> Resource:
    stated = {"service.name": NAME, "process.command_args": f"serve {PERSON}"}
    return Resource(attributes=_attributes(stated))


def _attributes(found: dict[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in found.items()]
