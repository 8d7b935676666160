"""Rules as rows: a cached book with its version, one statement a change."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from protobuf import Message

from kit.database import Database
from kit.errors import conflict
from kit.rules import Bound, RuleBook, Setting
from kit.sql import bind
from kit.unit import Audit, Change, Stale, Unit
from services.filing.domain.acting import Moment

SETTINGS = "SELECT key, region_path, value, effective_from, basis, lowered_class FROM rule_setting"
VERSION = "SELECT version FROM rule_book"
BOUNDS = """SELECT key, region_path, lowest, highest, effective_from, basis, choices
 FROM rule_bound"""
SET = """INSERT INTO rule_setting (key, region_path, lowered_class, effective_from, value, basis,
 document, setting_id) SELECT :key, :region_path, :lowered_class, :effective_from, :value, :basis,
 :document::jsonb, :setting_id RETURNING key"""
SET_BOUND = """INSERT INTO rule_bound (key, region_path, effective_from, lowest, highest, choices,
 basis, document) SELECT :key, :region_path, :effective_from, :lowest, :highest, :choices, :basis,
 :document::jsonb RETURNING key"""
WITHDRAW = """DELETE FROM rule_setting WHERE key = :key AND region_path = :region_path
 AND lowered_class = :lowered_class AND effective_from = :effective_from RETURNING key"""
LISTED = """SELECT key, region_path, value, effective_from, basis, lowered_class, setting_id
 FROM rule_setting WHERE key = :key AND (:region_path = '' OR region_path = :region_path)
 AND (effective_from, setting_id) < (:day, :after) ORDER BY effective_from DESC, setting_id DESC
 LIMIT :size"""
LAST_DAY, LAST_ID = date.max, UUID(int=2**128 - 1)
LOCK = f"{VERSION} FOR UPDATE"


@dataclass
class Books:
    """The rule book as last read; read again when its version says so."""

    database: Database
    book: RuleBook
    version: int = 0
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, database: Database) -> "Books":
        """Nothing read yet."""
        return cls(database, RuleBook.default())

    async def at(self, version: int) -> RuleBook:
        """The book of a version the caller has just read."""
        if version != self.version:
            # One at a time: a slower, older reading must not take the place of a newer one.
            async with self.reading:
                if version != self.version:
                    self.book = await self._read()
                    self.version = version
        return self.book

    async def _read(self) -> RuleBook:
        settings = await self.database.pool.fetch(SETTINGS)
        bounds = await self.database.pool.fetch(BOUNDS)
        return RuleBook.default(
            [Setting(**dict(row)) for row in settings],
            [Bound(**{**row, "choices": tuple(row["choices"])}) for row in bounds],
        )

    async def now(self) -> RuleBook:
        """The book in force."""
        return await self.at(await self.database.pool.fetchval(VERSION))


class Rules:
    """Writes and lists of rules."""

    def __init__(self, database: Database, unit: Unit, books: Books) -> None:
        self.database = database
        self.unit = unit
        self.books = books

    async def listed(
        self, key: str, path: str, size: int, after: tuple[date, UUID] = (LAST_DAY, LAST_ID)
    ) -> list[asyncpg.Record]:
        """Settings of a key, newest first, one more than asked."""
        values = {
            "key": key, "region_path": path, "day": after[0], "after": after[1], "size": size + 1,
        }  # fmt: skip
        text, arguments = bind(LISTED, values)
        return list(await self.database.pool.fetch(text, *arguments))

    async def set(
        self, setting: Setting, document: Mapping[str, str], key: UUID, moment: Moment,
        request: Message, answer: Message, seen: int,
    ) -> None:  # fmt: skip
        """A setting decided on a version of the book; conflict when that day has one already."""
        values = asdict(setting) | {"document": _json(document), "setting_id": key}
        change = Change(SET, values, _audit(setting.key, setting.region_path, moment, setting))
        await self._write(change, seen, request, answer)

    async def set_bound(
        self, bound: Bound, document: Mapping[str, str], moment: Moment, request: Message,
        answer: Message, seen: int,
    ) -> None:  # fmt: skip
        """A bound decided on a version of the book; conflict when that day has one already."""
        values = asdict(bound) | {"choices": list(bound.choices), "document": _json(document)}
        change = Change(SET_BOUND, values, _audit(bound.key, bound.region_path, moment, bound))
        await self._write(change, seen, request, answer)

    async def withdraw(
        self, setting: Setting, moment: Moment, request: Message, answer: Message, seen: int
    ) -> None:
        """A setting that has not begun taken back."""
        change = Change(
            WITHDRAW, asdict(setting), _audit(setting.key, setting.region_path, moment, setting)
        )
        await self._write(change, seen, request, answer)

    async def _write(self, change: Change, seen: int, request: Message, answer: Message) -> None:
        try:
            async with self.database.transaction("rule") as connection:
                # One change at a time: a bound and a value below it cannot cross.
                if await connection.fetchval(LOCK) != seen:
                    raise Stale
                await self.unit.write(change, request, answer, connection)
        except asyncpg.UniqueViolationError as error:
            if error.table_name in ("rule_setting", "rule_bound"):
                raise conflict("rule.duplicate", "该地区在这一施行日期已有设定。") from error
            raise


def _json(document: Mapping[str, str]) -> str:
    return json.dumps(dict(document), ensure_ascii=False)


def _audit(key: str, path: str, moment: Moment, what: Any) -> Audit:
    told = f"{what.effective_from} {what.basis}"
    return Audit(key, path, moment.at, moment.today, reason=told)
