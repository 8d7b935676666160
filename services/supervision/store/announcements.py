"""Announcements: drafts under the scope of their office, the rest for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from protobuf import Message

from kit.access import Filter
from kit.calendar import Moment
from kit.call import current
from kit.database import Database
from kit.errors import not_found
from kit.regions import hainan
from kit.sql import IN_SCOPE, MOMENT, bind
from kit.unit import Audit, Change, Unit
from services.supervision.domain.announcement import Announcement, State, Text

COLUMNS = (
    "announcement_id", "version", "state", "authority", "issuer_path", "kind", "title", "body",
    "chair", "published_on", "withdrawn_on", "reason",
)  # fmt: skip
LOAD = f"""SELECT announcement.*, {MOMENT} FROM announcement
 WHERE announcement_id = :announcement_id AND {IN_SCOPE}"""
INSERT = f"""INSERT INTO announcement ({", ".join(COLUMNS)})
 SELECT {", ".join(f":{name}" for name in COLUMNS)} WHERE {IN_SCOPE}
 ON CONFLICT DO NOTHING RETURNING announcement_id"""
UPDATE = f"""UPDATE announcement SET {", ".join(f"{name} = :{name}" for name in COLUMNS[1:])}
 WHERE announcement_id = :announcement_id AND version = :version - 1 AND {IN_SCOPE}
 RETURNING announcement_id"""
DELETE = f"""DELETE FROM announcement
 WHERE announcement_id = :announcement_id AND version = :version AND state = 'DRAFT' AND {IN_SCOPE}
 RETURNING announcement_id"""
DRAFTS = f"""SELECT * FROM announcement WHERE authority = :authority AND state = 'DRAFT'
 AND (:after::uuid IS NULL OR announcement_id > :after) AND {IN_SCOPE}
 ORDER BY announcement_id LIMIT :size"""
PUBLIC = f"""SELECT * FROM announcement WHERE state <> 'DRAFT'
 AND (:low = '' OR (issuer_path >= :low AND issuer_path < :high))
 AND (:kind = '' OR kind = :kind)
 AND (:on::date IS NULL OR (published_on, announcement_id) < (:on, :after)) AND {IN_SCOPE}
 ORDER BY published_on DESC, announcement_id DESC LIMIT :size"""


@dataclass(frozen=True, slots=True)
class Announcements:
    """Reads and writes under the caller's scope."""

    database: Database
    unit: Unit

    async def load(self, announcement_id: str) -> tuple[Announcement, Moment]:
        """An announcement and the moment it was read at; Refusal NOT_FOUND when out of reach."""
        rows = await self._rows(LOAD, {"announcement_id": UUID(announcement_id)})
        if not rows:
            raise not_found()
        return announcement_of(rows[0]), Moment.of(rows[0]["now"], rows[0]["shift_days"])

    async def moment(self) -> Moment:
        """The moment by the database."""
        (row,) = await self._rows(f"SELECT {MOMENT}", {})
        return Moment.of(row["now"], row["shift_days"])

    async def drafts(self, found: Filter, size: int, after: UUID | None) -> list[Announcement]:
        """Drafts of an office, oldest first."""
        values = {"authority": found.value, "size": size, "after": after}
        return [announcement_of(row) for row in await self._rows(DRAFTS, values)]

    async def public(
        self, region: str, kind: str, size: int, after: tuple[date | None, UUID | None]
    ) -> list[Announcement]:
        """What has been published by the offices of a region, newest first; Refusal region.unknown."""
        path = hainan().get(region).path if region else ""
        values = {"low": path, "high": path.removesuffix("/") + "0", "kind": kind, "size": size}
        values |= dict(zip(("on", "after"), after, strict=True))
        return [announcement_of(row) for row in await self._rows(PUBLIC, values)]

    async def save(
        self,
        before: State | None,
        after: Announcement,
        at: Moment,
        request: Message,
        answer: Message,
    ) -> None:
        """Write a draft or a change of one. Raises Stale when it changed meanwhile."""
        audit = Audit(
            after.announcement_id, after.issuer_path, at.at, at.today,
            from_state=before.name if before else "",
            to_state=after.state.name,
            reason=after.reason,
        )  # fmt: skip
        change = Change(UPDATE if before else INSERT, row_of(after), audit)
        await self.unit.write(change, request, answer)

    async def discard(
        self, draft: Announcement, at: Moment, request: Message, answer: Message
    ) -> None:
        """Remove a draft; the audit trail keeps that it was there. Raises Stale when it changed."""
        audit = Audit(
            draft.announcement_id, draft.issuer_path, at.at, at.today,
            from_state=draft.state.name, to_state="DISCARDED",
        )  # fmt: skip
        values = {"announcement_id": UUID(draft.announcement_id), "version": draft.version}
        await self.unit.write(Change(DELETE, values, audit), request, answer)

    async def _rows(self, text: str, values: dict[str, Any]) -> Sequence[asyncpg.Record]:
        rendered, arguments = bind(text, values | {"scope": current().who.scope})
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(rendered, *arguments)
        return rows


def announcement_of(row: asyncpg.Record) -> Announcement:
    """The announcement of a row."""
    return Announcement(
        announcement_id=str(row["announcement_id"]),
        issuer_code=row["authority"],
        issuer_path=row["issuer_path"],
        text=Text(row["kind"], row["title"], row["body"]),
        chair=frozenset(row["chair"]),
        version=row["version"],
        state=State[row["state"]],
        published_on=row["published_on"],
        withdrawn_on=row["withdrawn_on"],
        reason=row["reason"],
    )


def row_of(found: Announcement) -> dict[str, Any]:
    """Values of an announcement's columns."""
    return {
        "announcement_id": UUID(found.announcement_id),
        "version": found.version,
        "state": found.state.name,
        "authority": found.issuer_code,
        "issuer_path": found.issuer_path,
        "kind": found.text.kind,
        "title": found.text.title,
        "body": found.text.body,
        "chair": sorted(found.chair),
        "published_on": found.published_on,
        "withdrawn_on": found.withdrawn_on,
        "reason": found.reason,
    }
