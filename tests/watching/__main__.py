"""`make watch`: the real collector and Prometheus beside a platform; writes docs/operations/watching.md."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.house.test_files import ROOT
from tests.platform import Platform
from tests.watching import look
from tests.watching.programs import HERE
from tests.watching.running import collector, prometheus
from tests.watching.sink import Spans

PAGE = ROOT / "docs" / "operations" / "watching.md"
HEAD = """# Watching, started for real

Written by `make watch` on {day}: a platform of its own, the demo's stories played on it, {programs}, both built from their Go modules, with the files of `deploy/observability` (addresses alone are other ones) and the options of `compose.observability.yml`. Spans go to a receiver of the test in place of Jaeger.

| looked at | seen |
|---|---|
"""
TAIL = """
Not started: Grafana (its boards are only asked of Prometheus, expression by expression), Jaeger, Alertmanager, and the operators whose metrics the rules name beside ours.
"""


def versions() -> str:
    """Of what is built."""
    wanted = {"collector": "go.opentelemetry.io/collector/otelcol ", "prometheus": "github.com/prometheus/prometheus "}  # fmt: skip
    found = []
    for name, module in wanted.items():
        lines = (HERE / name / "go.mod").read_text("utf-8").splitlines()
        [line] = [one for one in lines if one.strip().removeprefix("require ").startswith(module)]
        found.append(f"{name} {line.split('//')[0].split()[-1]}")
    return " and ".join(found)


def main() -> int:
    """Start, look, write; exit code."""
    with tempfile.TemporaryDirectory(prefix="minzheng-watch-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        try:
            seen = _seen(Path(name))
        except (AssertionError, RuntimeError) as error:
            print(error)
            return 1
    text = HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}", programs=versions())
    PAGE.write_text(text + "".join(f"| {what} | {told} |\n" for what, told in seen) + TAIL, "utf-8")
    return 0


def _seen(folder: Path) -> list[tuple[str, str]]:
    with Spans() as spans, prometheus(folder) as metrics, collector(folder, spans.address, metrics.url) as door:  # fmt: skip
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": door, "OTEL_METRIC_EXPORT_INTERVAL": "2000", "OTEL_TRACES_SAMPLER": "always_on"}  # fmt: skip
        with Platform.prepare(folder / "var", **told).serving() as platform:
            _play(platform)
            trials: dict[str, Callable[[], str]] = {
                "who pushes": partial(look.targets, metrics),
                "rules": partial(look.rules, metrics),
                "metrics that rules and boards name": partial(look.series, metrics),
                "shares of the objectives": partial(look.shares, metrics),
                "boards": partial(look.boards, metrics),
                "alerts after the stories": partial(look.alerts, metrics),
                "from a graph to a trace": partial(look.exemplars, metrics, spans),
                "spans": partial(look.attributes_of_spans, spans),
                "one filing, one trace": partial(look.one_trace, spans),
                "planted personal data": partial(look.forbidden, metrics, spans, door),
                "a signal that is missing": partial(look.missing, metrics, platform),
            }
            found = []
            for what, look_at in trials.items():
                found.append((what, look_at()))
                print(f"{what}: {found[-1][1]}", flush=True)
            return found


def _play(platform: Platform) -> None:
    """The stories, without the traces: no spans are written to files."""
    command = (sys.executable, "-m", "kit.cli", "demo", "--no-traces")
    done = subprocess.run(command, cwd=ROOT, env=os.environ | platform.environment, capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    sys.exit(main())
