"""Rights of the two roles of a workload: the owner migrates, the application has no DDL."""

import asyncpg
import pytest

from kit.database import connect, parameters
from kit.embedded.roles import prepare
from kit.settings import Settings

NAMES = ("roles_one", "roles_two")


@pytest.fixture(scope="module")
async def prepared(postgres: Settings) -> Settings:
    """Two workloads without tables; prepared twice, because a second start does it again."""
    await prepare(NAMES, postgres)
    await prepare(NAMES, postgres)
    owner = await connect(NAMES[0], "owner", postgres)
    await owner.execute("CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY, word text)")
    await owner.close()
    return postgres


@pytest.fixture
async def app(prepared: Settings) -> asyncpg.Connection:
    return await connect(NAMES[0], "app", prepared)


async def test_the_application_reads_and_writes_rows(app: asyncpg.Connection) -> None:
    await app.execute("INSERT INTO thing (word) VALUES ('海口')")
    await app.execute("UPDATE thing SET word = '三亚'")
    assert await app.fetchval("SELECT word FROM thing") == "三亚"
    await app.execute("DELETE FROM thing")
    await app.close()


@pytest.mark.parametrize(
    "ddl",
    [
        "CREATE TABLE own (id int)",
        "CREATE TEMPORARY TABLE own (id int)",
        "CREATE SCHEMA own",
        "ALTER TABLE thing ADD more text",
        "DROP TABLE thing",
        "TRUNCATE thing",
        "CREATE POLICY mine ON thing USING (true)",
        "CREATE ROLE other",
        "SET ROLE minzheng_roles_one_owner",
    ],
)
async def test_the_application_has_no_ddl(app: asyncpg.Connection, ddl: str) -> None:
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(ddl)
    finally:
        await app.close()


@pytest.mark.parametrize("database", ["minzheng_roles_two", "postgres", "template1"])
@pytest.mark.parametrize("role", ["app", "owner"])
async def test_no_role_reaches_another_database(
    prepared: Settings, database: str, role: str
) -> None:
    where = parameters(NAMES[0], role, prepared) | {"database": database}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(**where)  # type: ignore[arg-type]


async def test_the_application_cannot_hang_for_long(app: asyncpg.Connection) -> None:
    names = ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
    assert [await app.fetchval(f"SHOW {name}") for name in names] == ["10s", "5s", "2s"]
    await app.close()


def test_passwords_are_files_of_their_owner_only(prepared: Settings) -> None:
    files = [
        prepared.secret_folder / f"postgres_minzheng_{name}_{role}"
        for name in NAMES
        for role in ("owner", "app")
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len({file.read_text() for file in files}) == 4
