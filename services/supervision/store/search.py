"""Search of the register: by a part of the name among any number of organizations, page by page.

A frequent part is met soon on a walk from the newest organization on; a rarer one has few rows
among those of one age, to which its triples lead. So a search walks a bounded way, and where that
does not fill the page it asks the index, age by age, until it is full. Neither leans on statistics.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.names import grams, normalize
from kit.regions import hainan
from kit.sql import bind
from services.supervision.domain.register import State
from services.supervision.store.register import state_of

STEPS = 4_000
"""Rows a search walks before it asks the index."""
NAMED = "position(:words IN name_key) > 0"
LISTED = """SELECT organization_id, version FROM organization WHERE {after} AND {where}
 ORDER BY organization_id DESC LIMIT :size"""
WALKED = f"""SELECT organization_id, version FROM (
 SELECT * FROM organization WHERE {{after}} ORDER BY organization_id DESC LIMIT {STEPS}) walked
 WHERE {NAMED} AND {{where}} ORDER BY organization_id DESC LIMIT :size"""
"""Conditions come after the steps: the way is along the table, whose neighbors lie together."""
AGE = "('x' || left(organization_id::text, 4))::bit(16)::integer"
FOUND_BY = "found_by(organization_id, name_key, ARRAY[province, city, county, township, community])"
FOUND = f"""SELECT found.* FROM
 (SELECT {AGE} AS age FROM organization WHERE {{after}} ORDER BY organization_id DESC LIMIT 1) newest,
 (SELECT {AGE} AS age FROM organization ORDER BY organization_id LIMIT 1) oldest,
 generate_series(newest.age, oldest.age, -1) AS ages (age),
 LATERAL (SELECT * FROM (SELECT organization_id, version FROM organization
 WHERE {FOUND_BY} @> array_append(:parts, '#' || lpad(to_hex(ages.age), 4, '0'))
 AND {NAMED} AND {{after}} AND {{where}} OFFSET 0) alike ORDER BY organization_id DESC) found
 LIMIT :size"""
"""`OFFSET 0`: first find, then sort; the planner would rather walk on in the hope of an early end."""
LINES = """SELECT s.* FROM ({ids}) i JOIN register_state s USING (organization_id, version)
 ORDER BY organization_id DESC"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for; `after` is the last organization of the page before."""

    size: int
    after: UUID | None = None
    words: str = ""
    region: str = ""
    status: str = ""
    category: str = ""


class Search:
    """Finds organizations."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, asked: Asked) -> list[State]:
        """Present states, newest organization first. Raises Refusal region.unknown."""
        words = normalize(asked.words)
        filing_no = words if words.isascii() and words.startswith("SQBA") else ""
        if filing_no or not words:
            return await self._lines(LISTED, asked, filing_no=filing_no)
        rows = await self._lines(WALKED, asked, words=words)
        if len(rows) == asked.size:
            return rows
        parts = grams(words, 2 if len(words) == 2 else 3)
        if asked.region:
            parts.append(asked.region)
        return await self._lines(FOUND, asked, words=words, parts=parts)

    async def _lines(self, ids: str, asked: Asked, **values: Any) -> list[State]:
        parts = dict(_conditions(asked, values.get("filing_no", "")))
        after = "organization_id < :after" if asked.after else "true"
        chosen = ids.format(after=after, where=" AND ".join(parts) or "true")
        for one in parts.values():
            values |= one
        values |= {"size": asked.size, "after": asked.after}
        text, arguments = bind(LINES.format(ids=chosen), values)
        rows: list[asyncpg.Record] = await self.database.pool.fetch(text, *arguments)
        return [state_of(row) for row in rows]


def _conditions(asked: Asked, filing_no: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if asked.region:
        node = hainan().get(asked.region)
        yield f"{node.level.value} = :region", {"region": node.code}
    if asked.status:
        yield "status = :status", {"status": asked.status}
    if asked.category:
        yield "category = :category", {"category": asked.category}
    if filing_no:
        yield "filing_no = :filing_no", {"filing_no": filing_no}
