"""Where the collector's spans go: OTLP over gRPC on loopback, kept as they come."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService"


class Spans:
    """Enter it before the collector starts."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        take = grpc.unary_unary_rpc_method_handler(
            self._take,
            request_deserializer=ExportTraceServiceRequest.FromString,
            response_serializer=ExportTraceServiceResponse.SerializeToString,
        )
        self.server = grpc.server(ThreadPoolExecutor(2))
        door = grpc.method_handlers_generic_handler(EXPORT, {"Export": take})
        self.server.add_generic_rpc_handlers((door,))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> "Spans":
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop(1).wait()

    def _take(self, told: Any, _: grpc.ServicerContext) -> ExportTraceServiceResponse:
        self.kept += told.resource_spans
        return ExportTraceServiceResponse()

    def named(self, name: str) -> list[Any]:
        """Spans of a name."""
        return [one for one in self.all() if one.name == name]

    def all(self) -> Iterator[Any]:
        """Every span."""
        for resource in self.kept:
            for scope in resource.scope_spans:
                yield from scope.spans


def attributes(of: Any) -> dict[str, str]:
    """Attributes of a span or a resource, as text."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}
