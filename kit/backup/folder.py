"""What lies in the backup folder: bases, pieces of the write-ahead log, files, and what was done last."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kit.backup import archive
from kit.embedded.sentences import StartError
from kit.settings import Settings, settings

NAMED = "%Y%m%dT%H%M%SZ"
TOLD = "base.json"
"""Written last: a base without it was interrupted."""
GONE = "gone.json"
"""Since when mirrored files are gone from their place: written at every mirroring."""
PLAIN, SEALED = "base.tar.gz", "base.sealed"


@dataclass(frozen=True, slots=True)
class Base:
    """A copy of the whole server, usable from `ended` on."""

    folder: Path
    begun: datetime
    ended: datetime
    size: int
    """Bytes, compressed."""
    first: str
    """Name of the first piece of the log it needs."""

    @property
    def sealed(self) -> bool:
        """Whether only the private key opens it."""
        return (self.folder / SEALED).exists()


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The newest base and the newest piece of the log; times are UTC."""

    at: datetime
    size: int
    archived: datetime | None
    files: datetime | None
    """When the files were last mirrored."""
    sealed: bool
    """Whether both are."""


def place(config: Settings | None = None) -> Path:
    """The backup folder; StartError where none is set."""
    folder = (config or settings()).backup
    if folder is None:
        raise StartError(
            "未设置备份目录，请设置 MINZHENG_BACKUP 后重新启动。\n"
            "No folder for backups: set MINZHENG_BACKUP and start the platform again."
        )
    return folder.absolute()


def log_of(folder: Path) -> Path:
    """Where the pieces of the log lie."""
    return folder / "wal"


def pieces(folder: Path) -> list[Path]:
    """What was archived, sealed or not."""
    return [
        file for end in (archive.PLAIN, archive.SEALED) for file in log_of(folder).glob(f"*{end}")
    ]


def bases(folder: Path) -> list[Base]:
    """Every whole base, oldest first."""
    found = [_read(file) for file in sorted(folder.glob(f"base/*/{TOLD}"))]
    return sorted(found, key=lambda base: base.ended)


def _read(file: Path) -> Base:
    said: dict[str, Any] = json.loads(file.read_text())
    begun, ended = (datetime.fromisoformat(said[name]) for name in ("begun", "ended"))
    return Base(file.parent, begun, ended, said["size"], said["first"])


def tell(base: Base) -> None:
    """State that a base is whole."""
    times = {"begun": base.begun.isoformat(), "ended": base.ended.isoformat()}
    said = times | {"size": base.size, "first": base.first}
    (base.folder / TOLD).write_text(json.dumps(said))


def last_backup(config: Settings | None = None) -> LastBackup | None:
    """The last success, for status, page and gauge; None where no backup was made or none is set up."""
    folder = (config or settings()).backup
    found = bases(folder) if folder else []
    if folder is None or not found:
        return None
    archived = [(file.stat().st_mtime, file.suffix) for file in pieces(folder)]
    time, end = max(archived, default=(None, archive.SEALED))
    newest = datetime.fromtimestamp(time, UTC) if time else None
    mirrored = folder / GONE
    copied = datetime.fromtimestamp(mirrored.stat().st_mtime, UTC) if mirrored.exists() else None
    sealed = found[-1].sealed and end == archive.SEALED
    return LastBackup(found[-1].ended, found[-1].size, newest, copied, sealed)


def last_drill(config: Settings | None = None) -> datetime | None:
    """When the last drill succeeded; None where none did."""
    folder = (config or settings()).backup
    file = folder / "drill" if folder else None
    return datetime.fromisoformat(file.read_text()) if file and file.exists() else None


def usable(folder: Path, to: datetime | None) -> Base:
    """The newest base that leads to a second. StartError where none does.

    A base of a future that a restore gave up leads nowhere.
    """
    given_up = list(_given_up(folder))
    for base in reversed(bases(folder)):
        lost = any(since < base.ended <= until for since, until in given_up)
        if not lost and (to is None or base.ended <= to):
            return base
    raise StartError(
        f"没有早于该时刻的备份：{folder}\nNo backup in {folder} is older than that second."
    )


def _given_up(folder: Path) -> Iterator[tuple[datetime, datetime]]:
    file = folder / "restores.jsonl"
    for line in file.read_text().splitlines() if file.exists() else ():
        said = json.loads(line)
        yield datetime.fromisoformat(said["to"]), datetime.fromisoformat(said["at"])


def last_restore(folder: Path) -> datetime:
    """The second that the last restore went back to. StartError where there was none."""
    last = max(_given_up(folder), key=lambda times: times[1], default=None)
    if last is None:
        raise StartError(f"没有恢复记录 no restore is noted in {folder}")
    return last[0]


def note_restore(folder: Path, to: datetime, base: Base) -> None:
    """Keep that what came after `to` was given up."""
    line = {
        "to": to.isoformat(),
        "at": datetime.now(UTC).isoformat(),
        "base": base.folder.name,
    }
    with (folder / "restores.jsonl").open("a") as stream:
        stream.write(json.dumps(line) + "\n")


def prune(folder: Path, days: int) -> int:
    """Remove bases older than so many days, but the newest, and pieces no base needs; answers how many bases."""
    kept = bases(folder)
    limit = datetime.now(UTC) - timedelta(days=days)
    old = [base for base in kept[:-1] if base.ended < limit]
    for base in old:
        shutil.rmtree(base.folder)
    needed = min((base.first[8:] for base in kept if base not in old), default="")
    for file in pieces(folder):
        # A name is timeline, then place in the log: what is earlier in any timeline is not needed.
        if len(file.stem) == 24 and file.stem[8:] < needed:
            file.unlink()
    return len(old)
