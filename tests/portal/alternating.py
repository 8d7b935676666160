"""A second gateway, and a proxy that sends a browser's requests to both in turn, as an ingress does."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kit.embedded.apart import free_ports
from kit.embedded.running import run_folder
from tests.faults.replicas import wait_for
from tests.platform import ROOT, Platform

END = b"\r\n\r\n"
DROPPED = (b"proxy-connection:", b"connection:")


@dataclass
class Alternating:
    """An HTTP proxy: what is for `door` goes to the gateways in turn, all else where it wants to go."""

    door: int
    gateways: list[int]
    served: Counter[int] = field(default_factory=Counter)
    """Requests answered by each gateway."""
    passed_over: int = 0
    """Requests that met a gateway that is gone, and went to the next one."""
    running: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.running.add(task)
        far = None
        try:
            head = await reader.readuntil(END)
            body = await reader.readexactly(length(head))
            asked = urlsplit(head.split(b" ", 2)[1].decode())
            near, far = await self._reach(asked.port or 80)
            far.write(relative(head, asked.path, asked.query) + body)
            while some := await near.read(65536):
                writer.write(some)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the browser or the gateway went
        finally:
            self.running.discard(task)
            for end in (far, writer):
                if end is not None:
                    end.close()

    async def _reach(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if port != self.door:
            return await asyncio.open_connection("127.0.0.1", port)
        self._turn += 1
        for offset in range(len(self.gateways)):
            chosen = self.gateways[(self._turn + offset) % len(self.gateways)]
            try:
                found = await asyncio.open_connection("127.0.0.1", chosen)
            except OSError:
                self.passed_over += 1
                continue
            self.served[chosen] += 1
            return found
        raise ConnectionError("no gateway is there")


def length(head: bytes) -> int:
    """Octets of the body."""
    named = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    return int(named.get(b"content-length", b"0"))


def relative(head: bytes, path: str, query: str) -> bytes:
    """The head as a server takes it, which closes when it has answered."""
    first, *lines = head.removesuffix(END).split(b"\r\n")
    method, _, version = first.split(b" ")
    target = (path or "/") + (f"?{query}" if query else "")
    kept = [line for line in lines if not line.lower().startswith(DROPPED)]
    return b"\r\n".join([b" ".join([method, target.encode(), version]), *kept, b"connection: close"]) + END  # fmt: skip


@contextmanager
def second_gateway(
    platform: Platform,
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """One more process of the gateway alone, and its port; killed at the end."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="minzheng-") as sockets:
        own = {
            "MINZHENG_HTTP_PORT": str(port),
            "MINZHENG_ADDRESS": f"unix:{run_folder(platform.var)}/{{service}}.sock",
            "MINZHENG_LISTEN": f"unix:{sockets}/gateway.sock",
        }
        with (platform.var / "second_gateway.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "kit.cli", "serve", "gateway"],
                cwd=ROOT, env=os.environ | platform.environment | own, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            wait_for(platform, port, process)
            yield process, port
        finally:
            process.kill()
            process.wait(20)


@asynccontextmanager
async def alternating(platform: Platform, port: int) -> AsyncIterator[tuple[Alternating, str]]:
    """The proxy before the platform's gateway and the one at `port`; its address."""
    door = int(platform.environment["MINZHENG_HTTP_PORT"])
    found = Alternating(door, [door, port])
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    async with server:
        yield found, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        left = list(found.running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
