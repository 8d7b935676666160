"""A PostgreSQL of the test session, and its workloads' databases, emptied for every test."""

import os
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import RSAKey

from kit.database import Database, connect, migrate
from kit.embedded.apart import free_ports
from kit.embedded.postgres import Postgres
from kit.embedded.roles import prepare
from kit.embedded.secrets import make_secrets
from kit.settings import Settings, settings
from tests.sink import Authority

if TYPE_CHECKING:
    import asyncpg

KEPT = ("public.migration", "public.feed_head", "public.published", "public.rule_book", "kit.clock")
TABLES = """SELECT format('%I.%I', nspname, relname) AS name FROM pg_class
 JOIN pg_namespace n ON n.oid = relnamespace
 WHERE nspname IN ('public', 'kit', 'log') AND relkind = 'r' AND pg_relation_size(pg_class.oid) > 0
 AND format('%I.%I', nspname, relname) <> ALL($1)"""
"""Those that ever held a row since they were emptied: to empty the others takes as long."""
SERVERS = frozenset({"postgres", "platform"})
"""Fixtures whose users may open sockets, all on loopback."""
OWNERS: "dict[str, asyncpg.Connection[asyncpg.Record]]" = {}
"""Whoever empties a database stays: to come anew for every test takes longer than the work."""
STORIES = "tests/stories/"
LONGEST = (STORIES, "tests/operations/", "tests/access/")
Workload = Callable[[str], Awaitable[Database]]
SOCKET = socket.socket


def accept(listening: socket.socket) -> tuple[socket.socket, object]:
    """Who was allowed to listen takes what comes, also while a test beside it may open nothing.

    Neighbors of a platform live in a thread of their own as long as the session. Refused there, they
    would fail the platform's next test, and their tracebacks disturb whoever parses sources.
    """
    number, address = listening._accept()  # type: ignore[attr-defined]
    taken = SOCKET(listening.family, listening.type, listening.proto, fileno=number)
    taken.setblocking(True)
    return taken, address


SOCKET.accept = accept  # type: ignore[method-assign]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sockets are refused (`--disable-socket`), except to tests that ask for a server by fixture.

    Where several processes share the tests, a file stays together, and so do the stories, which
    share a platform; what takes longest comes first.
    """
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.enable_socket)
        item.add_marker(pytest.mark.xdist_group(group_of(item.nodeid)))
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def group_of(test: str) -> str:
    """What stays in one process."""
    file = test.partition("::")[0]
    return STORIES if file.startswith(STORIES) else file


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who certifies the departments and neighbors of this session."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def issuer_key() -> bytes:
    """A key for embedded issuers, which would each make one of their own."""
    return RSAKey.generate_key(2048).as_pem(private=True)


@pytest.fixture
def issuer_folder(tmp_path: Path, issuer_key: bytes) -> Path:
    """The folder of an issuer, its key in it."""
    (tmp_path / "issuer_key.pem").write_bytes(issuer_key)
    return tmp_path


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder another account may enter, as whom a server of root runs.

    Not pytest's own: that is closed to others again whenever a session beside this one starts.
    """
    with tempfile.TemporaryDirectory(prefix="minzheng-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[Settings]:
    """A server of this session's own; `settings()` names it."""
    var = open_folder / "var"
    var.mkdir(mode=0o755)
    os.environ |= {
        "MINZHENG_PROFILE": "test",
        "MINZHENG_VAR": str(var),
        "MINZHENG_POSTGRES_PORT": str(free_ports(1)[0]),
    }
    settings.cache_clear()
    config = settings()
    config.secret_folder.mkdir(parents=True, exist_ok=True)
    make_secrets(config.secret_folder)
    server = Postgres.of(config)
    server.options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server.start()
    yield config
    server.stop()


@pytest.fixture(scope="session")
async def databases(postgres: Settings) -> AsyncIterator[dict[str, Database]]:
    """Databases opened so far, by workload."""
    found: dict[str, Database] = {}
    yield found
    for database in found.values():
        await database.close()
    while OWNERS:
        await OWNERS.popitem()[1].close()


@pytest.fixture
async def workload(postgres: Settings, databases: dict[str, Database]) -> Workload:
    """Opens a workload's migrated and emptied database."""

    async def open_empty(name: str) -> Database:
        return await emptied(name, postgres, databases)

    return open_empty


async def emptied(name: str, config: Settings, databases: dict[str, Database]) -> Database:
    """A workload's migrated database, emptied; opened at its first use."""
    if name not in databases:
        await prepare([name], config)
        await migrate(name, config)
        databases[name] = await Database.open(name)
    await _empty(name)
    return databases[name]


async def _empty(name: str) -> None:
    if name not in OWNERS or OWNERS[name].is_closed():
        OWNERS[name] = await connect(name, "owner")
    owner = OWNERS[name]
    tables = [row["name"] for row in await owner.fetch(TABLES, list(KEPT))]
    if tables:
        await owner.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    if name != "log":
        await owner.execute("UPDATE kit.clock SET shift_days = 0 WHERE shift_days <> 0")
