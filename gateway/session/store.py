"""Rows of sessions: one read a request; opening, moving and ending leave their audit row in the same statement."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel

from gateway.session.domain import ABSOLUTE, IDLE, NOTED, Session
from kit.call import Call, enter
from kit.identity import Caller
from kit.rotation import Sealed
from kit.sql import bind
from kit.timers import Timer
from kit.unit import Audit, Change, Stale, Unit
from proto.gen.minzheng.common.v1.access_pb import Access, Role

if TYPE_CHECKING:
    from kit.database import Connection

COLUMNS = tuple(Session.__dataclass_fields__)
STORED = (*COLUMNS, "digest", "issuer_session", "tokens")
SEALED = Sealed("session", ("session_id",), {"tokens": "session.tokens"}, {})
"""The issuer's tokens."""
REFRESH_SECONDS = 15
"""For which one request alone refreshes: the issuer takes a refresh token only once."""
FIND = f"""SELECT {", ".join(COLUMNS)}, digest, clock_timestamp() AS now,
 coalesce((SELECT version FROM grants WHERE grants.account = session.account), 0) AS grants
 FROM session WHERE digest = :digest"""
OPEN = f"""INSERT INTO session ({", ".join(STORED)})
 SELECT {", ".join(f":{name}" for name in STORED)} RETURNING account"""
MOVE = """UPDATE session SET digest = :digest, post = :post, seen_at = :seen_at
 WHERE session_id = :session_id AND digest = :before RETURNING account"""
END = "DELETE FROM session WHERE session_id = :session_id RETURNING account"
END_ALL = "DELETE FROM session"
"""After a restore: what was ended since would live again."""
NOTE = f"""UPDATE session SET seen_at = clock_timestamp() WHERE digest = :digest
 AND seen_at < clock_timestamp() - interval '{NOTED.seconds} seconds'"""
TOKENS = "SELECT tokens FROM session WHERE session_id = :session_id"
CLAIM = f"""UPDATE session SET refresh_at = clock_timestamp() + interval '{REFRESH_SECONDS} seconds'
 WHERE session_id = :session_id AND refresh_at <= clock_timestamp() RETURNING tokens"""
RENEW = """UPDATE session SET tokens = :tokens, assured = :assured, confirmed_at = clock_timestamp(),
 refresh_at = clock_timestamp() + make_interval(secs => :seconds) WHERE session_id = :session_id"""
OF = f"""SELECT {", ".join(COLUMNS)} FROM session
 WHERE account = :account OR issuer_session = :issuer_session"""
TIDY = f"""DELETE FROM session WHERE session_id = ANY (ARRAY(SELECT session_id FROM session
 WHERE seen_at < now() - interval '{IDLE.seconds} seconds'
 OR started_at < now() - interval '{ABSOLUTE.seconds} seconds' LIMIT 1000))"""


def _time() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SessionRow(SQLModel, table=True):
    """A signed-on browser."""

    __tablename__ = "session"

    session_id: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    account: str
    post: str
    assured: bool
    issuer_session: str
    acr: str
    authenticated_at: datetime = _time()
    started_at: datetime = _time()
    seen_at: datetime = _time()
    confirmed_at: datetime = _time()
    refresh_at: datetime = _time()
    tokens: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave; never leaves the gateway. `name` is what the person is called."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A session as it was read: when, under which cookie, at which version of the account's posts."""

    session: Session
    digest: bytes
    now: datetime
    grants: int


@dataclass(frozen=True, slots=True)
class SessionRows:
    """Reads and writes of sessions."""

    unit: Unit

    async def find(self, digest: bytes) -> Found | None:
        """The session of a cookie, whether over or not."""
        row = await self._row(FIND, digest=digest)
        if row is None:
            return None
        return Found(session_of(row), bytes(row["digest"]), row["now"], row["grants"])

    async def open(
        self, session: Session, digest: bytes, issuer_session: str, tokens: Tokens
    ) -> None:
        """A new session."""
        values = values_of(session) | {
            "digest": digest,
            "issuer_session": issuer_session,
            "tokens": self._seal(session.session_id, tokens),
        }
        await self._write("sign_in", OPEN, values, session, session.started_at)

    async def move(self, found: Found, digest: bytes, post: str) -> None:
        """A session under another post and another cookie. Raises Stale when it is gone."""
        values = {
            "session_id": UUID(found.session.session_id), "digest": digest,
            "before": found.digest, "post": post, "seen_at": found.now,
        }  # fmt: skip
        await self._write("choose_post", MOVE, values, replace(found.session, post=post), found.now)

    async def end(
        self,
        session: Session,
        at: datetime,
        reason: str,
        connection: "Connection | None" = None,
    ) -> None:
        """End a session, its cookie is worth nothing any more; nothing where it has ended before."""
        values = {"session_id": UUID(session.session_id)}
        try:
            await self._write("sign_out", END, values, session, at, reason, connection)
        except Stale:
            return

    async def note(self, digest: bytes) -> None:
        """Note a request."""
        await self._run(NOTE, digest=digest)

    async def tokens(self, session: Session) -> Tokens | None:
        """What the issuer gave; None when the session is gone."""
        row = await self._row(TOKENS, session_id=UUID(session.session_id))
        return self._unseal(session.session_id, row["tokens"]) if row else None

    async def claim_refresh(self, session: Session) -> Tokens | None:
        """The tokens to refresh; None where another request does so."""
        row = await self._row(CLAIM, session_id=UUID(session.session_id))
        return self._unseal(session.session_id, row["tokens"]) if row else None

    async def renew(self, session: Session, tokens: Tokens, assured: bool, seconds: float) -> None:
        """Keep refreshed tokens, to be refreshed again after some seconds."""
        await self._run(
            RENEW,
            session_id=UUID(session.session_id),
            tokens=self._seal(session.session_id, tokens),
            assured=assured,
            seconds=seconds,
        )

    async def of(self, account: str = "", issuer_session: str = "") -> Collection[Session]:
        """Sessions of an account, or of one single sign-on at the issuer."""
        text, values = bind(OF, {"account": account, "issuer_session": issuer_session})
        return [session_of(row) for row in await self.unit.database.pool.fetch(text, *values)]

    async def tidy(self) -> int:
        """Remove what is over; answers how many."""
        return int((await self.unit.database.pool.execute(TIDY)).rpartition(" ")[2])

    async def _write(
        self,
        action: str,
        state: str,
        values: dict[str, Any],
        session: Session,
        at: datetime,
        reason: str = "",
        connection: "Connection | None" = None,
    ) -> None:
        who = Caller(session.account, Role.UNSPECIFIED, post_id=session.post)
        enter(Call(who, action, Access(action=action)))
        audit = Audit(session.session_id, "", at, None, reason=reason)
        await self.unit.write(Change(state, values, audit), connection=connection)

    async def _row(self, text: str, **values: object) -> Any:
        rendered, arguments = bind(text, values)
        return await self.unit.database.pool.fetchrow(rendered, *arguments)

    async def _run(self, text: str, **values: object) -> None:
        rendered, arguments = bind(text, values)
        await self.unit.database.pool.execute(rendered, *arguments)

    def _seal(self, session_id: str, tokens: Tokens) -> bytes:
        return self.unit.keyring.encrypt(
            json.dumps(asdict(tokens)), SEALED.place("tokens", session_id)
        )

    def _unseal(self, session_id: str, cell: bytes) -> Tokens:
        return Tokens(
            **json.loads(self.unit.keyring.decrypt(bytes(cell), SEALED.place("tokens", session_id)))
        )


def tidying(rows: SessionRows) -> Timer:
    """Removes sessions that are over, every five minutes."""
    return Timer("gateway.sessions", rows.tidy, 300.0)


def values_of(session: Session) -> dict[str, Any]:
    """A session as the values of its columns."""
    return asdict(session) | {"session_id": UUID(session.session_id)}


def session_of(row: Any) -> Session:
    """A row as a session."""
    values = {name: row[name] for name in COLUMNS}
    return Session(**values | {"session_id": str(row["session_id"])})
