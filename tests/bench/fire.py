"""Requests as bytes, sent by the load generator; what came of it, and what CPU it cost whom."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from kit.embedded.processes import family
from tests.platform import ROOT


def post(path: str, token: str, body: str, key: str) -> str:
    """A change."""
    return _request("POST", path, token, f"Idempotency-Key: {key}\r\n", body)


def get(path: str, token: str) -> str:
    """A reading."""
    return _request("GET", path, token, "", "")


def _request(method: str, path: str, token: str, more: str, body: str) -> str:
    length = len(body.encode())
    json_ = f"Content-Type: application/json\r\nContent-Length: {length}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}{more}{json_}\r\n{body}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a volley showed."""

    rate: float
    """Answers a second."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    load_cpu: float
    """Share of one core that the load generator took."""
    cpu_ms: Mapping[str, float]
    """CPU milliseconds a request, by group of processes."""


async def fire(
    ports: Sequence[int],
    requests: Sequence[str],
    *,
    warm: int,
    connections: int = 32,
    pace: float = 0,
    groups: Mapping[str, Sequence[int]] | None = None,
) -> Heard:
    """Send the first `warm` requests unmeasured, the others measured, `pace` of them a second (0: all).

    `groups` are processes (with their descendants) whose CPU is told. RuntimeError for any answer
    that is no success: a figure with refusals in it says nothing.
    """
    plan = {
        "ports": ports,
        "connections": connections,
        "warm": warm,
        "pace": pace,
        "requests": requests,
    }
    groups = groups or {}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        before = {name: sum(map(cpu, pids)) for name, pids in groups.items()}
        told = await _load(Path(file.name))
        after = {name: sum(map(cpu, pids)) for name, pids in groups.items()}
    failed = {status: n for status, n in told["statuses"].items() if status[0] != "2"}
    if failed:
        raise RuntimeError(f"answers that are no success: {failed}; the first: {told['sample']}")
    each = {n: 1000 * (after[n] - before[n]) / len(requests) for n in groups}
    p50, p95, p99 = (told[f"p{n}_ms"] for n in (50, 95, 99))
    return Heard(told["rate"], p50, p95, p99, told["load_cpu"], each)


async def flood(
    ports: Sequence[int], requests: Sequence[str], *, pace: float, connections: int, limit: float
) -> Any:
    """Send more than can be answered; refusals are answers here. What the load generator tells."""
    plan = {"ports": ports, "connections": connections, "warm": 0, "pace": pace, "limit": limit, "requests": requests}  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        return await _load(Path(file.name))


async def _load(plan: Path) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load", str(plan),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    out, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load generator failed: {errors.decode()[-800:]}")
    return json.loads(out)


def cpu(pid: int) -> float:
    """CPU seconds of a process and its descendants so far, ended children included."""
    total = 0.0
    for one in family(pid):
        try:
            times = psutil.Process(one).cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
        total += times.children_user + times.children_system if one == pid else 0.0
    return total
