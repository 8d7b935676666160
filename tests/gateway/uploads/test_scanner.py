"""clamd's protocol against a clamd of our own on a socket file."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.uploads import scanner
from gateway.uploads.scanner import Clamd, chosen, nothing
from kit.errors import Kind, Refusal
from kit.settings import Settings

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"


def verdict(content: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


async def read_stream(reader: asyncio.StreamReader) -> bytes:
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(size)
    return content


@asynccontextmanager
async def clamd(path: Path, answer: Callable[[bytes], bytes]) -> AsyncIterator[Clamd]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await read_stream(reader)))
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, path / "clamd.sock")
    async with server:
        yield Clamd("", 0, str(path / "clamd.sock"))


async def test_a_clean_file_passes(tmp_path) -> None:
    seen: list[bytes] = []
    content = bytes(range(256)) * 1_000

    def answer(received: bytes) -> bytes:
        seen.append(received)
        return verdict(received)

    async with clamd(tmp_path, answer) as scan:
        await scan(io.BytesIO(content))
    assert seen == [content]


async def test_an_infected_file_is_refused(tmp_path, caplog) -> None:
    async with clamd(tmp_path, verdict) as scan:
        with pytest.raises(Refusal) as refused:
            await scan(io.BytesIO(b"x" * 99 + EICAR))
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "upload.infected")
    assert "refused" in caplog.text


@pytest.mark.parametrize(
    "said", [b"", b"OK", b"stream: ", b"stream: size limit exceeded. ERROR\0", b"UNKNOWN COMMAND\0"]
)
async def test_any_other_answer_is_none(tmp_path, said: bytes) -> None:
    async with clamd(tmp_path, lambda _: said) as scan:
        with pytest.raises(Refusal) as refused:
            await scan(io.BytesIO(b"x"))
    assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "upload.scanner_away")


async def test_a_scanner_that_is_away_is_a_refusal(tmp_path) -> None:
    with pytest.raises(Refusal) as refused:
        await Clamd("", 0, str(tmp_path / "none"))(io.BytesIO(b"x"))
    assert refused.value.code == "upload.scanner_away"


async def test_a_silent_scanner_is_a_refusal(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(scanner, "SECONDS", 0.1)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(silent, tmp_path / "s"):
        with pytest.raises(Refusal) as refused:
            await Clamd("", 0, str(tmp_path / "s"))(io.BytesIO(b"x"))
    assert refused.value.code == "upload.scanner_away"


def test_the_setting_chooses(caplog) -> None:
    assert chosen(Settings(scanner="tcp://clamav:3310")) == Clamd("clamav", 3310, "")
    assert chosen(Settings(scanner="unix:///run/c.sock")) == Clamd("", 0, "/run/c.sock")
    assert chosen(Settings(scanner="", profile="test")) is nothing
    assert caplog.text == ""
    for wrong in ("clamav:3310", "http://clamav", "tcp://", "unix:"):
        with pytest.raises(ValueError, match="MINZHENG_SCANNER"):
            chosen(Settings(scanner=wrong))


def test_production_without_a_scanner_is_told_loudly(caplog) -> None:
    chosen(Settings(scanner="", profile="production"))
    assert "NOT SCANNED" in caplog.text
