"""A server brought back to a second: a fresh data folder from a base, then the log up to there."""

import asyncio
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kit.backup.archive import way_back
from kit.backup.folder import NAMED, Base, log_of, place, usable
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
def recovered(config: Settings, to: datetime | None) -> "Iterator[tuple[Postgres, Recovered]]":
    """The server at that second, or at the last one known, running while the block does.

    What stood in the data folder is set aside, never removed. StartError: no base is old enough, the
    base is damaged, or the log ends before the second.
    """
    folder = place(config)
    base = usable(folder, to)
    server = Postgres.of(config)
    end_leftovers(server.data)
    began = time.monotonic()
    aside = _set_aside(server.data)
    account = account_for(server.data, server.programs)
    _unpack(base, server, account)
    unpacked = time.monotonic()
    server.options = {**server.options, **_target(folder, to, aside)}
    server.patience = PATIENCE
    _start(server, config, to)
    said = Recovered(base, to, unpacked - began, time.monotonic() - unpacked, aside)
    try:
        yield server, said
    finally:
        server.stop()


def _set_aside(data: Path) -> Path | None:
    if not data.exists():
        return None
    aside = data.with_name(f"{data.name}.before-{datetime.now(UTC):{NAMED}}")
    data.rename(aside)
    return aside


def _unpack(base: Base, server: Postgres, account: Account) -> None:
    """The base as a data folder, every file held against the list the server made of them."""
    data = server.data.with_name(f"{server.data.name}.new")
    shutil.rmtree(data, ignore_errors=True)
    (data / "pg_wal").mkdir(mode=0o700, parents=True)
    for name, target in (("base.tar.gz", data), ("pg_wal.tar.gz", data / "pg_wal")):
        with tarfile.open(base.folder / name) as archive:
            archive.extractall(target, filter="data")
    shutil.copy2(base.folder / "backup_manifest", data)
    (data / "recovery.signal").touch()
    for path in (data, *data.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        account.own(path)
    checked = (server.programs / "pg_verifybackup", "--ignore=recovery.signal", "--quiet", data)
    run(account, checked, cwd="/")
    data.rename(server.data)
    _sync(server.data.parent)


def _start(server: Postgres, config: Settings, to: datetime | None) -> None:
    """Read the log up to the second and open for writes. StartError where the log ends before."""
    server.start()
    # It accepts readers while it still reads the log; the file goes when it has ended.
    while (server.data / "recovery.signal").exists():
        if not server.running:
            server.stop()
            raise StartError(
                f"日志未到达 {to}，详见 {server.log}\n"
                f"The archived log does not reach {to}; leave out --to for the last second known."
                f" Log: {server.log}"
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


def _target(folder: Path, to: datetime | None, aside: Path | None) -> dict[str, str]:
    left = aside / "pg_wal" if aside else None
    found = {"restore_command": way_back(log_of(folder), left), "recovery_target_action": "promote"}
    return found | ({"recovery_target_time": to.isoformat()} if to else {})
