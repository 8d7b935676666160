"""The embedded PostgreSQL: never root, loopback, back after a kill, clear about what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from kit.embedded import processes
from kit.embedded.apart import free_ports
from kit.embedded.postgres import Postgres, superuser_password
from kit.embedded.sentences import StartError
from tests.platform import ROOT

pytestmark = pytest.mark.enable_socket
FAST = {"fsync": "off", "shared_buffers": "16MB"}


def server_in(var: Path) -> Postgres:
    """A server that is not started yet."""
    log = var / "log" / "postgres.log"
    return Postgres(var / "postgres", free_ports(1)[0], None, var / "secrets", log, FAST)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One data folder for all tests of this file."""
    server = server_in(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(made: Postgres) -> Postgres:
    """The server, running."""
    if not made.running:
        made.start()
    return made


async def connected(server: Postgres, password: str | None = None) -> asyncpg.Connection:
    return await asyncpg.connect(
        host="127.0.0.1",
        port=server.port,
        user="postgres",
        password=password or superuser_password(server.secrets),
        database="postgres",
    )


async def test_it_finds_chinese_and_checks_passwords(server: Postgres) -> None:
    connection = await connected(server)
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    alike = await connection.fetchval("SELECT similarity('海口社区', '海口社区合唱队')")
    await connection.close()
    assert alike > 0.4
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connected(server, "wrong")


def test_it_is_never_root_and_hides_its_secret(server: Postgres) -> None:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    own_namespace = os.readlink("/proc/self/ns/user")
    namespace = os.readlink(f"/proc/{server.process.pid}/ns/user")
    assert "\nUid:\t0\t" not in status or namespace != own_namespace
    assert (server.secrets / "postgres_superuser").stat().st_mode & 0o777 == 0o600
    assert server.data.stat().st_mode & 0o077 == 0


def test_it_listens_on_loopback_only(server: Postgres) -> None:
    assert server.process is not None
    heard = [one.laddr.ip for one in psutil.Process(server.process.pid).net_connections()]
    assert set(heard) == {"127.0.0.1"}


async def test_it_keeps_what_was_committed_when_it_is_killed(server: Postgres) -> None:
    connection = await connected(server)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (id int); INSERT INTO kept VALUES(7)")
    assert server.process is not None
    server.process.kill()
    server.process.wait(5)
    connection.terminate()
    assert not server.running
    assert (server.data / "postmaster.pid").exists()
    server.start()
    connection = await connected(server)
    assert await connection.fetchval("SELECT id FROM kept") == 7
    await connection.close()


def test_a_recycled_id_in_the_pid_file_does_not_stop_a_start(server: Postgres) -> None:
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getppid()}\n{server.data}\n")
    server.start()
    assert server.running


def test_a_taken_port_names_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = server_in(tmp_path)
        server.port = other.getsockname()[1]
        with pytest.raises(StartError, match=f"{server.port}.*MINZHENG_POSTGRES_PORT"):
            server.start()
    assert not server.data.exists(), "nothing is made before the port is known to be free"


def test_a_failed_start_names_the_log_and_its_last_lines(server: Postgres) -> None:
    server.stop()
    server.options = {**FAST, "max_connections": "many"}
    try:
        with pytest.raises(StartError, match=r"postgres\.log") as caught:
            server.start()
    finally:
        server.options = FAST
    assert "max_connections" in str(caught.value)


OWNER = """
import sys, time
from pathlib import Path
from kit.embedded.postgres import Postgres
var = Path(sys.argv[1])
server = Postgres(var / "postgres", int(sys.argv[2]), None, var / "secrets", var / "log/postgres.log")
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""


def test_it_ends_with_an_owner_that_is_killed(server: Postgres) -> None:
    server.stop()
    command = [sys.executable, "-c", OWNER, str(server.data.parent), str(server.port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    end = time.monotonic() + 4
    while processes.born(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_server_left_over_by_an_owner_is_ended_first(server: Postgres) -> None:
    former = server.process
    assert former is not None
    again = Postgres(server.data, server.port, None, server.secrets, server.log, FAST)
    again.start()
    try:
        assert former.wait(1) is not None
        assert again.running
    finally:
        again.stop()


def test_a_first_start_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    server = server_in(tmp_path)
    command = [sys.executable, "-c", OWNER, str(tmp_path), str(server.port)]
    with subprocess.Popen(command, cwd=ROOT) as owner:
        half = server.data.with_name("postgres.new") / "PG_VERSION"
        end = time.monotonic() + 60
        while not half.exists():
            assert time.monotonic() < end
            time.sleep(0.005)
        owner.send_signal(signal.SIGKILL)
    server.start()
    try:
        assert server.running
        assert not half.parent.exists()
    finally:
        server.stop()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    server = server_in(tmp_path)
    server.data.mkdir(parents=True)
    (server.data / "letter.txt").write_text("kept")
    with pytest.raises(StartError, match="not empty"):
        server.start()
    assert (server.data / "letter.txt").read_text() == "kept"
