"""A PostgreSQL of the test session, and its workloads' databases, emptied for every test."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from kit.database import Database, connect, migrate
from kit.embedded.apart import free_ports
from kit.embedded.postgres import Postgres
from kit.embedded.roles import prepare
from kit.embedded.secrets import make_secrets
from kit.settings import Settings, settings
from tests.sink import Authority

KEPT = ("public.migration", "public.feed_head", "public.published", "public.rule_book", "kit.clock")
TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
 WHERE schemaname IN ('public', 'kit', 'log') AND format('%I.%I', schemaname, tablename) <> ALL($1)"""
SERVERS = frozenset({"postgres", "platform"})
"""Fixtures whose users may open sockets, all on loopback."""
Workload = Callable[[str], Awaitable[Database]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sockets are refused (`--disable-socket`), except to tests that ask for a server by fixture."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who certifies the departments and neighbors of this session."""
    return Authority(tmp_path_factory.mktemp("authority"))


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


@pytest.fixture
async def workload(postgres: Settings, databases: dict[str, Database]) -> Workload:
    """Opens a workload's migrated and emptied database."""

    async def open_empty(name: str) -> Database:
        if name not in databases:
            await prepare([name], postgres)
            await migrate(name, postgres)
            databases[name] = await Database.open(name)
        await _empty(name)
        return databases[name]

    return open_empty


async def _empty(name: str) -> None:
    owner = await connect(name, "owner")
    try:
        tables = [row[0] for row in await owner.fetch(TABLES, list(KEPT))]
        if tables:
            await owner.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        if name != "log":
            await owner.execute("UPDATE kit.clock SET shift_days = 0")
    finally:
        await owner.close()
