"""Locks of work that only one process does at a time: all of a process on one connection of its pool.

Were each lock to hold a connection while its work asks for another, as many works as the pool has
connections would wait for each other.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from kit.log.session import UNREACHABLE

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    from kit.database import Pool, Record

    Pooled: TypeAlias = PoolConnectionProxy[Record]

TAKE = "SELECT pg_try_advisory_lock($1)"
LEAVE = "SELECT pg_advisory_unlock($1)"


class Locks:
    """The locks of one process. The connection is the pool's again while none is held."""

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self._held: set[int] = set()
        self._connection: Pooled | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[bool]:
        """Whether nobody else holds that name; where so, it is held while the block runs.

        Raises what the driver raises where the database is away.
        """
        key = zlib.crc32(name.encode())
        taken = await self._take(key)
        try:
            yield taken
        finally:
            if taken:
                await self._leave(key)

    async def _take(self, key: int) -> bool:
        async with self._turn:
            if key in self._held:
                return False
            try:
                if self._connection is None:
                    self._connection = await self.pool.acquire()
                taken = bool(await self._connection.fetchval(TAKE, key))
                if taken:
                    self._held.add(key)
            finally:
                await self._give_back()
        return taken

    async def _leave(self, key: int) -> None:
        async with self._turn:
            if self._connection is not None:
                await _unlock(self._connection, key)
            self._held.discard(key)
            await self._give_back()

    async def _give_back(self) -> None:
        """Keep the connection for who still holds a lock on it; a lost one holds nobody's."""
        connection = self._connection
        if connection is None or (self._held and not _lost(connection)):
            return
        self._connection = None
        self._held.clear()
        await self.pool.release(connection)


async def _unlock(connection: "Pooled", key: int) -> None:
    try:
        await connection.execute(LEAVE, key)
    except UNREACHABLE:
        # With the connection every lock on it is gone.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()


def _lost(connection: "Pooled") -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
