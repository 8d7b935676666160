"""The pair of the backups, a base sealed with it, and what is refused: another key, another place, a changed byte."""

import gzip
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from typer.testing import CliRunner

from kit.backup import base as bases
from kit.backup.folder import Base, last_backup, log_of
from kit.backup.seal import CERTIFICATE, PRIVATE, certificate_of, make_pair
from kit.cli.app import app
from kit.cli.status import told_of
from kit.embedded.sentences import StartError
from kit.sealing import HEADER, PIECE, TAG
from kit.settings import Settings

CANARY = b"canary-7319"
SEALED_KEY = 3072 // 8
FIRST = "000000010000000000000005"
LABEL = f"START WAL LOCATION: 0/5000028 (file {FIRST})\nCHECKPOINT LOCATION: 0/5000080\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its private key."""
    folder = tmp_path_factory.mktemp("pair")
    make_pair(folder)
    return folder


def server(folder: Path, content: bytes, code: int = 0) -> Path:
    """Programs of a server whose copy is a tar with that content."""
    with tarfile.open(folder / "copy.tar", "w") as tar:
        for name, held in (("backup_label", LABEL.encode()), ("rows", content)):
            told = tarfile.TarInfo(name)
            told.size = len(held)
            tar.addfile(told, io.BytesIO(held))
    program = folder / "pg_basebackup"
    program.write_text(f"#!/bin/sh\ncat {folder / 'copy.tar'}\nexit {code}\n")
    program.chmod(0o755)
    return folder


def given(
    folder: Path, pair: Path | None, content: bytes = CANARY * 1000, code: int = 0
) -> Settings:
    """Settings of a server that archived the first piece into the backup folder."""
    backup = folder / "backup"
    log_of(backup).mkdir(parents=True)
    (log_of(backup) / f"{FIRST}.sealed").touch()
    return Settings(
        var=folder,
        backup=backup,
        backup_seal=pair / CERTIFICATE if pair else None,
        postgres_bindir=server(folder, content, code),
    )


def taken(config: Settings) -> Base:
    assert config.backup is not None
    return bases.take(config, config.backup)


def read(base: Base, key: Path | None) -> bytes:
    with bases.opened(base, key) as tar:
        return tar.read()


def test_nothing_of_a_base_lies_open(tmp_path: Path, pair: Path) -> None:
    config = given(tmp_path, pair)
    base = taken(config)
    assert (base.first, base.sealed) == (FIRST, True)
    assert sorted(file.name for file in base.folder.iterdir()) == ["base.json", "base.sealed"]
    content = (base.folder / "base.sealed").read_bytes()
    assert CANARY not in content
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(content)
    assert read(base, pair / PRIVATE) == (tmp_path / "copy.tar").read_bytes()
    told = last_backup(config)
    assert told is not None
    assert told.sealed
    later = log_of(tmp_path / "backup") / "000000010000000000000006.gz"
    later.touch()
    os.utime(later, (later.stat().st_atime, later.stat().st_mtime + 1))
    told = last_backup(config)
    assert told is not None
    assert not told.sealed, "the server goes on in the open"


def test_without_a_certificate_it_lies_open_and_that_is_told(tmp_path: Path) -> None:
    config = given(tmp_path, None)
    base = taken(config)
    assert CANARY in gzip.decompress((base.folder / "base.tar.gz").read_bytes())
    assert CANARY in read(base, None)
    told = last_backup(config)
    assert told is not None
    assert not told.sealed


def test_a_program_that_fails_leaves_no_base(tmp_path: Path, pair: Path) -> None:
    with pytest.raises(StartError, match="the backup failed"):
        taken(given(tmp_path, pair, code=1))
    assert list((tmp_path / "backup" / "base").iterdir()) == []


def test_a_server_that_archives_elsewhere_has_no_base_here(tmp_path: Path, pair: Path) -> None:
    config = given(tmp_path, pair)
    (tmp_path / "backup" / "wal" / f"{FIRST}.sealed").unlink()
    with pytest.raises(StartError, match="does not archive into this folder"):
        taken(config)
    assert list((tmp_path / "backup" / "base").iterdir()) == []


def test_another_key_or_none_opens_nothing(tmp_path: Path, pair: Path) -> None:
    base = taken(given(tmp_path, pair))
    make_pair(tmp_path / "other")
    for key, said in (
        (tmp_path / "other" / PRIVATE, "does not open"),
        (None, "by --key"),
        (pair / CERTIFICATE, "no private key"),
        (tmp_path / "away", "no private key"),
    ):
        with pytest.raises(StartError, match=said):
            read(base, key)


def test_a_base_in_the_place_of_another_is_refused(tmp_path: Path, pair: Path) -> None:
    base = taken(given(tmp_path, pair))
    moved = shutil.copytree(base.folder, base.folder.with_name("20260101T000000Z"))
    with pytest.raises(StartError, match="does not open the backup 20260101"):
        read(Base(moved, base.begun, base.ended, base.size, base.first), pair / PRIVATE)


def test_the_content_of_another_base_is_refused(tmp_path: Path, pair: Path) -> None:
    base = taken(given(tmp_path, pair))
    (tmp_path / "more").mkdir()
    other = taken(given(tmp_path / "more", pair))
    files = [one.folder / "base.sealed" for one in (base, other)]
    ours, theirs = (file.read_bytes() for file in files)
    files[0].write_bytes(ours[:SEALED_KEY] + theirs[SEALED_KEY:])
    with pytest.raises(InvalidTag):
        read(base, pair / PRIVATE)


def _changed(at: int, content: bytes) -> bytes:
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def _damages(content: bytes) -> Iterator[bytes]:
    begins, whole = SEALED_KEY + HEADER, PIECE + TAG
    body = content[begins:]
    yield from (_changed(at, content) for at in (SEALED_KEY + 5, begins + 10, len(content) - 1))
    yield content[: begins + whole]
    yield content[:-1]
    yield content + b"x"
    yield content[:begins] + body[whole : 2 * whole] + body[:whole] + body[2 * whole :]


def test_what_is_changed_cut_or_moved_is_refused(tmp_path: Path, pair: Path) -> None:
    noise = os.urandom(5 * PIECE)
    base = taken(given(tmp_path, pair, noise))
    file = base.folder / "base.sealed"
    content = file.read_bytes()
    for damaged in _damages(content):
        file.write_bytes(damaged)
        with pytest.raises(InvalidTag):
            read(base, pair / PRIVATE)
    for damaged in (_changed(5, content), content[: SEALED_KEY - 1], b""):
        file.write_bytes(damaged)
        with pytest.raises(StartError, match="does not open"):
            read(base, pair / PRIVATE)
    file.write_bytes(content)
    assert noise in read(base, pair / PRIVATE)


def test_a_pair_is_never_overwritten(pair: Path) -> None:
    before = {file.name: file.read_bytes() for file in pair.iterdir()}
    assert set(before) == {CERTIFICATE, PRIVATE}
    assert (pair / PRIVATE).stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in before[CERTIFICATE]
    with pytest.raises(StartError, match="stays as it is"):
        make_pair(pair)
    assert {file.name: file.read_bytes() for file in pair.iterdir()} == before


def test_the_command_says_what_to_do_with_each_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["backup-key", str(tmp_path / "pair")])
    assert done.exit_code == 0
    first, second = done.output.split(PRIVATE, 1)
    assert f"{CERTIFICATE}: 不是秘密" in first
    assert "without it nobody reads any backup" in second
    assert {file.name for file in (tmp_path / "pair").iterdir()} == {CERTIFICATE, PRIVATE}


@pytest.mark.parametrize(("sealed", "told"), [(True, False), (False, True)])
def test_what_lies_open_is_told_by_the_status(sealed: bool, told: bool) -> None:
    line = told_of({"at": "", "log_up_to": "", "files_at": "", "drill": None, "sealed": sealed})
    assert ("NOT SEALED" in line) is told


def test_half_a_pair_is_not_completed(tmp_path: Path, pair: Path) -> None:
    shutil.copy2(pair / CERTIFICATE, tmp_path)
    with pytest.raises(StartError, match="stays as it is"):
        make_pair(tmp_path)
    assert not (tmp_path / PRIVATE).exists()


def test_production_does_not_back_up_in_the_open(tmp_path: Path, pair: Path) -> None:
    assert certificate_of(Settings(profile="production")) is None
    assert certificate_of(Settings(backup=tmp_path)) is None
    with pytest.raises(StartError, match="minzheng backup-key FOLDER"):
        certificate_of(Settings(profile="production", backup=tmp_path))
    sealed = Settings(profile="production", backup=tmp_path, backup_seal=pair / CERTIFICATE)
    assert certificate_of(sealed) == pair / CERTIFICATE


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_what_is_no_certificate_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    for name in ("file", "away"):
        with pytest.raises(StartError, match="no certificate"):
            certificate_of(Settings(backup_seal=tmp_path / name))
