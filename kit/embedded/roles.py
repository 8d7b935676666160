"""Databases and roles: one database a workload, an owner that migrates, an app without DDL."""

from collections.abc import Sequence

import asyncpg

from kit.embedded.postgres import secret_file, superuser_password
from kit.settings import Settings, settings

# An application that hangs must not hold locks of others for long.
LIMITS = {
    "idle_in_transaction_session_timeout": "10s",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
}


async def prepare(workloads: Sequence[str], config: Settings | None = None) -> None:
    """Make what is missing for these workloads and set every right anew; safe to repeat."""
    config = config or settings()
    server = await superuser("postgres", config)
    try:
        for database in ("postgres", "template1"):
            await server.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
        for workload in workloads:
            await _make(server, config.database(workload), config)
    finally:
        await server.close()
    for workload in workloads:
        await _grant(config.database(workload), config)


async def superuser(database: str, config: Settings) -> asyncpg.Connection:
    """A connection to a database as the server's superuser."""
    return await asyncpg.connect(
        host=config.postgres_host,
        port=config.postgres_port,
        user="postgres",
        password=superuser_password(config.secret_folder),
        database=database,
    )


async def _make(server: asyncpg.Connection, name: str, config: Settings) -> None:
    for role in (f"{name}_owner", f"{name}_app"):
        if not await server.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await server.execute(f'CREATE ROLE "{role}"')
        password = secret_file(config.secret_folder, f"postgres_{role}")
        await server.execute(f"ALTER ROLE \"{role}\" LOGIN PASSWORD '{password}'")
    for key, value in LIMITS.items():
        await server.execute(f"ALTER ROLE \"{name}_app\" SET {key} = '{value}'")
    if not await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await server.execute(f'CREATE DATABASE "{name}" OWNER "{name}_owner"')


async def _grant(name: str, config: Settings) -> None:
    owner, app = f'"{name}_owner"', f'"{name}_app"'
    connection = await superuser(name, config)
    try:
        await connection.execute(
            f"""
            REVOKE ALL ON DATABASE "{name}" FROM PUBLIC, {app};
            GRANT CONNECT ON DATABASE "{name}" TO {app};
            CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
            ALTER SCHEMA public OWNER TO {owner};
            REVOKE ALL ON SCHEMA public FROM PUBLIC, {app};
            GRANT USAGE ON SCHEMA public TO {app};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner}
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SEQUENCES TO {app};
            """
        )
    finally:
        await connection.close()
