"""A platform filled, backed up, written to, destroyed, brought back to a second, and looked at."""

import asyncio
import re
import shutil
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx

from kit.backup.checks import first_id
from kit.backup.seal import CERTIFICATE, PRIVATE, make_pair
from kit.embedded.sign_in import open_browser
from tests import lying_open
from tests.faults import evidence
from tests.faults.journal import Journal
from tests.faults.load import KINDS, Load
from tests.faults.test_kill import until
from tests.platform import Platform
from tests.stories.test_sign_on import MINE, sign_in

RATE = 60
CASES = "SELECT filing_id::text FROM filing"
NAMES = "SELECT DISTINCT name FROM filing"
LINE = re.compile(r"(holds|FAILS)\S* +(.+?): (.+)")
PROGRESS = re.compile(r"^ *([\d.]+) s +(.+)$", re.MULTILINE)


@dataclass
class Drill:
    """What was done and what it took; seconds by step, findings of the command."""

    second: datetime
    before: set[str]
    """Cases begun at least a second before the second."""
    after: set[str]
    """Cases begun at least a second after it."""
    seconds: dict[str, float] = field(default_factory=dict)
    findings: list[tuple[str, str, str]] = field(default_factory=list)
    progress: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0
    lies_open: str = ""
    """What was looked for in the backup folder, and not found."""


def prepared(folder: Path) -> Platform:
    """A platform in the folder whose backups are sealed."""
    make_pair(folder / "pair")
    return Platform.prepare(
        folder / "var",
        MINZHENG_BACKUP=str(folder / "backup"),
        MINZHENG_BACKUP_SEAL=str(folder / "pair" / CERTIFICATE),
    )


async def play(platform: Platform, folder: Path, lives: int) -> Drill:
    """The whole drill on a prepared platform; it runs in the end.

    AssertionError says what did not hold.
    """
    took: dict[str, float] = {}
    with closing(Journal(folder / "journal.jsonl")) as journal:
        platform.start()
        async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
            load = Load(platform, http, journal, RATE)
            await load.sign_in()
            await _lives(load, lives)
            began = time.monotonic()
            made = await asyncio.to_thread(platform.run, "backup")
            assert made.returncode == 0, made.stderr + made.stdout
            took["backup"] = time.monotonic() - began
            async with open_browser(base_url=platform.url) as browser:
                await sign_in(browser, "lead.datong")
                assert (await browser.get(MINE)).status_code == 200
                drill = await _write(platform, load, lives)
                await _archived(platform)
                names = {row["name"] for row in await evidence.ask(platform, "filing", NAMES)}
                assert platform.stop() == 0
                drill.lies_open = await asyncio.to_thread(_lies_open, platform, names)
                drill.seconds = took
                drill.size = await asyncio.to_thread(_destroy, platform)
                await asyncio.to_thread(_bring_back, platform, drill)
                platform.start()
                assert (await browser.get(MINE)).status_code == 401, "a session outlived it"
            await _look(platform, drill)
            await load.sign_in()
            await load.live("accept")
    return drill


async def _lives(load: Load, count: int) -> None:
    kinds = list(KINDS)
    await asyncio.gather(*(load.live(kinds[n % len(kinds)]) for n in range(count)))


async def _write(platform: Platform, load: Load, lives: int) -> Drill:
    """Cases, a second, more cases; the second lies in the middle of work."""
    before = set(load.kinds)
    work = asyncio.create_task(_lives(load, lives))
    await until(lambda: set(load.kinds) > before, "nobody files")
    marked = set(await _cases(platform))
    await asyncio.sleep(1.1)
    second = datetime.now(UTC)
    copied = await asyncio.to_thread(platform.run, "backup", "--only-files")
    assert copied.returncode == 0, copied.stderr
    await asyncio.gather(work, asyncio.sleep(1.1))
    await _lives(load, lives)
    # By the time in its id: it is known here only once it was submitted.
    later = first_id(second + timedelta(seconds=1))
    return Drill(second, marked, {one for one in load.kinds if UUID(one) >= later})


async def _cases(platform: Platform) -> list[str]:
    return [row["filing_id"] for row in await evidence.ask(platform, "filing", CASES)]


async def _archived(platform: Platform) -> None:
    """The piece of the log with the last write lies in the backup folder."""
    await evidence.ask(platform, "filing", "SELECT pg_switch_wal()")
    now, end = datetime.now(UTC), time.monotonic() + 60
    while True:
        told = platform.status()["backup"]
        assert isinstance(told, dict)
        if datetime.fromisoformat(told["log_up_to"]) > now - timedelta(seconds=1):
            return
        assert time.monotonic() < end, "the log is not archived"
        await asyncio.sleep(0.3)


def _lies_open(platform: Platform, names: set[str]) -> str:
    """No name of the server's data can be read in the backup folder."""
    folder, words = Path(platform.environment["MINZHENG_BACKUP"]), {one.encode() for one in names}
    assert lying_open.found(platform.var / "postgres", words) == words, (
        "they are looked for in vain"
    )
    assert lying_open.found(folder, words) == set(), "names lie open in the backup folder"
    files = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    return f"none of {len(words)} names of organizations in {len(files)} files, {sum(files) / 1e6:.1f} MB, gunzipped too"


def _destroy(platform: Platform) -> int:
    """Database and files are gone; answers the bytes."""
    lost = 0
    for name in ("postgres", "files"):
        for file in (platform.var / name).rglob("*"):
            lost += file.stat().st_size if file.is_file() else 0
        shutil.rmtree(platform.var / name, ignore_errors=True)
    return lost


def _bring_back(platform: Platform, drill: Drill) -> None:
    began = time.monotonic()
    key = Path(platform.environment["MINZHENG_BACKUP_SEAL"]).with_name(PRIVATE)
    done = platform.run("restore", "--to", drill.second.isoformat(), "--key", str(key))
    drill.seconds["restore"] = time.monotonic() - began
    assert done.returncode == 0, done.stdout + done.stderr
    drill.findings = [(m[2], m[1], m[3]) for m in LINE.finditer(done.stdout)]
    drill.progress = PROGRESS.findall(done.stdout)


async def _look(platform: Platform, drill: Drill) -> None:
    """What was written before the second is there, what came after is not."""
    found = set(await _cases(platform))
    assert drill.before, "nothing was written before the second"
    assert drill.after, "nothing was written after the second"
    assert drill.before <= found, "a case from before the second is gone"
    assert not drill.after & found, "a case from after the second is there"
    assert [state for _, state, _ in drill.findings] == ["holds"] * 8
