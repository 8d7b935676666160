"""PostgreSQL: one pool per process, explicit transactions, numbered SQL migrations.

The pool does not reset connections: nothing of ours outlives a statement or a transaction
(settings are made with `set_config(…, true)`), so the reset's round trip is saved.
"""

import asyncio
import hashlib
import importlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from opentelemetry import trace

from kit.locks import Locks
from kit.settings import Settings, settings
from kit.telemetry import span

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    from kit.timers import Timer

    Record: TypeAlias = asyncpg.Record
    Connection: TypeAlias = asyncpg.Connection[Record] | PoolConnectionProxy[Record]
    Pool: TypeAlias = asyncpg.Pool[Record]

MIGRATION_LOCK = 7_302_114
CLOSE_SECONDS = 5.0
"""As long as a call may take."""
LOCK_SECONDS, LOCK_REST, LOCK_TRIES = 2, 1.0, 30
"""A migration waits so long for a lock, then rests, so many times."""
OUTSIDE = "-- outside a transaction"
"""How a file begins whose statements stand alone: an index made or dropped concurrently, which waits
for everybody and holds up nobody. It drops first what it makes, for a failure leaves a broken index."""
APPLIED = "INSERT INTO public.migration (component, number, name, digest) VALUES ($1, $2, $3, $4)"
log = logging.getLogger(__name__)
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What the driver raises when the database is away, full or locked: the same call may work later."""
WAIT_SECONDS = 1.5
"""Longest wait for a connection where all are in use."""


async def connect(
    workload: str, role: str, config: Settings | None = None
) -> "asyncpg.Connection[Record]":
    """A connection of its own to a workload's database as `owner` or `app`."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        **parameters(workload, role, config)
    )
    return connection


@asynccontextmanager
async def owner_of(workload: str) -> AsyncIterator["Connection"]:
    """The owner of a workload's tables, before whom row security hides no row of theirs."""
    connection = await connect(workload, "owner")
    try:
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
        yield connection
    finally:
        await connection.close()


def parameters(workload: str, role: str, config: Settings | None = None) -> dict[str, Any]:
    """Where and as whom to connect; the password is a secret file."""
    config = config or settings()
    user = f"{config.database(workload)}_{role}"
    return {
        "host": config.postgres_host,
        "port": config.postgres_port,
        "database": config.database(workload),
        "user": user,
        "password": config.secret(f"postgres_{user}"),
    }


async def _keep(_: object) -> None:
    """No reset: see the module's first paragraph."""


class BoundedPool(asyncpg.Pool):
    """A pool in whose queue nobody stands for long: TimeoutError, which counts as away."""

    def acquire(self, *, timeout: float | None = None) -> Any:
        """A connection, within the time stated or WAIT_SECONDS."""
        return super().acquire(timeout=WAIT_SECONDS if timeout is None else timeout)


AS_CREATE_POOL: dict[str, Any] = {
    "max_queries": 50_000,
    "max_inactive_connection_lifetime": 300.0,
    "connect": None,
    "setup": None,
    "init": None,
    "loop": None,
    "connection_class": asyncpg.Connection,
    "record_class": asyncpg.Record,
}
"""What `asyncpg.create_pool` fills in, which makes no pool of a class of ours."""


@dataclass(frozen=True, slots=True)
class Database:
    """The database of one workload."""

    workload: str
    pool: "Pool"
    locks: Locks = field(init=False)
    kept: "list[Timer]" = field(default_factory=list, compare=False)
    """Timers that work upon it in this process."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "locks", Locks(self.pool))

    @classmethod
    async def open(cls, workload: str, *, size: int = 8) -> "Database":
        """Open the pool of a workload as its application role."""
        pool = BoundedPool(
            **parameters(workload, "app"),
            min_size=1,
            max_size=size,
            reset=_keep,
            **AS_CREATE_POOL,
        )
        return cls(workload, await pool)

    async def close(self) -> None:
        """Close the pool, waiting for running work: a call that was cut off may still be committing."""
        try:
            await asyncio.wait_for(self.pool.close(), CLOSE_SECONDS)
        except TimeoutError:
            log.warning("connections of %s were not given back", self.workload)
            self.pool.terminate()

    @asynccontextmanager
    async def transaction(self, name: str = "transaction") -> AsyncIterator["Connection"]:
        """An explicit transaction in one span; committed when the block ends without error."""
        with span(name, trace.SpanKind.CLIENT):
            async with self.pool.acquire() as connection, connection.transaction():
                yield connection


def folders(workload: str) -> Iterator[tuple[str, Path]]:
    """Migration folders of a workload, in order: (component, folder)."""
    here = Path(__file__).parent
    if workload == "log":
        yield "log", here / "log" / "migrations"
        return
    yield "kit", here / "migrations"
    package = "gateway" if workload == "gateway" else f"services.{workload}"
    found = importlib.import_module(package).__path__
    yield workload, Path(found[0]) / "migrations"


def numbered(folder: Path) -> list[Path]:
    """The migrations of a folder, in order."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def standing_alone(sql: str) -> list[str]:
    """The statements of a file that stands outside a transaction; none of any other."""
    return [one for one in sql.split(";\n") if one.strip()] if sql.startswith(OUTSIDE) else []


async def migrate(workload: str, config: Settings | None = None) -> list[str]:
    """Apply what is missing, as the owner; answers the names applied.

    A file that was applied and changed afterwards is refused (RuntimeError): write a new number.
    """
    config = config or settings()
    connection = await connect(workload, "owner", config)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.migration (component text, number integer, name text,"
            " digest text, applied_at timestamptz DEFAULT now(), PRIMARY KEY (component, number))"
        )
        app = f'"{config.database(workload)}_app"'
        await connection.execute(
            f"REVOKE ALL ON public.migration FROM {app}; GRANT SELECT ON public.migration TO {app}"
        )
        return [
            name
            for component, folder in folders(workload)
            for name in await _apply(connection, component, folder, app)
        ]
    finally:
        await connection.close()


async def _apply(connection: "Connection", component: str, folder: Path, app: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT number, digest FROM public.migration WHERE component = $1", component
    )
    done = {row["number"]: row["digest"] for row in rows}
    applied = []
    for file in numbered(folder):
        number, text = int(file.name[:4]), file.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if number not in done:
            await _apply_one(
                connection, component, number, file.name, text.replace(":app", app), digest
            )
            applied.append(f"{component}/{file.name}")
        elif done[number] != digest:
            raise RuntimeError(f"migration {component}/{file.name} changed after it was applied")
    return applied


async def _apply_one(
    connection: "Connection", component: str, number: int, name: str, sql: str, digest: str
) -> None:
    """One file in one transaction, tried again while somebody else's lock is in its way.

    Whoever waits for a lock on a table holds up everybody behind: so it waits briefly, and often.
    """
    for left in reversed(range(LOCK_TRIES)):
        try:
            await _apply_once(connection, component, number, name, sql, digest)
            return
        except asyncpg.LockNotAvailableError:
            if not left:
                raise
            log.warning("migration %s/%s waits for a lock", component, name)
            await asyncio.sleep(LOCK_REST)


async def _apply_once(
    connection: "Connection", component: str, number: int, name: str, sql: str, digest: str
) -> None:
    if alone := standing_alone(sql):
        for statement in alone:
            await connection.execute(statement)
        await connection.execute(APPLIED, component, number, name, digest)
        return
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        await connection.execute(sql)
        await connection.execute(APPLIED, component, number, name, digest)
