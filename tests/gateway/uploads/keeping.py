"""Kept files in the tests: put, looked at in the store, made old, read back."""

import io
from typing import Any
from uuid import uuid4

import httpx

from gateway.uploads.files import Files
from kit.errors import Kind, Refusal
from kit.receipts import Receipt
from kit.secrets import Keyring

ANNA, BEN = "anna", "ben"
KEYRING = Keyring({1: b"f" * 32, 2: b"g" * 32}, {1: b"i" * 32}, {1: b"a" * 32})


async def kept(files: Files, account: str = ANNA) -> Receipt:
    receipt = Receipt(str(uuid4()), "ab" * 32, "application/pdf", 4, account)
    await files.keep(receipt, io.BytesIO(b"%PDF"))
    return receipt


def stored(files: Files) -> set[str]:
    return {one["path"] for page in files.store.list() for one in page}


async def grow_old(sql: Any, days: float) -> None:
    await sql.execute("UPDATE upload SET uploaded_at = now() - $1 * interval '1 day'", days)


async def account(request: Any) -> str:
    if "authorization" not in request.headers:
        raise Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "请登录。")
    return str(request.headers["authorization"])


async def get(http: httpx.AsyncClient, file_id: str, who: str = ANNA) -> httpx.Response:
    return await http.get(f"/api/v1/files/{file_id}", headers={"authorization": who})


async def content(files: Files, receipt: Receipt) -> bytes:
    stream = await files.read(await files.find(receipt.file_id, ANNA))
    return b"".join([part async for part in stream])
