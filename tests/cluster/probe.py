"""What runs in a pod of the trial `wire`: it listens at every port, and tries those of others when asked.

`serve ADDRESS PORT...` stays; `ask` reads pairs of address and port and writes those that were reached.
A port is `53` or `53/UDP`. Needs nothing but Python: pods get it as text.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

PATIENCE = 2.0
AT_ONCE = 500


class Echo(asyncio.DatagramProtocol):
    """Sends back what comes."""

    def connection_made(self, transport: Any) -> None:
        """Keep the socket."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Send it back."""
        self.transport.sendto(data, addr)


class Heard(asyncio.DatagramProtocol):
    """Waits for an answer."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """It came."""
        self._told(True)

    def error_received(self, exc: Exception) -> None:
        """It was refused."""
        self._told(False)

    def _told(self, reached: bool) -> None:
        if not self.answer.done():
            self.answer.set_result(reached)


async def serve(address: str, ports: Sequence[str]) -> None:
    """Listen for good."""
    loop = asyncio.get_running_loop()
    for port in ports:
        number, _, udp = port.partition("/")
        if udp:
            await loop.create_datagram_endpoint(Echo, (address, int(number)))
        else:
            await asyncio.start_server(lambda _, writer: writer.close(), address, int(number))
    await asyncio.Event().wait()


async def reached(address: str, port: str) -> bool:
    """It answers there."""
    number, _, udp = port.partition("/")
    try:
        async with asyncio.timeout(PATIENCE):
            if udp:
                return await echoed(address, int(number))
            _, writer = await asyncio.open_connection(address, int(number))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def echoed(address: str, port: int) -> bool:
    """A datagram comes back."""
    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(Heard, remote_addr=(address, port))
    try:
        transport.sendto(b"?")
        return await heard.answer
    finally:
        transport.close()


async def ask(doors: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the doors that are open."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(door: tuple[str, str]) -> bool:
        async with room:
            return await reached(*door)

    found = await asyncio.gather(*map(one, doors))
    return [door for door, opened in zip(doors, found, strict=True) if opened]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(sys.argv[2], sys.argv[3:]))
    else:
        print(json.dumps(asyncio.run(ask(json.load(sys.stdin)))))
