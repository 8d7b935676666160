"""Filters of lists that a person saved under a name: twenty at most, gone with the person's last post."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from gateway.posts.store import EVERYTHING
from kit.rotation import Sealed
from kit.sql import IN_SCOPE, bind
from kit.timers import Timer
from kit.unit import Unit

MOST = 20
"""Saved filters of a person."""
LONGEST = 20
"""Characters of a name."""
DAYS_KEPT = 30
"""After the end of the last post: who changes from one to the next finds them again."""
SEALED = Sealed("saved_filter", ("saved_id",), {"told": "saved_filter.told"}, {})
OF = "SELECT saved_id, page, told FROM saved_filter WHERE account = :account ORDER BY place"
# The lowest free place; of two at once for one place the second keeps nothing.
KEEP = f"""INSERT INTO saved_filter (saved_id, account, place, page, told)
 SELECT :saved_id, :account, free, :page, :told FROM generate_series(1, {MOST}) AS free
 WHERE free NOT IN (SELECT place FROM saved_filter WHERE account = :account)
 ORDER BY free LIMIT 1 ON CONFLICT DO NOTHING"""
REMOVE = "DELETE FROM saved_filter WHERE saved_id = :saved_id AND account = :account"
FORGET = f"""DELETE FROM saved_filter WHERE {IN_SCOPE} AND NOT EXISTS (SELECT FROM post
 WHERE post.account = saved_filter.account AND
 coalesce(least(revoked_at, valid_to) > now() - interval '{DAYS_KEPT} days', true))"""


class SavedFilterRow(SQLModel, table=True):
    """A saved filter."""

    __tablename__ = "saved_filter"

    saved_id: UUID = Field(primary_key=True)
    account: str
    place: int = Field(sa_column=Column(BigInteger, nullable=False))
    page: str
    told: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


@dataclass(frozen=True, slots=True)
class Saved:
    """A filter: the list it is of, its name, its conditions as they stand in an address."""

    saved_id: UUID
    page: str
    title: str = field(repr=False)
    conditions: str = field(repr=False)

    @property
    def path(self) -> str:
        """Address of the list under this filter."""
        return f"{self.page}?{self.conditions}"


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """Rows of the gateway's database."""

    unit: Unit

    async def of(self, account: str) -> Sequence[Saved]:
        """Everything a person saved."""
        text, values = bind(OF, {"account": account})
        rows = await self.unit.database.pool.fetch(text, *values)
        return [self._opened(row["saved_id"], row["page"], bytes(row["told"])) for row in rows]

    async def keep(self, account: str, one: Saved) -> bool:
        """Keep one, in place of what has its name at its list; False where there is no room."""
        every = await self.of(account)
        if one.saved_id in [other.saved_id for other in every]:
            return True
        for other in every:
            if (other.page, other.title) == (one.page, one.title):
                await self.remove(account, other.saved_id)
        told = json.dumps([one.title, one.conditions])
        cell = self.unit.keyring.encrypt(told, SEALED.place("told", one.saved_id))
        row = {"saved_id": one.saved_id, "account": account, "page": one.page, "told": cell}
        return await self._done(KEEP, row) == 1

    async def remove(self, account: str, saved_id: UUID) -> None:
        """Remove one of the person's own."""
        await self._done(REMOVE, {"saved_id": saved_id, "account": account})

    async def forget(self) -> int:
        """Remove those of persons whose last post is over; answers how many."""
        return await self._done(FORGET, {"scope": EVERYTHING})

    def _opened(self, saved_id: UUID, page: str, told: bytes) -> Saved:
        cell = self.unit.keyring.decrypt(told, SEALED.place("told", saved_id))
        return Saved(saved_id, page, *json.loads(cell))

    async def _done(self, text: str, values: dict[str, object]) -> int:
        rendered, arguments = bind(text, values)
        answer = await self.unit.database.pool.execute(rendered, *arguments)
        return int(answer.rpartition(" ")[2])


def forgetting(rows: SavedFilters) -> Timer:
    """Removes filters of persons whose last post is over, every hour."""
    return Timer("gateway.saved_filters", rows.forget, 3600.0)
