"""Posts in the database: one read of some accounts, one statement a change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from protobuf import Message

from gateway.posts.accounts import Standing
from gateway.posts.domain import Holdings, Outcome, Post
from gateway.posts.refusals import id_used, one_administrator
from gateway.posts.tables import Post as PostTable
from kit.acting import Actor
from kit.calendar import Moment
from kit.database import Database
from kit.errors import not_found
from kit.facts import message_of
from kit.sql import IN_SCOPE, MOMENT, bind
from kit.unit import Audit, Change, Unit

if TYPE_CHECKING:
    from kit.database import Connection, Record

PACKAGE = "minzheng.posts.v1"
EVERYTHING = "r:/"
"""Scope of a rule that has to see all posts of an account, wherever they are."""
COLUMNS = tuple(PostTable.model_fields)
IDS = ("post_id", "delegated_from", "import_id")
HELD = f"""SELECT asked.name, grants.version, disabled_by, disabled_key, post.*, {MOMENT}
 FROM unnest((SELECT :accounts::text[])) AS asked (name)
 LEFT JOIN grants ON grants.account = asked.name LEFT JOIN post ON post.account = asked.name
 WHERE {IN_SCOPE} ORDER BY asked.name, post_id"""
"""One row an account at least, so that the moment is read even where it holds nothing. The accounts
are hidden from the planner: one that counts them makes a plan for each call, which takes longer."""
OWNER = f"SELECT account FROM post WHERE post_id = :post_id AND {IN_SCOPE}"
STATE = """CASE WHEN revoked_at IS NOT NULL THEN 'REVOKED'
 WHEN confirmed_at IS NULL THEN 'PROPOSED' ELSE 'GRANTED' END"""
LIST = f"""SELECT post.*, {MOMENT} FROM post WHERE {IN_SCOPE}
 AND starts_with(region_path, :path) AND (:after::uuid IS NULL OR post_id < :after)
 AND (:import_id::uuid IS NULL OR import_id = :import_id) AND (:state = '' OR {STATE} = :state)
 AND (:account = '' OR account = :account)
 ORDER BY post_id DESC LIMIT :size"""
DERIVED = (
    f"SELECT * FROM post WHERE delegated_from = :post_id AND revoked_at IS NULL AND {IN_SCOPE}"
)
DELEGATED = f"SELECT * FROM post WHERE delegator = :account AND revoked_at IS NULL AND {IN_SCOPE}"
ANY_IN_FORCE = f"""SELECT EXISTS (SELECT FROM post LEFT JOIN grants USING (account)
 WHERE role = :role AND revoked_at IS NULL AND confirmed_at IS NOT NULL AND valid_from <= :today
 AND coalesce(valid_to, :today) >= :today AND coalesce(disabled_by, '') = '') WHERE {IN_SCOPE}"""
COUNT_ON = f"""INSERT INTO grants (account, version) SELECT :counted, :version WHERE {IN_SCOPE}
 ON CONFLICT (account) DO UPDATE SET version = excluded.version
 WHERE grants.version = excluded.version - 1 RETURNING account"""
"""The guard of every change: two changes of an account cannot both count on from one version."""
STAND = f"""INSERT INTO grants (account, version, disabled_by, disabled_key)
 SELECT :account, :version, :disabled_by, :disabled_key WHERE {IN_SCOPE}
 ON CONFLICT (account) DO UPDATE SET version = excluded.version,
 disabled_by = excluded.disabled_by, disabled_key = excluded.disabled_key
 WHERE grants.version = excluded.version - 1 RETURNING account"""
VALUES = ", ".join(f":{name}" for name in COLUMNS)
ADD = f"INSERT INTO post ({', '.join(COLUMNS)}) SELECT {VALUES}"
PROPOSE = f"{ADD} WHERE {IN_SCOPE} RETURNING post_id"
INSERT = f"{ADD} FROM state"
CONFIRM = f"""UPDATE post SET confirmed_at = :confirmed_at, confirmed_by = :confirmed_by
 FROM state WHERE post_id = :post_id AND {IN_SCOPE}"""
REVOKE = f"""UPDATE post SET revoked_at = :revoked_at, revoked_by = :revoked_by, reason = :reason
 FROM state WHERE post_id = :post_id AND {IN_SCOPE}"""
STEPS = {"GRANTED": CONFIRM, "REVOKED": REVOKE}


class Posts:
    """Reads and writes of posts."""

    def __init__(self, database: Database, unit: Unit) -> None:
        self.database = database
        self.unit = unit

    async def held(
        self, account: str, connection: "Connection | None" = None
    ) -> tuple[Holdings, Moment]:
        """All posts of an account and the moment of the read."""
        found, moment = await self._held([account], f"s:{account}", connection)
        return found[account], moment

    async def held_by(self, accounts: Iterable[str]) -> tuple[dict[str, Holdings], Moment]:
        """All posts of some accounts, at least one, whoever asks."""
        return await self._held(sorted(set(accounts)), EVERYTHING)

    async def _held(
        self, accounts: Sequence[str], scope: str, connection: "Connection | None" = None
    ) -> tuple[dict[str, Holdings], Moment]:
        text, values = bind(HELD, {"accounts": accounts, "scope": scope})
        rows = await (connection or self.database.pool).fetch(text, *values)
        posts: dict[str, list[Post]] = {account: [] for account in accounts}
        for row in rows:
            if row["post_id"] is not None:
                posts[row["name"]].append(post_of(row))
        found = {
            row["name"]: Holdings(
                row["name"], row["version"] or 0, tuple(posts[row["name"]]), disabled_by(row)
            )
            for row in rows
        }
        return found, Moment.of(rows[0]["now"], rows[0]["shift_days"])

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

    async def derived(self, post_id: str) -> list[Post]:
        """Delegations of a post that have not ended, also those that wait."""
        text, values = bind(DERIVED, {"post_id": UUID(post_id), "scope": EVERYTHING})
        return [post_of(row) for row in await self.database.pool.fetch(text, *values)]

    async def delegated(self, account: str) -> list[Post]:
        """Delegations by an account that have not ended."""
        text, values = bind(DELEGATED, {"account": account, "scope": f"s:{account}"})
        return [post_of(row) for row in await self.database.pool.fetch(text, *values)]

    async def any_in_force(self, role: str, today: date) -> bool:
        """Somebody may act under a post of that role."""
        values = {"role": role, "today": today, "scope": EVERYTHING}
        text, arguments = bind(ANY_IN_FORCE, values)
        return bool(await self.database.pool.fetchval(text, *arguments))

    async def listed(
        self,
        scope: str,
        path: str,
        size: int,
        *,
        after: str = "",
        state: str = "",
        of: str = "",
        account: str = "",
    ) -> list[tuple[Post, Moment]]:
        """Posts under a path by descending id, one more than asked so that a next page shows.

        `state`, `of` (an import) and `account` narrow the list.
        """
        values = {
            "scope": scope,
            "path": path,
            "after": identity(after),
            "state": state,
            "import_id": identity(of),
            "account": account,
            "size": size + 1,
        }
        text, arguments = bind(LIST, values)
        rows = await self.database.pool.fetch(text, *arguments)
        return [(post_of(row), Moment.of(row["now"], row["shift_days"])) for row in rows]

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
            raise refusal_of(error) from error

    async def stand(
        self, standing: Standing, moment: Moment, request: Message, response: Message
    ) -> None:
        """Write whether an account may act. Raises Stale when its posts changed meanwhile."""
        await self.unit.write(standing_change(standing, moment), request, response)

    async def save_all(
        self, outcomes: Sequence[Outcome], moment: Moment, request: Message, response: Message
    ) -> None:
        """Write outcomes together, in their order; the answered request goes with the first."""
        asked: tuple[Message | None, Message | None] = (request, response)
        async with self.database.transaction("save posts") as connection:
            for outcome in outcomes:
                await self.save(outcome, moment, *asked, connection)
                asked = (None, None)
        self.unit.doorbell.ring()


def refusal_of(error: asyncpg.UniqueViolationError) -> Exception:
    """What a broken constraint means; the error itself where it says nothing of posts."""
    known = {"post_one_admin": one_administrator, "post_pkey": id_used, "post_import_pkey": id_used}
    made = known.get(error.constraint_name or "")
    return made() if made else error


def change_of(outcome: Outcome, moment: Moment) -> Change:
    """The one statement of an outcome."""
    post, fact = outcome.post, outcome.fact
    values = values_of(post)
    if fact is not None:
        values |= {"version": fact.grants_version, "counted": fact.account}
    step = STEPS[post.state] if outcome.before else INSERT
    return Change(
        state=COUNT_ON if fact else PROPOSE,
        also=(step,) if fact else (),
        values=values,
        audit=Audit(
            object_id=post.post_id,
            region_path=post.region_path,
            at=moment.at,
            business_on=moment.today,
            from_state=outcome.before,
            to_state=post.state,
            reason=post.reason,
        ),
        fact=message_of(fact, PACKAGE) if fact else None,
    )


def standing_change(standing: Standing, moment: Moment) -> Change:
    """The one statement of a standing."""
    fact, by = standing.fact, standing.disabled_by or Actor("")
    return Change(
        state=STAND,
        values={
            "account": fact.account,
            "version": fact.grants_version,
            "disabled_by": by.account,
            "disabled_key": by.person_key,
        },
        audit=Audit(
            object_id=fact.account,
            region_path="/",
            at=moment.at,
            business_on=moment.today,
            to_state=standing.state,
            reason=standing.reason,
        ),
        fact=message_of(fact, PACKAGE),
    )


def disabled_by(row: "Record") -> Actor | None:
    """Who disabled the account of a row."""
    return Actor(row["disabled_by"], person_key=row["disabled_key"]) if row["disabled_by"] else None


def values_of(post: Post) -> dict[str, Any]:
    """A post as the values of its columns."""
    values = {name: getattr(post, name) for name in COLUMNS}
    return values | {name: identity(values[name]) for name in IDS}


def identity(text: str) -> UUID | None:
    """An id as the database keeps it; None for none."""
    return UUID(text) if text else None


def post_of(row: "Record | Mapping[str, Any]") -> Post:
    """A row as a post."""
    values = {name: row[name] for name in COLUMNS}
    values["person_keys"] = tuple(values["person_keys"])
    return Post(**values | {name: str(values[name] or "") for name in IDS})
