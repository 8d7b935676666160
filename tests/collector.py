"""Where a platform of a test sends its metrics: an OTLP collector on loopback that keeps what comes."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)


class Server(ThreadingHTTPServer):
    """Serves also while a test runs that may open no socket: who exports tries again."""

    def get_request(self) -> tuple[Any, Any]:
        """A connection; OSError, which the server bears, where none may be opened now."""
        try:
            return super().get_request()
        except Exception as error:
            raise OSError from error


class Collector:
    """The collector; enter it before the platform starts."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        """Every export as it came, unzipped."""
        kept = self.bodies

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                zipped = self.headers.get("content-encoding") == "gzip"
                kept.append(gzip.decompress(body) if zipped else body)
                answer = ExportMetricsServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = Server(("127.0.0.1", 0), Door)
        self.thread = threading.Thread(target=self.server.serve_forever, name="collector")

    def __enter__(self) -> "Collector":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What a platform is told of it; an export every second."""
        place = f"http://127.0.0.1:{self.server.server_address[1]}/v1/metrics"
        return {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": place,
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        }

    def points(self) -> Iterator[tuple[str, Any]]:
        """Every data point with the name of its metric."""
        for body in list(self.bodies):
            told = ExportMetricsServiceRequest.FromString(body)
            for resource in told.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        data = getattr(metric, metric.WhichOneof("data"))
                        for point in data.data_points:
                            yield metric.name, point


def labels(point: Any) -> dict[str, str]:
    """The labels of a point."""
    return {one.key: one.value.string_value for one in point.attributes}
