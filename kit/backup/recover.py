"""A server brought back to a second: a fresh data folder from a base, then the log up to there."""

import asyncio
import gzip
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from cryptography.exceptions import InvalidTag

from kit.backup import archive
from kit.backup.base import opened
from kit.backup.folder import NAMED, Base, log_of, place, usable
from kit.backup.seal import private_key
from kit.embedded.postgres import Postgres, end_leftovers
from kit.embedded.roles import superuser
from kit.embedded.sentences import StartError
from kit.embedded.unprivileged import Account, account_for, run
from kit.settings import Settings

PATIENCE = 4 * 3600.0
"""Seconds the log may take to be read."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """From what, to which second, and in how many seconds each step."""

    base: Base
    to: datetime | None
    unpacked: float
    replayed: float
    set_aside: Path | None
    """Where the data folder went that stood there before."""


@contextmanager
def recovered(
    config: Settings, to: datetime | None, key: Path | None
) -> "Iterator[tuple[Postgres, Recovered]]":
    """The server at that second, or at the last one known, running while the block does.

    `key` is the file of the private key where backups are sealed. What stood in the data folder is set
    aside, never removed. StartError: no base is old enough, the key is not the one, the base is damaged,
    or the log ends before the second; the data folder stays as it was in all cases but the last.
    """
    folder = place(config)
    base = usable(folder, to)
    server = Postgres.of(config)
    end_leftovers(server.data)
    began = time.monotonic()
    account = account_for(server.data, server.programs)
    with _lent(_needed(folder, base, key), account) as lent:
        made = _unpack(base, server, account, key)
        aside = _set_aside(server.data)
        made.rename(server.data)
        _sync(server.data.parent)
        unpacked = time.monotonic()
        server.options = {**server.options, **_target(folder, to, aside, lent)}
        server.patience = PATIENCE
        _start(server, config, to)
        said = Recovered(base, to, unpacked - began, time.monotonic() - unpacked, aside)
    try:
        yield server, said
    finally:
        server.stop()


def _needed(folder: Path, base: Base, key: Path | None) -> Path | None:
    """The private key where something is sealed; StartError where there is none then."""
    if not base.sealed and not any(log_of(folder).glob(f"*{archive.SEALED}")):
        return None
    private_key(key)
    return key


@contextmanager
def _lent(key: Path | None, account: Account) -> Iterator[Path | None]:
    """The private key as a file of the server's account, while it reads the log."""
    if key is None:
        yield None
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(key.read_bytes())
        file.flush()
        account.own(Path(file.name))
        yield Path(file.name)


def _set_aside(data: Path) -> Path | None:
    if not data.exists():
        return None
    aside = data.with_name(f"{data.name}.before-{datetime.now(UTC):{NAMED}}")
    data.rename(aside)
    return aside


def _unpack(base: Base, server: Postgres, account: Account, key: Path | None) -> Path:
    """The base as a data folder beside its place, every file held against the list the server made of them."""
    data = server.data.with_name(f"{server.data.name}.new")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700, parents=True)
    try:
        with opened(base, key) as content, tarfile.open(fileobj=content, mode="r|") as tar:
            _extract(tar, data)
    except (InvalidTag, EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError) as error:
        raise StartError(f"备份已损坏 this base is damaged: {base.folder}") from error
    older = base.folder / "backup_manifest"
    if older.exists():
        shutil.copy2(older, data)
    (data / "recovery.signal").touch()
    for path in (data, *data.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        account.own(path)
    # Of the log it has nothing; an older one has, which is read again from the archive.
    given = ("--ignore=recovery.signal", "--no-parse-wal", "--quiet", data)
    run(account, (server.programs / "pg_verifybackup", *given), cwd="/")
    return data


def _extract(tar: tarfile.TarFile, data: Path) -> None:
    """Files and folders, inside only. TarError for others; Python's own filter is younger than 3.11.0."""
    for member in tar:
        name = PurePosixPath(member.name)
        content = tar.extractfile(member) if member.isfile() else None
        if not (content or member.isdir()) or name.is_absolute() or ".." in name.parts:
            raise tarfile.TarError(member.name)
        folder = data / (name.parent if content else name)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if content:
            with content, (data / name).open("xb") as file:
                shutil.copyfileobj(content, file)


def _start(server: Postgres, config: Settings, to: datetime | None) -> None:
    """Read the log up to the second and open for writes. StartError where the log ends before."""
    server.start()
    # It accepts readers while it still reads the log; the file goes when it has ended.
    while (server.data / "recovery.signal").exists():
        if not server.running:
            server.stop()
            raise StartError(
                f"日志未到达 {to}，或其中一段已损坏，详见 {server.log}\n"
                f"The archived log does not reach {to} (leave out --to for the last second known),"
                f" or a piece of it is damaged. Log: {server.log}"
            )
        time.sleep(0.1)
    while asyncio.run(_reads(config)):
        time.sleep(0.1)


async def _reads(config: Settings) -> bool:
    """Still reading the log, open for nobody's writes."""
    connection = await superuser("postgres", config)
    try:
        return bool(await connection.fetchval("SELECT pg_is_in_recovery()"))
    finally:
        await connection.close()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _target(
    folder: Path, to: datetime | None, aside: Path | None, key: Path | None
) -> dict[str, str]:
    left = aside / "pg_wal" if aside else None
    fetch = archive.way_back(log_of(folder), left, key)
    found = {"restore_command": fetch, "recovery_target_action": "promote"}
    return found | ({"recovery_target_time": to.isoformat()} if to else {})
