"""The load generator: one process, bare asyncio sockets, a fixed number of requests in flight.

`python -m tests.bench.load FILE` reads a plan (JSON) and prints what it saw. It parses no more of
an answer than its status and length, so that it is not what is measured; its own CPU is told.
"""

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
SECONDS = 120.0


@dataclass
class Work:
    """Requests that are left, and what became of the others."""

    requests: Iterator[bytes]
    pace: float = 0
    """Requests a second, evenly; 0: as fast as they are answered."""
    limit: float = SECONDS
    """An answer counts as good within so many seconds of when its request was due."""
    began: float = field(default_factory=time.perf_counter)
    begun: int = 0
    good: int = 0
    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    sample: str = ""
    """The first answer that was no success."""

    def next(self) -> tuple[bytes | None, float]:
        """A request and how many seconds it has to wait; None when nothing is left."""
        request = next(self.requests, None)
        due = self.began + self.begun / self.pace if self.pace else 0.0
        self.begun += 1
        return request, max(0.0, due - time.perf_counter())

    def done(self, seconds: float, status: str, answer: bytes) -> None:
        """Note an answer."""
        self.seconds.append(seconds)
        self.good += status[0] == "2" and seconds <= self.limit
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status[0] != "2" and not self.sample:
            self.sample = answer.decode(errors="replace")[-600:]


class Connection(asyncio.Protocol):
    """Sends a request when the one before it is answered."""

    def __init__(self) -> None:
        self.buffer = b""
        self.transport: Any = None
        self.work: Work | None = None
        self.idle: asyncio.Future[None] | None = None
        self.sent = 0.0

    def connection_made(self, transport: Any) -> None:
        """Keep the way out."""
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that closes ends the work of this connection."""
        if self.idle is not None and not self.idle.done():
            self.idle.set_exception(ConnectionError("the server closed the connection"))

    def begin(self, work: Work) -> "asyncio.Future[None]":
        """Work until no request is left."""
        self.work, self.idle = work, asyncio.get_running_loop().create_future()
        self._next()
        return self.idle

    def _next(self) -> None:
        assert self.work is not None
        assert self.idle is not None
        request, wait = self.work.next()
        if request is None:
            self.idle.set_result(None)
        elif wait:
            asyncio.get_running_loop().call_later(wait, self._send, request)
        else:
            self._send(request)

    def _send(self, request: bytes) -> None:
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect an answer; the next request follows when it is whole."""
        self.buffer += data
        at = self.buffer.find(END)
        if at < 0:
            return
        length = LENGTH.search(self.buffer, 0, at)
        if len(self.buffer) < at + len(END) + int(length[1] if length else 0):
            return
        assert self.work is not None
        took = time.perf_counter() - self.sent
        self.work.done(took, self.buffer[9:12].decode(), self.buffer)
        self.buffer = b""
        self._next()


async def play(plan: dict[str, Any]) -> dict[str, Any]:
    """Warm up, then send everything; figures of the second part only."""
    loop = asyncio.get_running_loop()
    # In turn, so that two processes of one service get the same number of connections.
    made = [
        await loop.create_connection(Connection, "127.0.0.1", plan["ports"][n % len(plan["ports"])])
        for n in range(plan["connections"])
    ]
    requests = [text.encode() for text in plan["requests"]]
    connections = [protocol for _, protocol in made]
    await _pass(connections, Work(iter(requests[: plan["warm"]])))
    rest = iter(requests[plan["warm"] :])
    work = Work(rest, plan.get("pace", 0), plan.get("limit", SECONDS))
    began, cpu = time.perf_counter(), _cpu()
    clock = time.time()
    await _pass(connections, work)
    seconds = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    return _told(work, seconds, _cpu() - cpu) | {"began": clock, "ended": time.time()}


async def _pass(connections: list[Connection], work: Work) -> None:
    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*(connection.begin(work) for connection in connections))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _told(work: Work, seconds: float, cpu: float) -> dict[str, Any]:
    found = sorted(work.seconds)
    return {
        "count": len(found),
        "seconds": seconds,
        "rate": len(found) / seconds,
        "good": work.good / seconds,
        "p50_ms": 1000 * found[len(found) // 2],
        "p95_ms": 1000 * found[min(len(found) - 1, len(found) * 95 // 100)],
        "p99_ms": 1000 * found[min(len(found) - 1, len(found) * 99 // 100)],
        "load_cpu": cpu / seconds,
        "statuses": work.statuses,
        "sample": work.sample,
    }


if __name__ == "__main__":
    told = uvloop.run(play(json.loads(Path(sys.argv[1]).read_text())))
    print(json.dumps(told))
