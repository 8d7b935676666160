"""A base: the whole server copied while it works, by pg_basebackup, sealed before it reaches the folder."""

import gzip
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader, RawIOBase
from itertools import chain
from pathlib import Path
from typing import IO

from kit.backup.folder import NAMED, PLAIN, SEALED, Base, pieces, tell
from kit.backup.seal import certificate_of, open_key, private_key, seal_key
from kit.embedded.postgres import superuser_password, wheel_bindir
from kit.embedded.sentences import StartError
from kit.sealing import KEY, PIECE, sealed, unsealed
from kit.settings import Settings

# The log is not in it: the server ends a base when every piece that it needs lies in the archive.
GIVEN = ("-D", "-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--no-password")
WARNINGS = "-c client_min_messages=warning"


def take(config: Settings, folder: Path) -> Base:
    """Copy the running server into the folder. StartError when that fails or its log does not go there."""
    certificate = certificate_of(config)
    begun = datetime.now(UTC)
    target = folder / "base" / f"{begun:{NAMED}}"
    target.mkdir(mode=0o700, parents=True)
    try:
        first = _copy(config, target, certificate)
        if not any(file.stem == first for file in pieces(folder)):
            raise StartError(
                "数据库未向备份目录归档，请重新启动平台。\n"
                "The server does not archive into this folder: start the platform again."
            )
    except BaseException:
        shutil.rmtree(target)
        raise
    size = sum(file.stat().st_size for file in target.iterdir())
    base = Base(target, begun, datetime.now(UTC), size, first)
    tell(base)
    return base


def _copy(config: Settings, target: Path, certificate: Path | None) -> str:
    """The server's tar into the target; answers the first piece of the log it needs."""
    program = (config.postgres_bindir or wheel_bindir()) / "pg_basebackup"
    server = ("-h", config.postgres_host, "-p", str(config.postgres_port), "-U", "postgres")
    password = superuser_password(config.secret_folder)
    environment = os.environ | {"PGPASSWORD": password, "PGOPTIONS": WARNINGS}
    with subprocess.Popen(
        [program, *server, *GIVEN], env=environment, stdout=subprocess.PIPE
    ) as copying:
        assert copying.stdout is not None
        head = copying.stdout.read(PIECE)
        _keep(_compressed(head, copying.stdout), target, certificate)
    if copying.returncode:
        raise StartError("备份失败，原因见上 the backup failed; why is said above")
    return first_piece(head)


def _keep(content: Iterator[bytes], target: Path, certificate: Path | None) -> None:
    """Write it; sealed: behind a key of its own, which is sealed with the certificate."""
    name = PLAIN
    if certificate is not None:
        name, key, place = SEALED, os.urandom(KEY), target.name
        readable = BufferedReader(_Readable(content), PIECE)
        content = chain([seal_key(certificate, key, place)], sealed(readable, key, place))
    with (target / name).open("wb") as stream:
        stream.writelines(content)
        stream.flush()
        os.fsync(stream.fileno())


def _compressed(head: bytes, rest: IO[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for part in chain([head], iter(lambda: rest.read(PIECE), b"")):
        yield packer.compress(part)
    yield packer.flush()


def first_piece(head: bytes) -> str:
    """Name of the first piece of the log a base needs, as its label says, with which its tar begins."""
    found = re.search(rb"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)\n", head)
    if found is None:
        raise StartError("备份不完整 this is no base")
    return found[1].decode()


@contextmanager
def opened(base: Base, key: Path | None) -> Iterator[gzip.GzipFile]:
    """Its tar, the manifest last. StartError where the private key is not the one.

    While read: InvalidTag, EOFError, gzip.BadGzipFile or zlib.error where it is damaged.
    """
    if not base.sealed:
        with gzip.open(base.folder / PLAIN) as tar:
            yield tar
        return
    private, place = private_key(key), base.folder.name
    with (base.folder / SEALED).open("rb") as file:
        parts = unsealed(file, open_key(private, file, place), place)
        with gzip.open(BufferedReader(_Readable(parts), PIECE)) as tar:
            yield tar


class _Readable(RawIOBase):
    """Parts of a content, read as a file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.held = parts, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self.held and (part := next(self.parts, None)) is not None:
            self.held = part
        size = min(len(buffer), len(self.held))
        buffer[:size], self.held = self.held[:size], self.held[size:]
        return size
