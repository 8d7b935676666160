"""Files and their rows: kept, offered to a service, read back by who uploaded them, cleaned up.

The row comes before the file and goes after it, so no file is without a row.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol
from uuid import UUID

import obstore
from obstore.store import ObjectStore
from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel

from kit.database import Database
from kit.errors import conflict, not_found
from kit.receipts import Receipt
from kit.sql import IN_SCOPE, bind

ADD = f"""INSERT INTO upload (file_id, account, sha256, media_type, size, request_key, sent_sha256)
 SELECT :file_id, :account, :sha256, :media_type, :size, :request_key, :sent_sha256
 WHERE {IN_SCOPE} ON CONFLICT (file_id) DO NOTHING"""
SENT = f"""SELECT file_id::text, sha256, media_type, size, sent_sha256 FROM upload
 WHERE account = :account AND request_key = :request_key AND {IN_SCOPE}"""
OFFER = f"""UPDATE upload SET offered_at = now()
 WHERE file_id = :file_id AND offered_at IS NULL AND {IN_SCOPE}"""
FIND = (
    f"SELECT account, sha256, media_type, size FROM upload WHERE file_id = :file_id AND {IN_SCOPE}"
)
DAYS = 7
"""Days after which a file goes that was never offered to a service; receipts end long before."""
BATCH = 100
DUE = f"""SELECT file_id FROM upload WHERE offered_at IS NULL
 AND uploaded_at < now() - make_interval(days => {DAYS}) AND {IN_SCOPE} LIMIT {BATCH}"""
REMOVE = f"DELETE FROM upload WHERE file_id = :file_id AND offered_at IS NULL AND {IN_SCOPE}"
EVERYTHING = "r:/"


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


@dataclass(frozen=True, slots=True)
class Sent:
    """What a caller's key stands for: the digest of the bytes as they were sent."""

    key: str
    sha256: str


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
        try:
            await obstore.head_async(self.store, path_of(receipt.file_id))
        except FileNotFoundError:
            return False
        return True

    async def keep(self, receipt: Receipt, content: IO[bytes], sent: Sent | None = None) -> None:
        """Keep a file; what fails half-way is cleaned up like a file never offered."""
        await self._run(
            ADD,
            f"s:{receipt.account}",
            file_id=UUID(receipt.file_id),
            account=receipt.account,
            sha256=receipt.sha256,
            media_type=receipt.media_type,
            size=receipt.size,
            request_key=UUID(sent.key) if sent else None,
            sent_sha256=sent.sha256 if sent else None,
        )
        content.seek(0)
        await obstore.put_async(self.store, path_of(receipt.file_id), content)

    async def offer(self, receipt: Receipt) -> None:
        """Note that a service is about to see the receipt: the file is kept from now on."""
        await self._run(OFFER, f"s:{receipt.account}", file_id=UUID(receipt.file_id))

    async def find(self, file_id: str, account: str) -> Receipt:
        """A file of an account; Refusal 404 for anything else."""
        text, values = bind(FIND, {"file_id": UUID(file_id), "scope": f"s:{account}"})
        row = await self.database.pool.fetchrow(text, *values)
        if row is None:
            raise not_found()
        return Receipt(file_id, row["sha256"], row["media_type"], row["size"], row["account"])

    async def read(self, file_id: str) -> AsyncIterator[bytes]:
        """The content in pieces; Refusal 404 where the store does not have it."""
        try:
            found = await obstore.get_async(self.store, path_of(file_id))
        except FileNotFoundError as error:
            raise not_found() from error
        return aiter(found.stream())

    async def clean(self) -> int:
        """Remove files never offered within 7 days; answers how many."""
        text, values = bind(DUE, {"scope": EVERYTHING})
        due = await self.database.pool.fetch(text, *values)
        for row in due:
            # The row stays until the file is gone, so that a stop in between is made good later.
            await self._delete(path_of(str(row["file_id"])))
            await self._run(REMOVE, EVERYTHING, file_id=row["file_id"])
        return len(due)

    async def _delete(self, path: str) -> None:
        try:
            await obstore.delete_async(self.store, path)
        except FileNotFoundError:
            return

    async def _run(self, text: str, scope: str, **values: object) -> None:
        rendered, arguments = bind(text, {"scope": scope, **values})
        await self.database.pool.execute(rendered, *arguments)


def path_of(file_id: str) -> str:
    """Where a file lies: a name of our own."""
    return f"uploads/{file_id}"
