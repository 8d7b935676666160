"""Imports in the database: their row, and their posts by one exchange."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from protobuf import Message

from gateway.posts.domain import Outcome, Post
from gateway.posts.imports import PostImport
from gateway.posts.store import (
    ADD,
    EVERYTHING,
    Posts,
    change_of,
    identity,
    post_of,
    refusal_of,
    values_of,
)
from kit.calendar import Moment
from kit.errors import Refusal, conflict, not_found
from kit.sql import IN_SCOPE, MOMENT, bind, positions
from kit.unit import Audit, Change, Stale

if TYPE_CHECKING:
    from kit.database import Connection

NAMES = tuple(field.name for field in fields(PostImport))
START = f"""INSERT INTO post_import ({", ".join(NAMES)})
 SELECT {", ".join(f":{name}" for name in NAMES)} WHERE {IN_SCOPE} RETURNING import_id"""
CLOSE = f"""UPDATE post_import SET confirmed_at = :confirmed_at, declined_at = :declined_at,
 closed_by = :closed_by, reason = :reason WHERE import_id = :import_id AND closed_by = ''
 AND {IN_SCOPE} RETURNING import_id"""
END_POSTS = f"""UPDATE post SET revoked_at = :declined_at, revoked_by = :closed_by, reason = :reason
 FROM state WHERE post.import_id = :import_id AND {IN_SCOPE}"""
LOAD = f"SELECT *, {MOMENT} FROM post_import WHERE import_id = :import_id AND {IN_SCOPE}"
LIST = f"""SELECT * FROM post_import WHERE {IN_SCOPE}
 AND (:after::uuid IS NULL OR import_id < :after) ORDER BY import_id DESC LIMIT :size"""
OF_IMPORT = (
    f"SELECT * FROM post WHERE import_id = :import_id AND {IN_SCOPE} ORDER BY account, post_id"
)
IN_FORCE = (
    "SELECT count(*) FROM post WHERE import_id = :import_id AND confirmed_at = :at AND " + IN_SCOPE
)
BATCH = 200
"""Posts sent at once; between two batches other requests have their turn."""


class Imports:
    """Reads and writes of imports."""

    def __init__(self, posts: Posts) -> None:
        self.posts = posts
        self.database = posts.database
        self.unit = posts.unit

    async def load(self, import_id: str, scope: str) -> tuple[PostImport, list[Post], Moment]:
        """An import in reach with its posts; Refusal NOT_FOUND otherwise."""
        values = {"import_id": UUID(import_id), "scope": scope}
        text, arguments = bind(LOAD, values)
        row = await self.database.pool.fetchrow(text, *arguments)
        if row is None:
            raise not_found()
        text, arguments = bind(OF_IMPORT, values | {"scope": EVERYTHING})
        posts = await self.database.pool.fetch(text, *arguments)
        return (
            import_of(row),
            [post_of(post) for post in posts],
            Moment.of(row["now"], row["shift_days"]),
        )

    async def listed(self, scope: str, size: int, after: str) -> list[PostImport]:
        """Imports in reach by descending id, one more than asked."""
        text, values = bind(LIST, {"scope": scope, "size": size + 1, "after": identity(after)})
        return [import_of(row) for row in await self.database.pool.fetch(text, *values)]

    async def start(
        self,
        draft: PostImport,
        posts: Sequence[Post],
        moment: Moment,
        request: Message,
        answer: Message,
    ) -> None:
        """Keep a proposal; Refusal posts.import_known for a file that waits or was granted."""
        text, names = positions(ADD)
        rows = [[values_of(post)[name] for name in names] for post in posts]
        try:
            async with self.database.transaction("propose import") as connection:
                change = change_of_import(START, draft, "", moment)
                await self.unit.write(change, request, answer, connection)
                await connection.execute(
                    "SELECT set_config('minzheng.scope', $1, true)", EVERYTHING
                )
                await connection.executemany(text, rows)
        except asyncpg.UniqueViolationError as error:
            raise (
                known() if error.constraint_name == "post_import_file" else refusal_of(error)
            ) from error

    async def confirm(
        self,
        after: PostImport,
        outcomes: Sequence[Outcome],
        moment: Moment,
        request: Message,
        answer: Message,
    ) -> None:
        """Keep a confirmed import with all its posts. Raises Stale where one changed meanwhile."""
        try:
            async with self.database.transaction("confirm import") as connection:
                change = change_of_import(CLOSE, after, "PROPOSED", moment)
                await self.unit.write(change, request, answer, connection)
                for start in range(0, len(outcomes), BATCH):
                    batch = [change_of(one, moment) for one in outcomes[start : start + BATCH]]
                    await self.unit.write_many(batch, connection)
                await self._expect_all(connection, after, len(outcomes))
        except asyncpg.UniqueViolationError as error:
            raise refusal_of(error) from error
        self.unit.doorbell.ring()

    async def _expect_all(self, connection: "Connection", after: PostImport, count: int) -> None:
        values = {"import_id": UUID(after.import_id), "at": after.confirmed_at, "scope": EVERYTHING}
        text, arguments = bind(IN_FORCE, values)
        if await connection.fetchval(text, *arguments) != count:
            raise Stale

    async def decline(
        self, after: PostImport, moment: Moment, request: Message, answer: Message
    ) -> None:
        """Keep a declined import; its posts have ended. Raises Stale where it was closed meanwhile."""
        change = change_of_import(CLOSE, after, "PROPOSED", moment, END_POSTS)
        await self.unit.write(change, request, answer)


def change_of_import(
    state: str, found: PostImport, before: str, moment: Moment, *also: str
) -> Change:
    """The statement of an import's own row."""
    values: dict[str, Any] = {name: getattr(found, name) for name in NAMES}
    audit = Audit(
        found.import_id,
        found.region_path,
        moment.at,
        moment.today,
        before,
        found.state,
        found.reason,
    )
    return Change(state, values | {"import_id": UUID(found.import_id)}, audit, also)


def import_of(row: Any) -> PostImport:
    """A row as an import."""
    values = {name: row[name] for name in NAMES}
    return PostImport(**values | {"import_id": str(row["import_id"])})


def known() -> Refusal:
    """The same content waits or was granted."""
    return conflict("posts.import_known", "该文件已经导入或正在等待复核，不能重复导入。")
