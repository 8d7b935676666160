"""Search of the register: by a part of the name among any number of organizations, page by page.

What is frequent is met soon on a walk from the newest organization on; what is rarer has few
rows among those of one age, to which the index leads. So a search walks a bounded way, and where that
does not fill the page it asks the index, age by age, until it is full. Neither leans on statistics.
"""

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

NEWEST = UUID(int=2**128 - 1)
"""What every organization comes after."""
STEPS = 4_000
"""Rows a search walks before it asks the index."""
CODES = "ARRAY[province, city, county, township, community, status, category]"
LINES = """SELECT s.* FROM ({found}) i JOIN register_state s USING (organization_id, version)
 ORDER BY organization_id DESC"""
NUMBERED = LINES.format(
    found="SELECT organization_id, version FROM organization WHERE filing_no = :filing_no"
)
ALIKE = f"position(:words IN name_key) > 0 AND {CODES} @> :codes"
WALKED = f"""SELECT organization_id, version FROM (
 SELECT * FROM organization WHERE organization_id < :after
 ORDER BY organization_id DESC LIMIT {STEPS}) walked
 WHERE {ALIKE} ORDER BY organization_id DESC LIMIT :size"""
"""Conditions come after the steps: the way is along the table, whose neighbors lie together."""
FOUND = f"""SELECT found.* FROM
 (SELECT age_of(organization_id) AS age FROM organization WHERE organization_id < :after
 ORDER BY organization_id DESC LIMIT 1) newest,
 (SELECT age_of(organization_id) AS age FROM organization ORDER BY organization_id LIMIT 1) oldest,
 generate_series(newest.age, oldest.age, -1) AS ages (age),
 LATERAL (SELECT * FROM (SELECT organization_id, version FROM organization
 WHERE found_by(organization_id, name_key, {CODES})
 @> array_append(:parts, '#' || ages.age)
 AND {ALIKE} AND organization_id < :after OFFSET 0) alike ORDER BY organization_id DESC) found
 LIMIT :size"""
"""`OFFSET 0`: first find, then sort; the planner would rather walk on in the hope of an early end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for; `after` is the last organization of the page before."""

    size: int
    after: UUID | None = None
    words: str = ""
    region: str = ""
    status: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Finds organizations."""

    database: Database

    async def find(self, asked: Asked) -> list[State]:
        """Present states, newest organization first. Raises Refusal region.unknown."""
        words = normalize(asked.words)
        if words.isascii() and words.startswith("SQBA"):
            return await self._lines(NUMBERED, {"filing_no": words})
        region = hainan().get(asked.region).code if asked.region else ""
        codes = [code for code in (region, asked.status, asked.category) if code]
        parts = [*grams(words, 2 if len(words) == 2 else 3), *codes]
        values = {
            "size": asked.size, "after": asked.after or NEWEST, "words": words, "codes": codes,
            "parts": parts,
        }  # fmt: skip
        rows = await self._lines(LINES.format(found=WALKED), values)
        if len(rows) == asked.size or not parts:
            return rows
        return await self._lines(LINES.format(found=FOUND), values)

    async def _lines(self, text: str, values: dict[str, Any]) -> list[State]:
        rendered, arguments = bind(text, values)
        rows: list[asyncpg.Record] = await self.database.pool.fetch(rendered, *arguments)
        return [state_of(row) for row in rows]
