"""The real collector with our configuration: what is named passes, nothing else does."""

import time
from pathlib import Path

import pytest

from tests.collector import Collector, labels
from tests.watching import planted
from tests.watching.programs import place
from tests.watching.running import collector
from tests.watching.sink import Spans, attributes

SKIPPED = "SKIPPED, NOT GREEN: the collector is not built (make watch builds it; Go)"
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(not place("collector").exists(), reason=SKIPPED),
]


def arrived(spans: Spans, metrics: Collector) -> bool:
    return bool(spans.named(planted.NAME)) and any(n == planted.METRIC for n, _ in metrics.points())


def test_what_is_not_named_does_not_leave(tmp_path: Path) -> None:
    with Spans() as spans, Collector() as metrics:
        behind = f"http://127.0.0.1:{metrics.server.server_address[1]}"
        with collector(tmp_path, spans.address, behind) as door:
            now = time.time_ns()
            assert planted.send(door, planted.span(now)) == 200
            assert planted.send(door, planted.metric(now)) == 200
            end = time.monotonic() + 15
            while not arrived(spans, metrics) and time.monotonic() < end:
                time.sleep(0.1)
        [span] = spans.named(planted.NAME)
        assert set(attributes(span)) == set(planted.ALLOWED)
        assert attributes(span)["http.route"] == planted.ALLOWED["http.route"]
        stated = attributes(spans.kept[0].resource)
        assert "process.command_args" not in stated
        assert stated["deployment.environment.name"] == "development"
        points = [point for name, point in metrics.points() if name == planted.METRIC]
        assert [labels(point) for point in points] == [{"service": "filing"}]
        kept = b"".join([one.SerializeToString() for one in spans.kept] + metrics.bodies)
        assert [one for one in planted.SECRETS if one.encode() in kept] == []
