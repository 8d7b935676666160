"""Full volumes: small ones in memory, mounted in the place of the real ones. Only root can mount."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg

from tests.faults import evidence
from tests.operations.day import Day, Exercise, Skipped
from tests.operations.exercises.database import SWITCH

MB = 1024 * 1024
ROOM = 160
"""MB besides what lies there: for the log of writes, and for bases."""
WRITE_LOG = "SELECT pg_logical_emit_message(false, 'game day', repeat('x', 4000000))"
ENOUGH = 400
"""Writes after which one should have been refused, and pieces of the log."""


@contextmanager
def mounted(place: Path, megabytes: int) -> Iterator[None]:
    """A small volume over a folder, owned alike; unmounted, whatever happens. Skipped where not root."""
    if os.geteuid() != 0:
        raise Skipped("only root can mount a small volume")
    seen = place.stat()
    options = (
        f"size={megabytes}m,mode={seen.st_mode & 0o7777:o},uid={seen.st_uid},gid={seen.st_gid}"
    )
    done = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)), capture_output=True, text=True
    )
    if done.returncode:
        raise Skipped(f"no volume can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", str(place)), check=True)


def fill(file: Path) -> None:
    """Write until the volume is full."""
    with suppress(OSError), file.open("ab", buffering=0) as stream:
        while True:
            stream.write(bytes(MB))
    with suppress(OSError), file.open("ab", buffering=0) as stream:
        while True:
            stream.write(bytes(512))
    assert shutil.disk_usage(file.parent).free < MB


async def backup_volume_full(day: Day) -> Exercise:
    """The volume of the backups is full, so that the log is not archived."""
    place = Path(day.platform.environment["MINZHENG_BACKUP"])
    owner = (place / "wal").stat().st_uid
    with mounted(place, 2 * ROOM):
        (place / "wal").mkdir(mode=0o700)
        os.chown(place / "wal", owner, owner)
        await day.command("backup")
        await day.command("backup")
        fill(place / "filler")
        done = Exercise("the backup volume is full")
        before = (await day.status())["backup"]["log_up_to"]
        async with day.says(day.log("postgres"), "archive command failed"):
            await day.load.live("accept")
            await evidence.ask(day.platform, "log", SWITCH)
        assert (await day.status())["backup"]["log_up_to"] == before
        tried = await asyncio.to_thread(day.platform.run, "backup", "--keep", "14")
        assert "the disk is full" in tried.stderr, tried.stderr
        done.seen(
            "`df`: 100 %; `minzheng status`: `log up to` stands still; log `archive command failed`;"
            " `minzheng backup` says that the disk is full"
        )
        (place / "filler").unlink()
        shutil.rmtree(min((place / "base").iterdir()))
        await day.command("backup", "--keep", "14")
        assert (await day.status())["backup"]["log_up_to"] > before
    done.mended(
        "the oldest base removed, `minzheng backup --keep 14`; the log was archived by itself"
    )
    return done


@asynccontextmanager
async def on_a_small_volume(day: Day, data: Path) -> AsyncIterator[None]:
    """The server's data on a small volume meanwhile; what it holds in the end comes back."""
    with mounted(data, 1):
        pass  # Skipped before anything is stopped.
    used = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) // MB
    aside = data.with_name("postgres.aside")
    await asyncio.to_thread(day.platform.stop)
    data.rename(aside)
    data.mkdir(mode=0o700)
    os.chown(data, aside.stat().st_uid, aside.stat().st_gid)
    try:
        with mounted(data, used + ROOM):
            _copy(aside, data)
            await asyncio.to_thread(day.platform.start)
            try:
                yield
            finally:
                await asyncio.to_thread(day.platform.stop)
                shutil.rmtree(aside)
                _copy(data, aside)
    finally:
        data.rmdir()
        aside.rename(data)
        await asyncio.to_thread(day.platform.start)


def _copy(of: Path, to: Path) -> None:
    subprocess.run(("cp", "-a", "-T", str(of), str(to)), check=True)


async def data_volume_full(day: Day) -> Exercise:
    """The volume of the database is full."""
    data = day.platform.var / "postgres"
    async with on_a_small_volume(day, data):
        kept = [await day.load.live("accept") for _ in range(2)]
        filler = data / "filler"
        try:
            fill(filler)
            done = Exercise("the data volume is full")
            refused = await first_refused(day)
            await read(day, kept)
            async with day.says(day.log("postgres"), "PANIC"):
                await use_up_the_log(day)
            await stays_away(day, data)
            done.seen(
                f"writes refused with {refused}, reads answered; then the server ended (log"
                " `PANIC`), requests `503`"
            )
        finally:
            filler.unlink(missing_ok=True)
        await day.scene.good()
        await read(day, kept)
        await day.command("audit", "verify")
        done.mended(
            "room made: the server came back by itself, everything accepted is there;"
            " `minzheng audit verify` whole"
        )
    return done


async def first_refused(day: Day) -> int:
    """Status of the first write that is not done."""
    for _ in range(ENOUGH):
        status = (await day.ask()).status
        if status != 200:
            return status
    raise AssertionError("everything is still written")


async def stays_away(day: Day, data: Path) -> None:
    """Without room the server cannot even begin; `minzheng up` bears that and goes on trying."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    fill(data / "filler")
    await asyncio.sleep(3)
    assert (await day.ask()).status == 503
    assert day.platform.process
    assert day.platform.process.poll() is None, "minzheng up ended"


async def read(day: Day, kept: list[str]) -> None:
    """What was accepted is read."""
    resident = await day.person("resident.datong")
    for filing_id in kept:
        found = await resident.get(f"/api/v1/filings/{filing_id}")
        assert found["filing"]["filingNo"]


async def use_up_the_log(day: Day) -> None:
    """Write-ahead log until the server finds no room for it and ends."""
    async with day.database("log") as session:
        for _ in range(ENOUGH):
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await session.execute(WRITE_LOG)
            if session.is_closed():
                return
    raise AssertionError("there is still room")
