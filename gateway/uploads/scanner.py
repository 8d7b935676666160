"""The virus scanner: a port, and clamd's INSTREAM as its one adapter (`MINZHENG_SCANNER`).

`tcp://host:3310` or `unix:///run/clamav/clamd.sock`; empty means that nothing is scanned. A scanner
that is chosen and does not answer refuses the upload: silence never means clean.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from kit.errors import Kind, Refusal, invalid
from kit.settings import Settings

log = logging.getLogger(__name__)
Scan = Callable[[IO[bytes]], Awaitable[None]]
"""Returns for a clean file; Refusal 422 for an infected one, 503 when it cannot be told."""
SECONDS = 30.0
CHUNK = 64 * 1024
ANSWER = 4 * 1024


def chosen(config: Settings) -> Scan:
    """The scanner of the settings; production without one is told loudly."""
    if config.scanner:
        where = urlsplit(config.scanner)
        if where.scheme not in ("tcp", "unix") or not (where.port or where.path):
            raise ValueError("MINZHENG_SCANNER is neither tcp://host:port nor unix:///path")
        return Clamd(where.hostname or "", where.port or 0, where.path)
    if config.profile == "production":
        log.warning("UPLOADS ARE NOT SCANNED FOR VIRUSES: set MINZHENG_SCANNER (clamd)")
    return nothing


async def nothing(content: IO[bytes]) -> None:
    """No scanner: nothing is claimed about the file."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd on a port or a socket file; one connection a file."""

    host: str
    port: int
    path: str

    async def __call__(self, content: IO[bytes]) -> None:
        """Scan a file."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self.ask(content)
        except (OSError, TimeoutError, asyncio.LimitOverrunError) as error:
            raise away() from error
        judge(answer)

    async def ask(self, content: IO[bytes]) -> bytes:
        """What clamd says about the file."""
        reader, writer = await (
            asyncio.open_connection(self.host, self.port)
            if self.port
            else asyncio.open_unix_connection(self.path)
        )
        try:
            await send(content, writer)
            return await reader.read(ANSWER)
        finally:
            writer.close()


async def send(content: IO[bytes], writer: asyncio.StreamWriter) -> None:
    """The file in chunks, each after its length; a length of zero ends it."""
    writer.write(b"zINSTREAM\0")
    content.seek(0)
    while chunk := content.read(CHUNK):
        writer.write(len(chunk).to_bytes(4, "big") + chunk)
        await writer.drain()
    writer.write(bytes(4))
    await writer.drain()


def judge(answer: bytes) -> None:
    """`stream: OK`, `stream: <name> FOUND`; whatever else is no answer."""
    told = answer.rstrip(b"\0\n")
    if told == b"stream: OK":
        return
    if told.startswith(b"stream: ") and told.endswith(b" FOUND"):
        log.warning("the scanner refused an upload")
        raise invalid("upload.infected", "文件被病毒扫描拦截，请检查您的设备后重新制作文件。")
    raise away()


def away() -> Refusal:
    """503: the file is not kept."""
    log.error("the scanner at MINZHENG_SCANNER does not answer")
    return Refusal(
        Kind.UNAVAILABLE, "upload.scanner_away", "病毒扫描暂不可用，文件未保存，请稍后再上传。"
    )
