"""A platform with two replicas of every workload, and a client's way to both."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from kit.embedded.apart import answers, free_ports
from tests.faults.second import FOLDER
from tests.platform import ROOT, START_SECONDS, Platform

WORKLOADS = ("gateway", "filing", "notifications", "supervision")


class Doors(httpx.AsyncHTTPTransport):
    """Sends requests to several gateways in turn: a request sent again meets another one."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__()
        self.ports = itertools.cycle(ports)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Through the next door."""
        request.url = request.url.copy_with(port=next(self.ports))
        return await super().handle_async_request(request)


@contextmanager
def second(platform: Platform) -> Iterator[int]:
    """The second replicas while the block runs; the port of their gateway."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="minzheng-") as sockets:
        own = {
            "MINZHENG_HTTP_PORT": str(port),
            "MINZHENG_ADDRESS": f"unix:{sockets}/{{service}}.sock",
        }
        with (platform.var / "second.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.second"],
                cwd=ROOT,
                env=os.environ | platform.environment | own,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for(platform, port, process)
            yield port
        finally:
            process.terminate()
            assert process.wait(60) == 0


def wait_for(platform: Platform, port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when the second door is open; AssertionError with the log's end."""
    door = platform.environment | {"MINZHENG_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    end = time.monotonic() + START_SECONDS
    while not answers(door):
        assert process.poll() is None, (platform.var / "second.log").read_text()[-3000:]
        assert time.monotonic() < end, "the second replicas do not start"
        time.sleep(0.1)


def pids(platform: Platform) -> dict[str, int]:
    """Process ids of both replicas, the second ones as `filing 2`."""
    return _pids(platform.var) | {
        f"{name} 2": pid for name, pid in _pids(platform.var / FOLDER).items()
    }


def _pids(var: Path) -> dict[str, int]:
    state = var / "run" / "processes.json"
    rows = json.loads(state.read_text())["processes"] if state.exists() else []
    return {row["name"]: row["pid"] for row in rows}
