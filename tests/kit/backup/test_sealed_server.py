"""A server with sealed backups: nothing of it can be read in their folder, and it comes back with the private key."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.backup import base
from kit.backup.folder import last_backup, log_of, pieces
from kit.backup.recover import recovered
from kit.backup.seal import CERTIFICATE, PRIVATE, make_pair
from kit.embedded.apart import free_ports
from kit.embedded.postgres import Postgres
from kit.embedded.roles import superuser
from kit.embedded.sentences import StartError
from kit.settings import Settings
from tests import lying_open

pytestmark = pytest.mark.enable_socket
FIRST, SECOND, THIRD = CANARIES = ["canary-7319-one", "canary-7319-two", "canary-7319-three"]
FAST = {"fsync": "off", "shared_buffers": "16MB"}
PATIENCE = 30.0


def prepared(folder: Path) -> Settings:
    """Settings of a server in the folder, its backups not sealed yet."""
    folder.mkdir(mode=0o755)
    make_pair(folder / "pair")
    port = free_ports(1)[0]
    return Settings(
        profile="test", var=folder / "var", backup=folder / "backup", postgres_port=port
    )


def sealing(config: Settings) -> Settings:
    """The same, with a certificate."""
    return config.model_copy(update={"backup_seal": key(config).with_name(CERTIFICATE)})


def key(config: Settings) -> Path:
    return config.var.parent / "pair" / PRIVATE


@contextmanager
def running(config: Settings) -> Iterator[None]:
    server = Postgres.of(config)
    server.options = FAST
    server.start()
    try:
        yield
    finally:
        server.stop()


def ask(config: Settings, text: str) -> list[str]:
    async def asked() -> list[str]:
        connection = await superuser("postgres", config)
        try:
            return [row[0] for row in await connection.fetch(text)]
        finally:
            await connection.close()

    return asyncio.run(asked())


def write(config: Settings, canary: str) -> None:
    """A row, in the archive."""
    ask(config, "CREATE TABLE IF NOT EXISTS held (canary text)")
    ask(config, f"INSERT INTO held VALUES ('{canary}')")
    (piece,) = ask(config, "SELECT pg_walfile_name(pg_switch_wal())")
    assert config.backup is not None
    end = time.monotonic() + PATIENCE
    while not any(file.stem == piece for file in pieces(config.backup)):
        assert time.monotonic() < end, "it is not archived"
        time.sleep(0.05)


def rows(config: Settings) -> list[str]:
    return ask(config, "SELECT canary FROM held")


def back(config: Settings, private: Path | None) -> list[str]:
    """The rows of a server brought back."""
    with recovered(config, None, private):
        return rows(config)


def words() -> set[bytes]:
    return {one.encode() for one in CANARIES[:2]}


@pytest.fixture(scope="module")
def sealed(open_folder: Path) -> Settings:
    """A server that lived and was backed up, sealed: a row before the base and one after it."""
    config = sealing(prepared(open_folder / "sealed"))
    with running(config):
        write(config, FIRST)
        assert config.backup is not None
        base.take(config, config.backup)
        write(config, SECOND)
    return config


def test_nothing_can_be_read_in_the_folder(sealed: Settings) -> None:
    assert sealed.backup is not None
    assert lying_open.found(sealed.var / "postgres", words()) == words()
    assert lying_open.found(sealed.backup, words()) == set()
    assert {file.suffix for file in log_of(sealed.backup).iterdir()} == {".sealed"}
    assert lying_open.found(sealed.var.parent, [b"PRIVATE KEY"]) == {b"PRIVATE KEY"}
    for folder in (sealed.backup, sealed.var):
        assert lying_open.found(folder, [b"PRIVATE KEY"]) == set()
    told = last_backup(sealed)
    assert told is not None
    assert told.sealed


def test_a_key_that_is_missing_or_another_changes_nothing(sealed: Settings, tmp_path: Path) -> None:
    make_pair(tmp_path / "other")
    before = (sealed.var / "postgres").stat().st_ino
    for private, said in ((None, "by --key"), (tmp_path / "other" / PRIVATE, "does not open")):
        with pytest.raises(StartError, match=said), recovered(sealed, None, private):
            pass
    assert (sealed.var / "postgres").stat().st_ino == before


@contextmanager
def damaged(file: Path) -> Iterator[None]:
    """One byte in the middle changed, while the block runs."""
    content = file.read_bytes()
    at = len(content) // 2
    file.write_bytes(content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :])
    try:
        yield
    finally:
        file.write_bytes(content)


def test_a_damaged_base_changes_nothing(sealed: Settings) -> None:
    assert sealed.backup is not None
    (file,) = sealed.backup.glob("base/*/base.sealed")
    before = (sealed.var / "postgres").stat().st_ino
    with damaged(file), pytest.raises(StartError, match="this base is damaged"):
        back(sealed, key(sealed))
    assert (sealed.var / "postgres").stat().st_ino == before


def test_a_damaged_piece_is_not_taken_for_the_end(sealed: Settings) -> None:
    assert sealed.backup is not None
    last = max(file for file in pieces(sealed.backup) if len(file.stem) == 24)
    shutil.rmtree(sealed.var / "postgres")
    with damaged(last), pytest.raises(StartError, match=r"is damaged|did not start"):
        back(sealed, key(sealed))
    shutil.rmtree(sealed.var / "postgres")
    assert back(sealed, key(sealed)) == [FIRST, SECOND]


def test_a_folder_from_before_the_certificate_is_read_on(open_folder: Path) -> None:
    config = prepared(open_folder / "mixed")
    assert config.backup is not None
    with running(config):
        write(config, FIRST)
        base.take(config, config.backup)
        write(config, SECOND)
    assert lying_open.found(config.backup, words()) == words()
    folder, config = config.backup, sealing(config)
    with running(config):
        write(config, THIRD)
    assert {file.suffix for file in pieces(folder)} == {".gz", ".sealed"}
    told = last_backup(config)
    assert told is not None
    assert not told.sealed
    shutil.rmtree(config.var / "postgres")
    with pytest.raises(StartError, match="by --key"):
        back(config, None)
    assert back(config, key(config)) == CANARIES
    with running(config):
        assert rows(config) == CANARIES
        base.take(config, folder)
    told = last_backup(config)
    assert told is not None
    assert told.sealed
