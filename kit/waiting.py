"""A process waits by itself for what it stands on, and says what it waits for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from kit.database import AWAY, connect, folders, numbered
from kit.embedded.backoff import Backoff

LONGEST = 5.0
"""Seconds between two looks at most."""
NOT_YET = (
    *AWAY,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.UndefinedTableError,
    asyncpg.InsufficientPrivilegeError,
)
"""A server that is away, or roles, database and tables that the migrations have yet to make."""
ENTITLED = (
    "SELECT pg_get_userbyid(nspowner) = current_user FROM pg_namespace WHERE nspname = 'public'"
)
"""Given to the owner in one step with what others may do with the tables that it makes."""
APPLIED = "SELECT component, number FROM public.migration"
log = logging.getLogger(__name__)
T = TypeVar("T")


class NotYet(RuntimeError):
    """What is waited for is not there; the text says what is missing."""


async def waited(what: str, ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, once there is one: asked again after 0.2 s, doubling to 5 s, for as long as it takes."""
    backoff = Backoff(longest=LONGEST)
    while True:
        try:
            return await ask()
        except (*NOT_YET, NotYet) as error:
            delay = backoff.after(0)
            said = str(error) if isinstance(error, NotYet) else type(error).__name__
            log.warning("waiting for %s: %s; again in %.1f s", what, said, delay)
            await asyncio.sleep(delay)


async def entitled(workload: str) -> None:
    """Return when a workload's database is there and its owner has the rights to migrate it."""
    await waited(f"the rights on the database of {workload}", lambda: _look_at_rights(workload))


async def _look_at_rights(workload: str) -> None:
    connection = await connect(workload, "owner")
    try:
        if not await connection.fetchval(ENTITLED):
            raise NotYet("the owner has no rights")
    finally:
        await connection.close()


async def migrated(workload: str) -> None:
    """Return when a workload's database has every migration that this release brings."""
    await waited(f"the database of {workload}", lambda: _look(workload))


async def _look(workload: str) -> None:
    connection = await connect(workload, "app")
    try:
        applied = {tuple(row) for row in await connection.fetch(APPLIED)}
    finally:
        await connection.close()
    lacking = [
        file.name
        for component, folder in folders(workload)
        for file in numbered(folder)
        if (component, int(file.name[:4])) not in applied
    ]
    if lacking:
        raise NotYet(f"{len(lacking)} migrations from {lacking[0]} on")
