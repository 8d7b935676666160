"""Prometheus and the collector with the configuration of deploy/observability: only addresses are other ones."""

import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.compose.stack import answers, until
from tests.house.test_files import ROOT
from tests.watching.programs import built
from tests.watching.tool import RULES

CONFIGURED = ROOT / "deploy" / "observability"
MOUNTED = "/etc/prometheus/rules"
START_SECONDS = 30


def free() -> int:
    """A port of loopback."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def options(service: str) -> list[str]:
    """What compose.observability.yml starts a service with."""
    told = yaml.safe_load((ROOT / "compose.observability.yml").read_text("utf-8"))
    found: list[str] = told["services"][service]["command"]
    return found


def placed(file: str, addresses: Mapping[str, str], to: Path) -> Path:
    """The configuration with other addresses; AssertionError where one of them is not in it."""
    text = (CONFIGURED / file).read_text("utf-8")
    for there, here in addresses.items():
        assert there in text, f"{file} does not name {there}"
        text = text.replace(there, here)
    target = to / file
    target.write_text(text, "utf-8")
    return target


@contextmanager
def collector(folder: Path, spans: str, metrics: str) -> Iterator[str]:
    """The collector, which hands spans and metrics on; where it takes OTLP."""
    door, health = free(), free()
    addresses = {
        "0.0.0.0:4318": f"127.0.0.1:{door}", "0.0.0.0:13133": f"127.0.0.1:{health}",
        "jaeger:4317": spans, "http://prometheus:9090": metrics,
    }  # fmt: skip
    file = placed("collector.yaml", addresses, folder)
    with _running(folder, "collector", f"--config={file}"):
        _ready(f"http://127.0.0.1:{health}/")
        yield f"http://127.0.0.1:{door}"


@contextmanager
def prometheus(folder: Path) -> Iterator["Prometheus"]:
    """Prometheus with our rules, started as compose does; the platform's own rules beside them."""
    url = f"http://127.0.0.1:{free()}"
    file = placed("prometheus.yaml", {MOUNTED: str(RULES)}, folder)
    given = [one for one in options("prometheus") if not one.startswith(("--config", "--storage"))]
    own = (f"--config.file={file}", f"--storage.tsdb.path={folder / 'series'}")
    with _running(folder, "prometheus", *own, *given, f"--web.listen-address={url[7:]}"):
        _ready(f"{url}/-/ready")
        yield Prometheus(url)


@contextmanager
def _running(folder: Path, name: str, *arguments: str) -> Iterator[None]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen((built(name), *arguments), stdout=output, stderr=output, cwd=folder)  # fmt: skip
    try:
        yield
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{log.read_text()[-3000:]}") from error
    finally:
        process.terminate()
        process.wait(30)


def _ready(url: str) -> None:
    until(url, lambda: answers(url), START_SECONDS)


class Prometheus:
    """What it can be asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **query: str) -> Any:
        """Data of an answer; RuntimeError with what it says where it refuses."""
        asked = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - loopback
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{asked}: {error.read().decode()[:500]}") from error

    def series(self, expression: str) -> list[Any]:
        """What an expression finds now."""
        found: list[Any] = self.ask("query", query=expression)["result"]
        return found

    def metrics(self) -> set[str]:
        """Names it has series of."""
        return set(self.ask("label/__name__/values"))

    def rules(self) -> list[Mapping[str, Any]]:
        """All rules with their health."""
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
