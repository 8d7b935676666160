"""A department's end for tests: a small HTTPS server on loopback, and the authority it is certified by."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCAL = "127.9.0.1"
"""Where a department lives in tests: apart from everything else on loopback."""
NAME = "sub.dept.example.cn"


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Reply:
    """What the department answers."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Behavior = Callable[[Received], Awaitable[Reply | None]]
"""What is answered to a request; None: the connection is cut."""


async def accept(_: Received) -> Reply:
    """Everything is fine."""
    return Reply()


def always(status: int, **headers: str) -> Behavior:
    """The same status for everything."""

    async def answer(_: Received) -> Reply:
        return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()})

    return answer


async def black_hole(_: Received) -> Reply:
    """Takes everything and never answers."""
    await asyncio.Event().wait()
    raise AssertionError("never")


class Authority:
    """A certificate authority of the government network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        made = self._certificate(self.name, self.key.public_key(), datetime.now(UTC))
        self.file = folder / "ca.pem"
        self.certificate = made.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        ).sign(self.key, hashes.SHA256())
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _certificate(self, subject: x509.Name, key: Any, begins: datetime, days: int = 1) -> Any:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins - timedelta(days=2))
            .not_valid_after(begins + timedelta(days=days))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server shows for its names and addresses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file_for(*names, expired=expired))
        return context

    def file_for(self, *names: str, expired: bool = False, days: int = 1) -> Path:
        """Certificate and key of a server, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        begins = datetime.now(UTC) - timedelta(days=30 if expired else 0)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "department")])
        alternative = x509.SubjectAlternativeName([_name(name) for name in names])
        made = self._certificate(subject, key.public_key(), begins, days).add_extension(
            alternative, critical=False
        )
        signed = made.sign(self.key, hashes.SHA256())
        file = self.folder / f"server-{signed.serial_number}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        return file

    def client(self) -> ssl.SSLContext:
        """Believes this authority only."""
        return ssl.create_default_context(cafile=str(self.file))


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


@dataclass
class Sink:
    """A department's server; what came is kept, what is answered is a behavior."""

    authority: Authority
    host: str = LOCAL
    behavior: Behavior = accept
    expired: bool = False
    received: list[Received] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    """Event ids that were answered by a 2xx, in that order."""
    connections: int = 0
    port: int = 0
    server: asyncio.Server | None = None
    open: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __aenter__(self) -> "Sink":
        context = self.authority.context(self.host, NAME, expired=self.expired)
        self.server = await asyncio.start_server(self._serve, self.host, self.port, ssl=context)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()
        for task in self.open:
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)
        await self.server.wait_closed()
        # Aborted transports close in the next turn of the loop.
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{self.host}:{self.port}/events"

    @property
    def ids(self) -> list[str]:
        """Event ids in the order of their coming."""
        return [one.event_id for one in self.received]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        self.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                self.received.append(request)
                reply = await self.behavior(request)
                if reply is None:
                    break
                if 200 <= reply.status < 300:
                    self.accepted.append(request.headers.get("webhook-id", ""))
                writer.write(_bytes(reply))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass  # the other end went, or the test is over
        finally:
            self.open.discard(task)
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split(" ")[1], headers, body)


def _bytes(reply: Reply) -> bytes:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} X\r\n{lines}\r\n".encode("latin-1") + reply.body
