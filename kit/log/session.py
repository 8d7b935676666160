"""Small manners of long-lived work: leaving a connection, pausing until the end, two things at once."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

if TYPE_CHECKING:
    from kit.database import Connection

CLOSE_SECONDS = 2.0
Result = TypeVar("Result")
UNREACHABLE = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # A query sent between the server's farewell and the end of the socket (asyncpg #1069).
    asyncpg.InternalClientError,
)
"""What the driver raises when a database is away or in trouble."""


async def leave(connection: "Connection") -> None:
    """Close a connection of one's own, whatever state it is in; its locks go with it."""
    try:
        await connection.close(timeout=CLOSE_SECONDS)
    except UNREACHABLE:
        connection.terminate()


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Return after `seconds`, or at once when `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Result]) -> AsyncIterator["asyncio.Task[Result]"]:
    """Run `work` beside the block, which it does not outlive."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
