"""Letters read, printed and found by their code; their files lie in the store, sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
from obstore.store import ObjectStore

from kit.database import Database
from kit.files import SealedFiles
from kit.press import Printed
from kit.secrets import Keyring
from kit.sql import IN_SCOPE, bind
from kit.unit import Audit, Change, Unit
from services.filing.domain.letters.letter import Kind, Standing, Told
from services.filing.store.asking import SEALED

FIELDS = """letter_id, filing_id, region_path, kind, edition, number, code, organization, authority,
 issued_on, standing, ended_on, stored, printed_at, pdf_sha256, pdf_size, docx_sha256, docx_size"""
OF_CASE = f"""SELECT {FIELDS} FROM filing_letter WHERE filing_id = :filing_id AND {IN_SCOPE}
 ORDER BY letter_id"""
ONE = f"""SELECT {FIELDS} FROM filing_letter
 WHERE filing_id = :filing_id AND letter_id = :letter_id AND {IN_SCOPE}"""
BY_CODE = f"SELECT {FIELDS} FROM filing_letter WHERE code = :code AND {IN_SCOPE}"
BY_FILE = f"""SELECT {FIELDS} FROM filing_letter WHERE number = :number
 AND :sha256 IN (pdf_sha256, docx_sha256) AND {IN_SCOPE}"""
TO_PRINT = f"""SELECT {FIELDS}, data, attempts FROM filing_letter
 WHERE data IS NOT NULL AND NOT stored AND try_at <= now() AND {IN_SCOPE} ORDER BY try_at LIMIT 10"""
STORED = f"""UPDATE filing_letter SET stored = true, printed_at = coalesce(printed_at, :now),
 pdf_sha256 = :pdf_sha256, pdf_size = :pdf_size, docx_sha256 = :docx_sha256, docx_size = :docx_size,
 attempts = 0 WHERE letter_id = :letter_id AND data IS NOT NULL AND NOT stored
 AND {IN_SCOPE} RETURNING letter_id"""
PUT_OFF = f"""UPDATE filing_letter SET attempts = attempts + 1,
 try_at = now() + least(interval '10 seconds' * 2 ^ attempts, interval '1 hour')
 WHERE letter_id = :letter_id AND {IN_SCOPE}"""
LOST = f"""UPDATE filing_letter SET stored = false, try_at = now()
 WHERE letter_id = :letter_id AND data IS NOT NULL AND {IN_SCOPE}"""
TO_REMOVE = f"""SELECT letter_id FROM filing_letter WHERE data IS NULL AND stored AND {IN_SCOPE}
 LIMIT 100"""
REMOVED = f"""UPDATE filing_letter SET stored = false
 WHERE letter_id = :letter_id AND data IS NULL AND {IN_SCOPE}"""
KINDS = ("pdf", "docx")


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter as it is kept."""

    letter_id: str
    filing_id: str
    region_path: str
    kind: Kind
    edition: str
    number: str
    code: str
    organization: str
    authority: str
    issued_on: date
    standing: Standing
    ended_on: date | None
    stored: bool
    printed_at: datetime | None
    pdf_sha256: str
    pdf_size: int
    docx_sha256: str
    docx_size: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that waits for the press, with what it says."""

    letter: Kept
    told: Told
    check: str
    attempts: int


class Letters:
    """Letters of the filing service."""

    def __init__(
        self, database: Database, unit: Unit, keyring: Keyring, store: ObjectStore
    ) -> None:
        self.database = database
        self.unit = unit
        self.keyring = keyring
        self.files = SealedFiles(store, keyring)

    async def of_case(self, filing_id: str, scope: str) -> list[Kept]:
        """Letters of a case, oldest first."""
        rows = await self._rows(OF_CASE, filing_id=UUID(filing_id), scope=scope)
        return [kept(row) for row in rows]

    async def one(self, filing_id: str, letter_id: str, scope: str) -> Kept | None:
        """A letter of a case."""
        values = {"filing_id": UUID(filing_id), "letter_id": UUID(letter_id), "scope": scope}
        return _first(await self._rows(ONE, **values))

    async def by_code(self, code: str, scope: str) -> Kept | None:
        """The letter that bears a code."""
        return _first(await self._rows(BY_CODE, code=code, scope=scope))

    async def by_file(self, number: str, digest: str, scope: str) -> Kept | None:
        """The letter of a number whose file has this SHA-256 (hex)."""
        return _first(await self._rows(BY_FILE, number=number, sha256=digest, scope=scope))

    async def to_print(self, scope: str) -> list[Waiting]:
        """Letters asked for and not printed yet, those that wait longest first."""
        return [self._waiting(row) for row in await self._rows(TO_PRINT, scope=scope)]

    def _waiting(self, row: asyncpg.Record) -> Waiting:
        place = SEALED.place("data", str(row["letter_id"]))
        said = json.loads(self.keyring.decrypt(bytes(row["data"]), place))
        return Waiting(kept(row), said["told"], said["check"], row["attempts"])

    async def keep(self, letter: Kept, printed: Printed, now: datetime, today: date) -> None:
        """Put the files into the store, sealed, then note them; Stale where somebody else was faster."""
        for kind in KINDS:
            await self.files.put(path_of(letter.letter_id, kind), getattr(printed, kind))
        values = {"letter_id": UUID(letter.letter_id), "now": now, **digests(printed)}
        audit = Audit(letter.letter_id, letter.region_path, now, today, reason=letter.kind.form)
        await self.unit.write(Change(STORED, values, audit))

    async def read(self, letter: Kept, kind: str) -> bytes | None:
        """A file; None where the store has lost it or its key is gone: it is printed again."""
        return await self.files.read(path_of(letter.letter_id, kind))

    async def put_off(self, letter: Kept, scope: str) -> None:
        """Try again later, ever later."""
        await self._run(PUT_OFF, letter_id=UUID(letter.letter_id), scope=scope)

    async def lost(self, letter: Kept, scope: str) -> None:
        """Print again what the store no longer has."""
        await self._run(LOST, letter_id=UUID(letter.letter_id), scope=scope)

    async def remove_erased(self, scope: str) -> int:
        """Take the files of erased letters out of the store; answers of how many."""
        rows = await self._rows(TO_REMOVE, scope=scope)
        for row in rows:
            for kind in KINDS:
                await self.files.remove(path_of(str(row["letter_id"]), kind))
            await self._run(REMOVED, letter_id=row["letter_id"], scope=scope)
        return len(rows)

    async def _rows(self, text: str, **values: Any) -> Sequence[asyncpg.Record]:
        rendered, arguments = bind(text, values)
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(rendered, *arguments)
        return rows

    async def _run(self, text: str, **values: Any) -> None:
        rendered, arguments = bind(text, values)
        await self.database.pool.execute(rendered, *arguments)


def kept(row: asyncpg.Record) -> Kept:
    """The letter of a row."""
    plain = {name: row[name] for name in Kept.__dataclass_fields__}
    return Kept(
        **plain
        | {"letter_id": str(row["letter_id"]), "filing_id": str(row["filing_id"])}
        | {"kind": Kind[row["kind"]], "standing": Standing[row["standing"]]}
    )


def _first(rows: Sequence[asyncpg.Record]) -> Kept | None:
    return kept(rows[0]) if rows else None


def path_of(letter_id: str, kind: str) -> str:
    """Where a file lies."""
    return f"letters/{letter_id}.{kind}"


def digests(printed: Printed) -> dict[str, Any]:
    """Hash and size of both files."""
    files = {kind: getattr(printed, kind) for kind in KINDS}
    hashes = {f"{kind}_sha256": sha256(files[kind]).hexdigest() for kind in KINDS}
    return hashes | {f"{kind}_size": len(files[kind]) for kind in KINDS}
