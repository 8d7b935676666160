"""Forms put aside while a person signs in again, and given back once: to the same account at the same page.

A form says whose it is by a sealed value, for a session that is over says nothing any more.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel
from starlette.requests import Request
from starlette.responses import Response

from gateway.session.cookies import drop, put
from kit.rotation import Sealed
from kit.secrets import Keyring
from kit.sql import bind
from kit.timers import Timer
from kit.unit import Unit

COOKIE = "__Host-aside"
MINUTES = 30
"""For which a form is kept."""
LONGEST = 1_000_000
"""Characters of a form; a longer one is not kept."""
SEALED = Sealed("aside", ("aside_id",), {"typed": "aside.typed"}, {})
WHOSE = "form.whose"
"""Place of the sealed value in forms."""
UNREADABLE = (InvalidTag, binascii.Error, ValueError, IndexError, KeyError)
KEEP = """INSERT INTO aside (aside_id, account, page, typed, kept_at)
 VALUES (:aside_id, :account, :page, :typed, now())"""
GIVE = f"""DELETE FROM aside WHERE aside_id = :aside_id AND account = :account AND page = :page
 AND kept_at > now() - interval '{MINUTES} minutes' RETURNING typed"""
TIDY = f"DELETE FROM aside WHERE kept_at < now() - interval '{MINUTES} minutes'"
Typed = Sequence[tuple[str, str]]


class AsideRow(SQLModel, table=True):
    """A form put aside."""

    __tablename__ = "aside"

    aside_id: UUID = Field(primary_key=True)
    account: str
    page: str
    typed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kept_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def whose(keyring: Keyring, account: str) -> str:
    """The sealed value of a form."""
    return base64.urlsafe_b64encode(keyring.encrypt(account, WHOSE)).decode()


def account_of(keyring: Keyring, value: str) -> str:
    """The account a form belongs to; empty for a value that is not ours."""
    try:
        return keyring.decrypt(base64.urlsafe_b64decode(value), WHOSE)
    except UNREADABLE:
        return ""


@dataclass(frozen=True, slots=True)
class Asides:
    """Rows of the gateway's database."""

    unit: Unit

    async def keep(self, response: Response, account: str, page: str, typed: Typed) -> None:
        """Keep what was typed at a page; the browser gets the name of it."""
        told, name = json.dumps(list(typed)), uuid4()
        if not account or not typed or len(told) > LONGEST:
            return
        cell = self.unit.keyring.encrypt(told, SEALED.place("typed", name))
        await self._row(KEEP, aside_id=name, account=account, page=digest(page), typed=cell)
        put(response, COOKIE, str(name), MINUTES * 60)

    async def give(self, request: Request, account: str, page: str) -> Typed:
        """What this account typed at this page before; empty for anything else."""
        try:
            name = UUID(request.cookies.get(COOKIE, ""))
        except ValueError:
            return ()
        row = await self._row(GIVE, aside_id=name, account=account, page=digest(page))
        if row is None:
            return ()
        told = self.unit.keyring.decrypt(bytes(row["typed"]), SEALED.place("typed", name))
        return [(field, text) for field, text in json.loads(told)]

    async def tidy(self) -> int:
        """Remove what nobody came back for; answers how many."""
        return int((await self.unit.database.pool.execute(TIDY)).rpartition(" ")[2])

    async def _row(self, text: str, **values: object) -> Any:
        rendered, arguments = bind(text, values)
        return await self.unit.database.pool.fetchrow(rendered, *arguments)


def digest(page: str) -> str:
    """A page without its address."""
    return hashlib.sha256(page.encode()).hexdigest()


def forget(response: Response) -> None:
    """What was given back is gone."""
    drop(response, COOKIE)


def tidying(rows: Asides) -> Timer:
    """Removes forms nobody came back for, every five minutes."""
    return Timer("gateway.asides", rows.tidy, 300.0)
