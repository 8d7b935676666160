"""HTTP to departments' addresses and nowhere else.

The host is resolved once a connection, every address it has must lie in a registered network the
province still allows, and the socket goes to exactly the address that was looked at; the name
stays in TLS. No redirect is followed, no proxy of the environment asked, no cookie kept.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpcore

from gateway.queue.retry_after import retry_after
from gateway.subscriptions.domain.address import Network, Target, inside, plain

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
LOOKUPS = 64
"""Names looked up side by side: a name server that is silent for one department delays no other."""
KEPT = 4
KEPT_SECONDS = 30.0
MOST_BYTES = 16_384
"""Of an answer that is read; nothing in it matters."""


class AddressRefused(Exception):
    """The host resolved to an address outside what two persons registered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: an outcome of the contract, a status, the time asked for."""

    outcome: str
    status: int = 0
    asked: timedelta = timedelta()


def resolver() -> Resolve:
    """Names by the system, in threads of its own."""
    threads = ThreadPoolExecutor(LOOKUPS, "names")

    async def resolve(host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(entry[4][0]) for entry in found]

    return resolve


@dataclass(frozen=True)
class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the addresses of one target only."""

    target: Target
    allowed: Sequence[Network]
    resolve: Resolve
    plain: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, look, connect to the address looked at. Raises AddressRefused."""
        address = await self.checked(host, port)
        return await self.plain.connect_tcp(address, port, timeout, local_address, socket_options)

    async def checked(self, host: str, port: int) -> str:
        """An address of the host; AddressRefused unless all of them are registered and allowed."""
        found = await self.resolve(host, port)
        registered = all(self.target.holds(one) for one in found)
        permitted = all(inside(plain(one), self.allowed) for one in found)
        if not found or not registered or not permitted or port != self.target.port:
            raise AddressRefused
        return str(plain(found[0]))

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """No department lives on a socket of this machine."""
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self.plain.sleep(seconds)


@dataclass
class Outbound:
    """Posts to targets; connections are kept for a short while, for each target apart."""

    allowed: Sequence[Network]
    context: ssl.SSLContext
    patience: float
    """Seconds an address has for everything: name, connection, answer."""
    resolve: Resolve = field(default_factory=resolver)
    pools: dict[Target, httpcore.AsyncConnectionPool] = field(default_factory=dict)

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        """One attempt; never raises for what the other end does."""
        try:
            async with asyncio.timeout(self.patience):
                return await self._post(target, headers, body)
        except AddressRefused:
            return Answer("ADDRESS")
        except (TimeoutError, httpcore.TimeoutException):
            return Answer("TIMEOUT")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            return Answer("TLS" if is_tls(error) else "UNREACHABLE")

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        host = f"[{target.host}]" if ":" in target.host else target.host
        url = httpcore.URL(f"https://{host}:{target.port}{target.path}")
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        name = (b"host", f"{host}:{target.port}".encode())
        async with self._pool(target).stream(
            "POST", url, headers=[name, *sent], content=body
        ) as response:
            await skim(response)
            return answer_of(response)

    def _pool(self, target: Target) -> httpcore.AsyncConnectionPool:
        if target not in self.pools:
            self.pools[target] = httpcore.AsyncConnectionPool(
                ssl_context=self.context,
                max_keepalive_connections=KEPT,
                keepalive_expiry=KEPT_SECONDS,
                network_backend=Pinned(target, self.allowed, self.resolve),
            )
        return self.pools[target]

    async def close(self) -> None:
        """Close what is kept."""
        for pool in self.pools.values():
            await pool.aclose()
        self.pools.clear()


async def skim(response: httpcore.Response) -> None:
    """Read a short answer so that its connection can be kept; leave a long one."""
    size = 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        if size > MOST_BYTES:
            return


def answer_of(response: httpcore.Response) -> Answer:
    """Any 2xx is done; 3xx is a failure, 410 the end."""
    status = response.status
    if 200 <= status < 300:
        return Answer("DELIVERED", status)
    if status == 410:
        return Answer("GONE", status)
    if 300 <= status < 400:
        return Answer("REDIRECT", status)
    return Answer("STATUS", status, asked_of(response) if status in (429, 503) else timedelta())


def asked_of(response: httpcore.Response) -> timedelta:
    """Time of a Retry-After."""
    found = (v for name, v in response.headers if name.lower() == b"retry-after")
    return retry_after(next(found, b"").decode("latin-1"))


def is_tls(error: BaseException | None) -> bool:
    """The certificate or the handshake was the trouble."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
