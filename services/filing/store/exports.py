"""Exports: rows under the scope of their post, files in the store, sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from protobuf import Message

from kit.call import current
from kit.database import Database
from kit.errors import not_found
from kit.files import SealedFiles
from kit.sql import IN_SCOPE, bind
from kit.unit import Audit, Change, Unit
from services.filing.domain.acting import Moment
from services.filing.domain.exports import Export, State

COLUMNS = (
    "export_id", "version", "state", "owner", "region_path", "post", "format", "conditions",
    "reach", "total", "done", "asked_at", "ended_at", "kept_until", "sha256", "size", "reason",
)  # fmt: skip
FOUND = ", ".join(COLUMNS)
LOAD = f"SELECT {FOUND} FROM filing_export WHERE export_id = :export_id AND {IN_SCOPE}"
OWN = f"""SELECT {FOUND} FROM filing_export WHERE owner = :owner
 AND (:after::uuid IS NULL OR export_id < :after) AND {IN_SCOPE}
 ORDER BY export_id DESC LIMIT :size"""
AT_WORK = f"""SELECT count(*) FROM filing_export
 WHERE owner = :owner AND state IN ('WAITING', 'RUNNING') AND {IN_SCOPE}"""
INSERT = f"""INSERT INTO filing_export ({FOUND})
 SELECT {", ".join(f":{name}" for name in COLUMNS)} WHERE {IN_SCOPE}
 ON CONFLICT DO NOTHING RETURNING export_id"""
UPDATE = f"""UPDATE filing_export SET {", ".join(f"{name} = :{name}" for name in COLUMNS[1:])}
 WHERE export_id = :export_id AND version = :version - 1 AND {IN_SCOPE} RETURNING export_id"""
NEXT = f"""SELECT {FOUND} FROM filing_export WHERE state IN ('WAITING', 'RUNNING') AND {IN_SCOPE}
 ORDER BY export_id LIMIT 1"""
PROGRESS = f"""UPDATE filing_export SET state = 'RUNNING', done = :done, total = :total
 WHERE export_id = :export_id AND version = :version AND {IN_SCOPE} RETURNING export_id"""
DOWNLOADED = f"""UPDATE filing_export SET downloads = downloads + 1
 WHERE export_id = :export_id AND state = 'DONE' AND {IN_SCOPE} RETURNING export_id"""
OVER = f"""SELECT {FOUND} FROM filing_export WHERE state = 'DONE' AND kept_until < :today
 AND {IN_SCOPE} LIMIT 100"""


@dataclass(frozen=True, slots=True)
class Exports:
    """Exports of the filing service."""

    database: Database
    unit: Unit
    files: SealedFiles

    async def load(self, export_id: str) -> Export:
        """An export; Refusal NOT_FOUND when out of reach."""
        rows = await self._rows(LOAD, export_id=UUID(export_id))
        if not rows:
            raise not_found()
        return export_of(rows[0])

    async def own(self, owner: str, size: int, after: UUID | None) -> list[Export]:
        """Exports of a person under the present post, newest first."""
        return [
            export_of(row) for row in await self._rows(OWN, owner=owner, size=size, after=after)
        ]

    async def at_work(self, owner: str) -> int:
        """How many of a person wait or run."""
        return int((await self._rows(AT_WORK, owner=owner))[0][0])

    async def next(self) -> Export | None:
        """The one that waits longest, or was left half-way by a process that ended."""
        rows = await self._rows(NEXT)
        return export_of(rows[0]) if rows else None

    async def save(
        self,
        before: State | None,
        after: Export,
        moment: Moment,
        request: Message | None = None,
        answer: Message | None = None,
    ) -> None:
        """Write a new export or a step of one. Raises Stale when it changed meanwhile."""
        audit = Audit(
            after.export_id, after.region_path, moment.at, moment.today,
            from_state=before.name if before else "", to_state=after.state.name,
            reason=said(after),
        )  # fmt: skip
        statement = UPDATE if before else INSERT
        await self.unit.write(Change(statement, row_of(after), audit), request, answer)

    async def progress(self, export: Export, done: int, total: int) -> bool:
        """Say how far it is; False where it was cancelled meanwhile."""
        values = {"export_id": UUID(export.export_id), "version": export.version}
        return bool(await self._rows(PROGRESS, **values, done=done, total=total))

    async def downloaded(self, export: Export, moment: Moment) -> None:
        """Put a download on record."""
        audit = Audit(export.export_id, export.region_path, moment.at, moment.today)
        values = {"export_id": UUID(export.export_id)}
        await self.unit.write(Change(DOWNLOADED, values, audit))

    async def over(self, moment: Moment) -> list[Export]:
        """Those whose file has been kept long enough."""
        return [export_of(row) for row in await self._rows(OVER, today=moment.today)]

    async def put(self, export: Export, content: bytes) -> None:
        """Keep a file, sealed."""
        await self.files.put(path_of(export), content)

    async def read(self, export: Export) -> bytes:
        """A file; Refusal NOT_FOUND where the store or its key lost it."""
        content = await self.files.read(path_of(export))
        if content is None:
            raise not_found()
        return content

    async def remove(self, export: Export) -> None:
        """Take a file out of the store."""
        await self.files.remove(path_of(export))

    async def _rows(self, text: str, **values: Any) -> Sequence[asyncpg.Record]:
        rendered, arguments = bind(text, values | {"scope": current().who.scope})
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(rendered, *arguments)
        return rows


def path_of(export: Export) -> str:
    """Where a file lies."""
    return f"exports/{export.export_id}"


def said(export: Export) -> str:
    """What the audit row says: how many rows went out, or why none."""
    return export.reason or (f"{export.done} rows" if export.state is State.DONE else "")


def export_of(row: asyncpg.Record) -> Export:
    """The export of a row."""
    values = dict(row)
    return Export(
        **values
        | {"export_id": str(row["export_id"]), "state": State[row["state"]]}
        | {name: json.loads(row[name]) for name in ("conditions", "reach")}
    )


def row_of(export: Export) -> dict[str, Any]:
    """Values of the columns."""
    plain = {name: getattr(export, name) for name in COLUMNS}
    return (
        plain
        | {"export_id": UUID(export.export_id), "state": export.state.name}
        | {name: json.dumps(plain[name], ensure_ascii=False) for name in ("conditions", "reach")}
    )
