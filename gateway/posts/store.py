"""Posts in the database: one read an account, one statement a change."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from protobuf import Message

from gateway.posts.domain import Holdings, Moment, Outcome, Post, id_used, one_administrator
from gateway.posts.tables import Post as PostTable
from kit.calendar import business_date
from kit.database import Database
from kit.errors import not_found
from kit.facts import message_of
from kit.sql import bind
from kit.unit import Audit, Change, Unit

if TYPE_CHECKING:
    from kit.database import Connection, Record

PACKAGE = "minzheng.posts.v1"
COLUMNS = tuple(PostTable.model_fields)
IN_SCOPE = "(SELECT set_config('minzheng.scope', :scope, true)) IS NOT NULL"
NOW = "clock_timestamp() AS now, (SELECT shift_days FROM kit.clock) AS shift_days"
HELD = f"""SELECT post.*, {NOW}, (SELECT version FROM grants WHERE account = :account) AS version
 FROM (VALUES (1)) AS one LEFT JOIN post ON post.account = :account WHERE {IN_SCOPE}
 ORDER BY post_id"""
"""One row at least, so that the moment is read even where the account holds nothing."""
OWNER = f"SELECT account FROM post WHERE post_id = :post_id AND {IN_SCOPE}"
LIST = f"""SELECT post.*, {NOW} FROM post WHERE {IN_SCOPE}
 AND starts_with(region_path, :path) AND (:after::uuid IS NULL OR post_id < :after)
 ORDER BY post_id DESC LIMIT :size"""
COUNT_ON = f"""INSERT INTO grants (account, version) SELECT :account, :version WHERE {IN_SCOPE}
 ON CONFLICT (account) DO UPDATE SET version = excluded.version
 WHERE grants.version = excluded.version - 1 RETURNING account"""
"""The guard of every change: two changes of an account cannot both count on from one version."""
INSERT = f"""INSERT INTO post ({", ".join(COLUMNS)})
 SELECT {", ".join(f":{name}" for name in COLUMNS)} FROM state"""
REVOKE = f"""UPDATE post SET revoked_at = :revoked_at, revoked_by = :revoked_by, reason = :reason
 FROM state WHERE post_id = :post_id AND {IN_SCOPE}"""


class Posts:
    """Reads and writes of posts."""

    def __init__(self, database: Database, unit: Unit) -> None:
        self.database = database
        self.unit = unit

    async def held(
        self, account: str, connection: "Connection | None" = None
    ) -> tuple[Holdings, Moment]:
        """All posts of an account and the moment of the read."""
        text, values = bind(HELD, {"account": account, "scope": f"s:{account}"})
        rows = await (connection or self.database.pool).fetch(text, *values)
        posts = tuple(post_of(row) for row in rows if row["post_id"] is not None)
        return Holdings(account, rows[0]["version"] or 0, posts), moment_of(rows[0])

    async def load(self, post_id: str, scope: str) -> tuple[Holdings, Post, Moment]:
        """A post in reach with all that its account holds; Refusal NOT_FOUND otherwise."""
        text, values = bind(OWNER, {"post_id": UUID(post_id), "scope": scope})
        account = await self.database.pool.fetchval(text, *values)
        if account is None:
            raise not_found()
        holdings, moment = await self.held(account)
        post = holdings.find(post_id)
        assert post is not None, "posts are never deleted"
        return holdings, post, moment

    async def listed(
        self, scope: str, path: str, size: int, after: str = ""
    ) -> list[tuple[Post, Moment]]:
        """Posts under a path by descending id, one more than asked so that a next page shows."""
        values = {
            "scope": scope,
            "path": path,
            "after": UUID(after) if after else None,
            "size": size + 1,
        }
        text, arguments = bind(LIST, values)
        rows = await self.database.pool.fetch(text, *arguments)
        return [(post_of(row), moment_of(row)) for row in rows]

    async def save(
        self,
        outcome: Outcome,
        moment: Moment,
        request: Message | None = None,
        response: Message | None = None,
        connection: "Connection | None" = None,
    ) -> None:
        """Write an outcome.

        Raises Stale when the account's posts changed meanwhile; Refusal where a constraint holds
        what the rule could not see.
        """
        try:
            await self.unit.write(change_of(outcome, moment), request, response, connection)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "post_one_admin":
                raise one_administrator() from error
            if error.constraint_name == "post_pkey":
                raise id_used() from error
            raise


def change_of(outcome: Outcome, moment: Moment) -> Change:
    """The one statement of an outcome."""
    post, fact = outcome.post, outcome.fact
    ended = post.revoked_at is not None
    return Change(
        state=COUNT_ON,
        also=(REVOKE if ended else INSERT,),
        values=values_of(post) | {"version": fact.grants_version},
        audit=Audit(
            object_id=post.post_id,
            region_path=post.region_path,
            at=moment.at,
            business_on=moment.today,
            from_state="GRANTED" if ended else "",
            to_state="REVOKED" if ended else "GRANTED",
            reason=post.reason,
        ),
        fact=message_of(fact, PACKAGE),
    )


def values_of(post: Post) -> dict[str, Any]:
    """A post as the values of its columns."""
    return {name: getattr(post, name) for name in COLUMNS} | {"post_id": UUID(post.post_id)}


def post_of(row: "Record") -> Post:
    """A row as a post."""
    values = {name: row[name] for name in COLUMNS}
    return Post(**values | {"post_id": str(row["post_id"])})


def moment_of(row: "Record") -> Moment:
    """The moment a row was read at."""
    return Moment(business_date(row["now"], row["shift_days"]), row["now"])
