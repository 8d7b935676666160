"""The files beside the database, mirrored: one that was erased leaves the mirror with the last old base."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.backup.folder import GONE

PART = ".part"


def mirror(source: Path, folder: Path, days: int) -> int:
    """Copy what the mirror lacks; what has been gone for `days` goes there too. Answers the files copied.

    A file never changes under its name, so one that is there is the same.
    """
    here, there = _names(source), _names(folder / "files")
    for name in here - there:
        _copy(source / name, folder / "files" / name)
    gone = _gone(folder, there - here)
    limit = datetime.now(UTC) - timedelta(days=days)
    for name, since in gone.items():
        if datetime.fromisoformat(since) < limit:
            (folder / "files" / name).unlink(missing_ok=True)
    return len(here - there)


def bring_back(folder: Path, target: Path) -> int:
    """Copy what the target lacks; answers how many files."""
    missing = _names(folder / "files") - _names(target)
    for name in missing:
        _copy(folder / "files" / name, target / name)
    return len(missing)


def _names(folder: Path) -> set[str]:
    found = (file for file in folder.rglob("*") if file.suffix != PART and file.is_file())
    return {str(file.relative_to(folder)) for file in found}


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    part = _part(to)
    shutil.copy2(file, part)
    part.replace(to)


def _part(file: Path) -> Path:
    """Beside it, for as long as it is not whole; of this process, for another may copy the same."""
    return file.with_name(f"{file.name}.{os.getpid()}{PART}")


def _gone(folder: Path, names: set[str]) -> dict[str, str]:
    """Since when each of them has been gone from the source."""
    file = folder / GONE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    now = datetime.now(UTC).isoformat()
    found = {name: known.get(name, now) for name in names}
    part = _part(file)
    part.write_text(json.dumps(found))
    part.replace(file)
    return found
