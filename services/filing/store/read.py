"""Reading: one prepared statement a read, under the caller's scope."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from kit.access import Filter
from kit.calendar import WorkingCalendar, business_date
from kit.database import Database
from kit.errors import not_found
from kit.names import normalize
from kit.regions import hainan
from kit.rules import RuleBook, RuleSet
from kit.secrets import Keyring
from kit.settings import settings
from kit.sql import IN_SCOPE, MOMENT, bind
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case, Form, Place
from services.filing.domain.place import place_of
from services.filing.domain.rules import AUTHORITY, HOLIDAYS, authority_of, lowered_class
from services.filing.store.lists import TODAY, Page, counting, counts, query
from services.filing.store.rows import case_of
from services.filing.store.rules import Books

NOW = f"""{MOMENT},
 (SELECT version FROM rule_book) AS book_version"""
LOAD = f"SELECT filing.*, {NOW} FROM filing WHERE filing_id = :filing_id AND {IN_SCOPE}"
NUMBERED = f"SELECT filing.*, {NOW} FROM filing WHERE application_no = :number AND {IN_SCOPE}"
HISTORY = f"""SELECT ordinal, action, from_state, to_state, role, business_on, at, reason,
 rule_version FROM filing_step WHERE filing_id = :filing_id AND ordinal > :after AND {IN_SCOPE}
 ORDER BY ordinal LIMIT :size"""
DUE = f"""SELECT filing_id FROM filing WHERE timer_on <= {TODAY} AND {IN_SCOPE}
 ORDER BY timer_on LIMIT 100"""
NAMES = """SELECT name FROM filing_name WHERE county = $1 AND position($2 IN name_key) > 0
 ORDER BY name_key LIMIT 50"""
TO_ERASE = f"""SELECT filing_id FROM filing WHERE erased_on IS NULL
 AND state IN ('REFUSED', 'LAPSED', 'WITHDRAWN') AND decided_on < {TODAY} - 365 AND {IN_SCOPE}
 ORDER BY decided_on LIMIT 100"""
KEYS = (
    "FIL.MEMBERS_MIN.BA_ST", "FIL.STAFF_MIN.BA_FW", "FIL.FOUNDERS_MIN.NATURAL",
    "FIL.FOUNDERS_MIN.LEGAL", "FIL.LOCAL_RESIDENT_SHARE_MIN", "FIL.FUND_MIN",
    "FIL.SHARED_PREMISES", "FIL.VILLAGE_OPINION", "FIL.VILLAGE_OPINION_WD", "FIL.NOTICE_DAYS",
    "FIL.DECIDE_WD", "FIL.CORRECT_WD", "FIL.LAPSE_DAYS", "FIL.VALID_YEARS",
    "FIL.RENEW_BEFORE_D",
    "FIL.SIZE_CLASS.SMALL_MAX", "FIL.SIZE_CLASS.MEDIUM_MAX", "FIL.REFUSAL_GROUNDS",
    AUTHORITY,
)  # fmt: skip
"""Rule keys a filing is judged by."""


class Reader:
    """Reads of the filing service."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database = database
        self.keyring = keyring
        self.books = Books.of(database)

    async def load(self, filing_id: str, scope: str) -> tuple[Case, Moment]:
        """A case and the moment it was read at; Refusal NOT_FOUND when absent or out of scope."""
        return await self._case(LOAD, {"filing_id": UUID(filing_id), "scope": scope})

    async def numbered(self, application_no: str, scope: str) -> tuple[Case, Moment]:
        """The case of an application number, as `load`."""
        return await self._case(NUMBERED, {"number": application_no, "scope": scope})

    async def _case(self, text: str, values: dict[str, Any]) -> tuple[Case, Moment]:
        row = await self._row(text, values)
        if row is None:
            raise not_found()
        return case_of(dict(row), self.keyring), await self._moment(row)

    async def moment(self) -> Moment:
        """The moment by the database."""
        row = await self.database.pool.fetchrow(f"SELECT {NOW}")
        assert row is not None
        return await self._moment(row)

    async def _moment(self, row: asyncpg.Record) -> Moment:
        return moment(row["now"], row["shift_days"], await self.books.at(row["book_version"]))

    async def history(
        self, filing_id: str, scope: str, after: int, size: int
    ) -> Sequence[asyncpg.Record]:
        """Steps of a case after an ordinal, oldest first."""
        values = {"filing_id": UUID(filing_id), "scope": scope, "after": after, "size": size}
        return await self._rows(HISTORY, values)

    async def listed(self, scope: str, filter: Filter, page: Page) -> Sequence[asyncpg.Record]:
        """Lines of a list by key, one more than asked so that a next page shows."""
        if filter.column is None:
            return []
        text, values = query(filter, page)
        return await self._rows(text, values | {"scope": scope})

    async def counted(
        self, scope: str, filter: Filter, account: str, proposed_not_by: str | None
    ) -> Mapping[str, int]:
        """How much is in each part of an inbox; nothing where the filter shows nothing."""
        if filter.column is None:
            return {}
        text, values = counts(filter, account, proposed_not_by)
        row = await self._row(text, values | {"scope": scope})
        return dict(row or {})

    async def names_with(self, part: str, place: Place) -> list[str]:
        """Names of filed organizations of the county that hold a part; 50 at most."""
        rows = await self.database.pool.fetch(NAMES, place.county_code, part)
        return [row["name"] for row in rows]

    async def number_of(self, scope: str, filter: Filter, page: Page, most: int) -> int:
        """Number of lines of a list, counted no further than `most` and one."""
        if filter.column is None:
            return 0
        text, values = counting(filter, page, most)
        return int((await self._rows(text, values | {"scope": scope}))[0][0])

    async def name_taken(self, name: str, place: Place) -> bool:
        """A filed organization of the county bears the name."""
        return bool(
            await self.database.pool.fetchval(
                "SELECT true FROM filing_name WHERE county = $1 AND name_key = $2",
                place.county_code,
                normalize(name),
            )
        )

    def rules(self, place: Place, form: Form, on: date) -> RuleSet:
        """The rules in force for a place and the form's class on the day just read."""
        wanted = lowered_class(form.category, form.field_codes)
        return self.books.book.pin(KEYS, place.region_path, on, wanted)

    def place(self, community: str, on: date) -> Place:
        """Where a community lies and who files for it on the day just read; Refusal as the tree's."""
        node = hainan().get(community)
        level = self.books.book.resolve(AUTHORITY, node.path, on).value
        return place_of(node, authority_of(community, level, on))

    async def due(self, scope: str) -> list[str]:
        """Cases the platform itself must move on."""
        return [str(row["filing_id"]) for row in await self._rows(DUE, {"scope": scope})]

    async def to_erase(self, scope: str) -> list[str]:
        """Fruitless applications whose persons have been kept long enough."""
        return [str(row["filing_id"]) for row in await self._rows(TO_ERASE, {"scope": scope})]

    async def _row(self, text: str, values: dict[str, Any]) -> asyncpg.Record | None:
        rendered, arguments = bind(text, values)
        return await self.database.pool.fetchrow(rendered, *arguments)

    async def _rows(self, text: str, values: dict[str, Any]) -> Sequence[asyncpg.Record]:
        rendered, arguments = bind(text, values)
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(rendered, *arguments)
        return rows


def moment(now: datetime, shift_days: int, book: RuleBook) -> Moment:
    """Legal day and calendar of a database time; the province's holidays are a rule."""
    today = business_date(now, shift_days)
    holidays = book.resolve(HOLIDAYS, "/460000000000/", today).value
    calendar = _calendar(frozenset(holidays))
    return Moment(today, now, calendar, production=settings().profile == "production")


@lru_cache(maxsize=8)
def _calendar(holidays: frozenset[date]) -> WorkingCalendar:
    return WorkingCalendar(holidays)
