"""The backup folder: which base leads to a second, what is removed, what is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit.backup import files
from kit.backup.folder import (
    Base,
    bases,
    last_backup,
    last_restore,
    log_of,
    note_restore,
    pieces,
    prune,
    tell,
    usable,
)
from kit.embedded.sentences import StartError
from kit.settings import Settings

NOW = datetime.now(UTC)


def made(folder: Path, days: float, piece: str = "000000010000000000000005") -> Base:
    """A base that ended so many days ago."""
    at = NOW - timedelta(days=days)
    base = Base(folder / "base" / f"{at:%Y%m%dT%H%M%S}", at, at, 7, piece)
    base.folder.mkdir(parents=True)
    tell(base)
    return base


def test_the_newest_base_before_a_second_is_used(tmp_path: Path) -> None:
    older, newer = made(tmp_path, 2), made(tmp_path, 1)
    assert usable(tmp_path, None) == newer
    assert usable(tmp_path, NOW - timedelta(days=1.5)) == older
    with pytest.raises(StartError, match="older than that second"):
        usable(tmp_path, NOW - timedelta(days=3))


def test_a_base_that_was_interrupted_is_none(tmp_path: Path) -> None:
    (tmp_path / "base" / "20261129T000000Z").mkdir(parents=True)
    assert bases(tmp_path) == []


def test_a_base_of_a_future_given_up_leads_nowhere(tmp_path: Path) -> None:
    older = made(tmp_path, 2)
    made(tmp_path, 1)
    note_restore(tmp_path, NOW - timedelta(days=1.5), older)
    assert usable(tmp_path, None) == older


def test_the_last_restore_is_known(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no restore is noted"):
        last_restore(tmp_path)
    for days in (1.5, 1.7):
        note_restore(tmp_path, NOW - timedelta(days=days), made(tmp_path, days))
    assert last_restore(tmp_path) == NOW - timedelta(days=1.7)


def test_the_newest_base_stays_and_pieces_it_needs(tmp_path: Path) -> None:
    made(tmp_path, 50, "000000010000000000000003")
    kept = made(tmp_path, 40)
    log_of(tmp_path).mkdir()
    names = ("000000010000000000000004", "000000010000000000000005", "000000020000000000000006")
    for name in (*names, "00000002.history"):
        for end in (".gz", ".sealed"):
            (log_of(tmp_path) / f"{name}{end}").touch()
    assert prune(tmp_path, 35) == 1
    assert bases(tmp_path) == [kept]
    left = sorted({file.stem for file in pieces(tmp_path)})
    assert left == [names[1], "00000002.history", names[2]]
    assert len(pieces(tmp_path)) == 6


def test_the_last_backup_is_told(tmp_path: Path) -> None:
    assert last_backup(Settings()) is None
    assert last_backup(Settings(backup=tmp_path)) is None
    base = made(tmp_path, 1)
    told = last_backup(Settings(backup=tmp_path))
    assert told is not None
    assert (told.at, told.archived, told.files) == (base.ended, None, None)
    files.mirror(tmp_path / "files", tmp_path, 35)
    told = last_backup(Settings(backup=tmp_path))
    assert told is not None
    assert told.files is not None
    assert datetime.now(UTC) - told.files < timedelta(minutes=1)


def test_files_are_mirrored_and_leave_with_the_last_old_base(tmp_path: Path) -> None:
    here, there = tmp_path / "files", tmp_path / "backup"
    there.mkdir()
    (here / "a").mkdir(parents=True)
    (here / "a" / "one").write_text("1")
    assert (files.mirror(here, there, 35), files.mirror(here, there, 35)) == (1, 0)
    (here / "a" / "one").unlink()
    files.mirror(here, there, 35)
    assert files.bring_back(there, here) == 1
    (here / "a" / "one").unlink()
    files.mirror(here, there, -1)
    assert files.bring_back(there, here) == 0


def test_a_copy_that_was_cut_off_is_no_file(tmp_path: Path) -> None:
    here, there = tmp_path / "files", tmp_path / "backup"
    (there / "files").mkdir(parents=True)
    here.mkdir()
    (here / "one").write_text("whole")
    (there / "files" / "one.77.part").write_text("who")
    assert files.mirror(here, there, 35) == 1
    assert [files.bring_back(there, tmp_path / "back"), (tmp_path / "back" / "one").read_text()] == [1, "whole"]  # fmt: skip
