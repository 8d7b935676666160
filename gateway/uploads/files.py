"""Files and their rows: kept, offered to a service, read back by who uploaded them, cleaned up.

The row comes before the file and goes after it, so no file is without a row. The content lies sealed
under a key of its own; that key lies in the row, sealed: who has the store alone has nothing.
"""

import io
import logging
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol
from uuid import UUID

import obstore
from cryptography.exceptions import InvalidTag
from obstore.store import ObjectStore
from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel

from kit.database import Database
from kit.errors import conflict, not_found
from kit.receipts import Receipt
from kit.rotation import Sealed
from kit.sealing import KEY, opened, sealed
from kit.secrets import Keyring
from kit.sql import IN_SCOPE, bind

log = logging.getLogger(__name__)
COLUMNS = (
    "file_id", "account", "sha256", "media_type", "size", "request_key", "sent_sha256", "content_key",
)  # fmt: skip
ADD = f"""INSERT INTO upload ({", ".join(COLUMNS)}) SELECT {", ".join(f":{name}" for name in COLUMNS)}
 WHERE {IN_SCOPE} ON CONFLICT (file_id) DO UPDATE
 SET content_key = coalesce(upload.content_key, excluded.content_key) RETURNING content_key"""
SENT = f"""SELECT file_id::text, sha256, media_type, size, sent_sha256 FROM upload
 WHERE account = :account AND request_key = :request_key AND {IN_SCOPE}"""
OFFER = f"""UPDATE upload SET offered_at = now()
 WHERE file_id = :file_id AND offered_at IS NULL AND {IN_SCOPE}"""
LYING, FORMER = "sealed/", "uploads/"
"""Where files lie in the store, and where plain ones of former releases do."""
FIND = f"""SELECT account, sha256, media_type, size, content_key FROM upload
 WHERE file_id = :file_id AND {IN_SCOPE}"""
DAYS = 7
"""Days after which a file goes that was never offered to a service; receipts end long before."""
BATCH = 100
DUE = f"""SELECT file_id FROM upload WHERE offered_at IS NULL
 AND uploaded_at < now() - make_interval(days => {DAYS}) AND {IN_SCOPE} LIMIT {BATCH}"""
NEEDED = f"""SELECT CASE WHEN content_key IS NULL THEN '{FORMER}' ELSE '{LYING}' END || file_id AS path
 FROM upload WHERE offered_at IS NOT NULL"""
"""Where each file lies that a service was offered."""
PLAIN = f"""SELECT file_id::text, content_key IS NULL AS plain FROM upload
 WHERE file_id = ANY (:lying::uuid[]) AND {IN_SCOPE}"""
GIVE_KEY = f"""UPDATE upload SET content_key = :content_key
 WHERE file_id = :file_id AND content_key IS NULL AND {IN_SCOPE}"""
REMOVE = f"DELETE FROM upload WHERE file_id = :file_id AND offered_at IS NULL AND {IN_SCOPE}"
EVERYTHING = "r:/"
SEALED = Sealed("upload", ("file_id",), {"content_key": "upload.content_key"}, {})


class UploadRow(SQLModel, table=True):
    """A stored file. `offered_at`: its receipt was first sent to a service, so it may be on record."""

    __tablename__ = "upload"

    file_id: UUID = Field(primary_key=True)
    account: str
    sha256: str
    media_type: str
    size: int
    uploaded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    offered_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    request_key: UUID | None
    sent_sha256: str | None
    content_key: bytes | None = Field(sa_column=Column(LargeBinary))


@dataclass(frozen=True, slots=True)
class Sent:
    """What a caller's key stands for: the digest of the bytes as they were sent."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file, and the key of its content; one of before keys were made has none."""

    receipt: Receipt
    key: bytes | None


class Keeper(Protocol):
    """Where an upload is put."""

    async def sent_before(self, account: str, sent: Sent) -> Receipt | None:
        """The file of that key, None for a new one. Refusal 409 where other bytes were sent with it."""

    async def is_there(self, receipt: Receipt) -> bool:
        """The content is kept: an upload may have ended between its row and its content."""

    async def keep(self, receipt: Receipt, content: IO[bytes], sent: Sent | None = None) -> None:
        """Keep a file under the id of its receipt. Raises UniqueViolationError for a key just used."""


@dataclass(frozen=True, slots=True)
class Files:
    """Rows in the gateway's database, contents in the store."""

    database: Database
    store: ObjectStore
    keyring: Keyring

    async def sent_before(self, account: str, sent: Sent) -> Receipt | None:
        """The file of a caller's key; see Keeper."""
        values = {"account": account, "request_key": UUID(sent.key), "scope": f"s:{account}"}
        text, arguments = bind(SENT, values)
        row = await self.database.pool.fetchrow(text, *arguments)
        if row is None:
            return None
        if row["sent_sha256"] != sent.sha256:
            raise conflict("upload.key_reused", "同一请求编号已用于内容不同的文件。")
        return Receipt(row["file_id"], row["sha256"], row["media_type"], row["size"], account)

    async def is_there(self, receipt: Receipt) -> bool:
        """The content is kept; see Keeper."""
        for path in paths_of(receipt.file_id):
            with suppress(FileNotFoundError):
                await obstore.head_async(self.store, path)
                return True
        return False

    async def keep(self, receipt: Receipt, content: IO[bytes], sent: Sent | None = None) -> None:
        """Keep a file; what fails half-way is cleaned up like a file never offered."""
        cell = await self._run(
            ADD,
            f"s:{receipt.account}",
            file_id=UUID(receipt.file_id),
            account=receipt.account,
            sha256=receipt.sha256,
            media_type=receipt.media_type,
            size=receipt.size,
            request_key=UUID(sent.key) if sent else None,
            sent_sha256=sent.sha256 if sent else None,
            content_key=self.keyring.seal(os.urandom(KEY), place_of(receipt.file_id)),
        )
        key, path = self._key(receipt.file_id, cell), path_of(receipt.file_id)
        content.seek(0)
        await obstore.put_async(self.store, path, sealed(content, key, path))

    def _key(self, file_id: str, cell: bytes) -> bytes:
        return self.keyring.unseal(bytes(cell), place_of(file_id))

    async def offer(self, receipt: Receipt) -> None:
        """Note that a service is about to see the receipt: the file is kept from now on."""
        await self._run(OFFER, f"s:{receipt.account}", file_id=UUID(receipt.file_id))

    async def find(self, file_id: str, account: str) -> Kept:
        """A file of an account; Refusal 404 for anything else."""
        return await self._found(file_id, f"s:{account}")

    async def named(self, file_id: str) -> AsyncIterator[bytes]:
        """The content of a file that a service named to who may read it; Refusal 404 without one."""
        return await self.read(await self._found(file_id, EVERYTHING))

    async def _found(self, file_id: str, scope: str) -> Kept:
        text, values = bind(FIND, {"file_id": UUID(file_id), "scope": scope})
        row = await self.database.pool.fetchrow(text, *values)
        if row is None:
            raise not_found()
        told = Receipt(file_id, row["sha256"], row["media_type"], row["size"], row["account"])
        cell = row["content_key"]
        return Kept(told, self._key(file_id, cell) if cell else None)

    async def read(self, kept: Kept) -> AsyncIterator[bytes]:
        """The content in pieces; Refusal 404 where the store does not have it as it was sealed.

        InvalidTag at a later piece that is not: the answer breaks off before it.
        """
        path, plain = paths_of(kept.receipt.file_id)
        try:
            found = await obstore.get_async(self.store, path if kept.key else plain)
        except FileNotFoundError as error:
            raise not_found() from error
        stream = _bytes(found.stream())
        if kept.key is None:
            return stream
        pieces = opened(stream, kept.key, path)
        try:
            return _behind(await anext(pieces), pieces)
        except InvalidTag as error:
            log.error("the content of %s is not as it was sealed", kept.receipt.file_id)
            raise not_found() from error

    async def clean(self) -> int:
        """Remove files never offered within 7 days; answers how many."""
        text, values = bind(DUE, {"scope": EVERYTHING})
        due = await self.database.pool.fetch(text, *values)
        for row in due:
            # The row stays until the file is gone, so that a stop in between is made good later.
            for path in paths_of(str(row["file_id"])):
                await self._delete(path)
            await self._run(REMOVE, EVERYTHING, file_id=row["file_id"])
        return len(due)

    async def seal_plain(self) -> int:
        """Seal what came before files were sealed; answers how many. Stopped half-way it goes on."""
        paths = [one["path"] async for page in obstore.list(self.store, FORMER) for one in page]
        lying = [path.removeprefix(FORMER) for path in paths]
        text, values = bind(PLAIN, {"scope": EVERYTHING, "lying": lying})
        rows = await self.database.pool.fetch(text, *values)
        for row in rows:
            if row["plain"]:
                await self._seal(row["file_id"])
            await self._delete(FORMER + row["file_id"])
        return len(rows)

    async def _seal(self, file_id: str) -> None:
        found = await obstore.get_async(self.store, FORMER + file_id)
        content = io.BytesIO(bytes(await found.bytes_async()))
        cell, path = self.keyring.seal(os.urandom(KEY), place_of(file_id)), path_of(file_id)
        await obstore.put_async(self.store, path, sealed(content, self._key(file_id, cell), path))
        await self._run(GIVE_KEY, EVERYTHING, file_id=UUID(file_id), content_key=cell)

    async def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            await obstore.delete_async(self.store, path)

    async def _run(self, text: str, scope: str, **values: object) -> Any:
        rendered, arguments = bind(text, {"scope": scope, **values})
        return await self.database.pool.fetchval(rendered, *arguments)


async def _behind(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


async def _bytes(stream: "obstore.BytesStream") -> AsyncIterator[bytes]:
    async for part in stream:
        yield bytes(part)


def path_of(file_id: str) -> str:
    """Where a file lies, sealed: a name of our own."""
    return LYING + file_id


def paths_of(file_id: str) -> tuple[str, str]:
    """Where it lies, and where it lies plain if it came before files were sealed."""
    return path_of(file_id), FORMER + file_id


def place_of(file_id: str) -> str:
    """Where the key of its content stands."""
    return SEALED.place("content_key", file_id)
