"""Pieces of the log on their way into the folder and back, by the very commands that the server runs."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from kit.backup import archive
from kit.backup.seal import CERTIFICATE, PRIVATE, make_pair

ONE, TWO = "000000010000000000000005", "000000010000000000000006"
CONTENT = b"canary-7319" * 1000
GIVEN_UP, ENDS_HERE = 200, 1


@dataclass
class Server:
    """A data folder and a folder that takes its pieces; no server runs."""

    data: Path
    folder: Path
    key: Path
    seal: bool = True

    def piece(self, name: str, content: bytes = CONTENT) -> None:
        """A finished piece of the log."""
        (self.data / "pg_wal" / name).write_bytes(content)

    def keep(self, name: str, programs: Mapping[str, int] | None = None) -> int:
        """Archive it; some programs may fail."""
        command = archive.options(self.folder, seal=self.seal)["archive_command"]
        return self._run(command, name, name, programs or {})

    def fetch(self, name: str, left: Path | None = None, key: Path | None = None) -> int:
        """Bring it back as the server does."""
        command = archive.way_back(self.folder, left, key or self.key)
        return self._run(command, name, "RECOVERYXLOG", {})

    @property
    def fetched(self) -> bytes:
        return (self.data / "pg_wal" / "RECOVERYXLOG").read_bytes()

    @property
    def kept(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())

    def _run(self, command: str, name: str, path: str, programs: Mapping[str, int]) -> int:
        first = self.data / "programs"
        shutil.rmtree(first, ignore_errors=True)
        first.mkdir()
        for program, code in programs.items():
            (first / program).write_text(f"#!/bin/sh\nexit {code}\n")
            (first / program).chmod(0o755)
        text = command.replace("%f", name).replace("%p", f"pg_wal/{path}")
        path = f"{first}:{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-c", text],
            cwd=self.data,
            env=os.environ | {"PATH": path},
            capture_output=True,
        ).returncode


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its private key."""
    folder = tmp_path_factory.mktemp("pair")
    make_pair(folder)
    return folder


@pytest.fixture
def server(tmp_path: Path, pair: Path) -> Server:
    """A server that seals, with one piece finished; its folder has a space in its name."""
    for name in ("data/pg_wal", "data/pg_stat_tmp", "backup wal"):
        (tmp_path / name).mkdir(parents=True)
    archive.lay(tmp_path / "data", pair / CERTIFICATE)
    made = Server(tmp_path / "data", tmp_path / "backup wal", pair / PRIVATE)
    made.piece(ONE)
    return made


def test_a_piece_lies_sealed_and_comes_back(server: Server) -> None:
    assert server.keep(ONE) == 0
    assert server.kept == [f"{ONE}.sealed"]
    content = (server.folder / f"{ONE}.sealed").read_bytes()
    assert CONTENT[:11] not in content
    assert b"\x1f\x8b\x08" not in content
    assert server.fetch(ONE) == 0
    assert server.fetched == CONTENT
    assert server.fetch(TWO) == ENDS_HERE


def test_a_taken_name_takes_the_same_piece_and_no_other(server: Server) -> None:
    assert (server.keep(ONE), server.keep(ONE)) == (0, 0)
    before = (server.folder / f"{ONE}.sealed").read_bytes()
    server.piece(ONE, CONTENT + b"x")
    assert server.keep(ONE) == 1
    server.seal = False
    assert server.keep(ONE) == 1
    server.piece(ONE)
    assert server.keep(ONE) == 0
    assert server.kept == [f"{ONE}.sealed"]
    assert (server.folder / f"{ONE}.sealed").read_bytes() == before


def test_a_piece_from_before_the_certificate_keeps_its_name_and_is_read(server: Server) -> None:
    server.seal = False
    assert server.keep(ONE) == 0
    server.seal = True
    assert server.keep(ONE) == 0
    server.piece(TWO)
    assert server.keep(TWO) == 0
    assert server.kept == [f"{ONE}.gz", f"{TWO}.sealed"]
    for name in (ONE, TWO):
        assert server.fetch(name) == 0
        assert server.fetched == CONTENT
    server.piece(ONE, b"other")
    assert server.keep(ONE) == 1


@pytest.mark.parametrize(
    ("seal", "program"), [(True, "openssl"), *product((True, False), ("gzip", "sync", "mv"))]
)
def test_a_program_that_fails_is_seen(server: Server, program: str, seal: bool) -> None:
    server.seal = seal
    assert server.keep(ONE, {program: 9}) == 9
    assert [name for name in server.kept if not name.endswith(".part")] == []
    assert server.keep(ONE) == 0
    assert server.fetch(ONE) == 0
    assert server.fetched == CONTENT


def changed(server: Server, name: str, content: bytes) -> None:
    (server.folder / name).write_bytes(content)


def test_a_piece_that_was_changed_or_cut_ends_the_recovery(server: Server) -> None:
    server.piece(ONE, os.urandom(40_000))
    assert server.keep(ONE) == 0
    name = f"{ONE}.sealed"
    whole = (server.folder / name).read_bytes()
    for at in (3, 400, 20_000, len(whole) - 10):
        changed(server, name, whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
        assert server.fetch(ONE) == GIVEN_UP
    for end in (0, 10, 300, 20_000, len(whole) - 30):
        changed(server, name, whole[:end])
        assert server.fetch(ONE) == GIVEN_UP
    changed(server, name, whole)
    assert server.fetch(ONE) == 0


def test_a_piece_in_the_place_of_another_ends_the_recovery(server: Server) -> None:
    assert server.keep(ONE) == 0
    shutil.copy2(server.folder / f"{ONE}.sealed", server.folder / f"{TWO}.sealed")
    assert server.fetch(TWO) == GIVEN_UP


def test_a_plain_piece_that_is_damaged_ends_the_recovery(server: Server) -> None:
    changed(server, f"{ONE}.gz", gzip.compress(CONTENT)[:-9])
    assert server.fetch(ONE) == GIVEN_UP


def test_another_key_opens_no_piece(server: Server, tmp_path: Path) -> None:
    assert server.keep(ONE) == 0
    make_pair(tmp_path / "other")
    assert server.fetch(ONE, key=tmp_path / "other" / PRIVATE) == GIVEN_UP
    assert not (server.data / "pg_wal" / "RECOVERYXLOG").exists()
    text = archive.way_back(server.folder, None, None)
    assert server._run(text, ONE, "RECOVERYXLOG", {}) == GIVEN_UP


def test_what_was_left_behind_stands_in(server: Server, tmp_path: Path) -> None:
    left = tmp_path / "left behind"
    left.mkdir()
    (left / ONE).write_bytes(CONTENT)
    assert server.fetch(ONE, left) == 0
    changed(server, f"{ONE}.sealed", b"damaged")
    (server.data / "pg_wal" / "RECOVERYXLOG").unlink()
    assert server.fetch(ONE, left) == 0
    assert server.fetched == CONTENT


def test_a_percent_sign_of_a_folder_is_no_word_of_the_server(tmp_path: Path) -> None:
    told = archive.options(tmp_path / "100% full", seal=True)["archive_command"]
    assert "100%% full' %f %p backup.pem" in told
    back = archive.way_back(tmp_path, tmp_path / "a b" / "pg_wal", tmp_path / "c d%" / "key")
    assert "c d%%/key' " in back
    assert back.endswith("a b/pg_wal'")


def test_the_server_has_room_for_the_commands(tmp_path: Path) -> None:
    """PostgreSQL 15 cuts a command after 1,024 bytes, and runs what is left."""
    deep = tmp_path / ("long" * 40)
    told = archive.options(deep, seal=True)["archive_command"]
    assert max(map(len, (told, archive.way_back(deep, deep, deep)))) < 900
