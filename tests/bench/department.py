"""A department's address as a process of its own: takes everything, notes when each organization came.

`python -m tests.bench.department CERTIFICATE HOST` prints its port; `GET` answers, as JSON, the
moments of the first delivery by organization, the number of deliveries, and forgets them.
"""

import asyncio
import json
import re
import ssl
import sys
import time
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEY = re.compile(rb'"partitionkey": *"([^"]+)"')
END = b"\r\n\r\n"
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Address:
    """What came since it was last asked."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.count = 0

    def take(self, body: bytes) -> None:
        """Note a delivery."""
        self.count += 1
        key = KEY.search(body)
        if key is not None:
            self.first.setdefault(key[1].decode(), time.time())

    def told(self) -> bytes:
        """All of it, once."""
        body = json.dumps({"first": self.first, "count": self.count}).encode()
        self.first, self.count = {}, 0
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Connection(asyncio.Protocol):
    """Answers requests in their order."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self.buffer += data
        while (at := self.buffer.find(END)) >= 0:
            length = LENGTH.search(self.buffer, 0, at)
            end = at + len(END) + int(length[1] if length else 0)
            if len(self.buffer) < end:
                return
            body, head, self.buffer = self.buffer[at:end], self.buffer[:at], self.buffer[end:]
            if head.startswith(b"GET"):
                self.transport.write(self.address.told())
            else:
                self.address.take(body)
                self.transport.write(TAKEN)


async def serve(certificate: str, host: str) -> None:
    """Serve until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    address, loop = Address(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(address), host, 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], sys.argv[2]))
