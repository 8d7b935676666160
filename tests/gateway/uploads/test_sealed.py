"""Content lies sealed; what came before is read, and sealed in its turn."""

import io
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.exceptions import InvalidTag

from gateway.uploads.files import SEALED, Files, path_of
from kit.database import connect
from kit.receipts import Receipt
from kit.rotation import reseal
from kit.sealing import PIECE
from tests.gateway.uploads.keeping import ANNA, KEYRING, content, get, grow_old, kept, stored


async def test_it_lies_sealed_and_its_hash_is_of_what_was_sent(files: Files) -> None:
    receipt = await kept(files)
    [path] = stored(files)
    lies = bytes(files.store.get(path).bytes())
    assert path == path_of(receipt.file_id)
    assert b"%PDF" not in lies
    found = await files.find(receipt.file_id, ANNA)
    assert (found.receipt.sha256, found.receipt.size) == (receipt.sha256, receipt.size)


async def test_a_file_of_before_is_read_as_it_lies(
    files: Files, http: httpx.AsyncClient, sql: Any
) -> None:
    receipt = await kept(files)
    await sql.execute("UPDATE upload SET content_key = NULL")
    files.store.delete(path_of(receipt.file_id))
    files.store.put(f"uploads/{receipt.file_id}", b"%PDF")
    assert (await get(http, receipt.file_id)).content == b"%PDF"
    assert await files.is_there(receipt)
    await grow_old(sql, 8)
    assert await files.clean() == 1
    assert stored(files) == set()


async def test_files_of_before_are_sealed(files: Files, sql: Any) -> None:
    receipts = [await kept(files) for _ in range(3)]
    before, half, lost = (receipt.file_id for receipt in receipts)
    await sql.execute("UPDATE upload SET content_key = NULL WHERE file_id <> $1", UUID(half))
    files.store.delete([path_of(before), path_of(lost)])
    for file_id in (before, half):
        files.store.put(f"uploads/{file_id}", b"%PDF")
    assert await files.seal_plain() == 2
    assert stored(files) == {path_of(before), path_of(half)}, "one of them was left by a stop"
    for receipt in receipts[:2]:
        assert await content(files, receipt) == b"%PDF"
    assert await files.seal_plain() == 0


async def test_a_file_in_the_place_of_another_is_not_given_out(
    files: Files, http: httpx.AsyncClient
) -> None:
    first, second = await kept(files), await kept(files)
    lies = bytes(files.store.get(path_of(second.file_id)).bytes())
    for wrong in (lies, b"%PDF" * 10, b""):
        files.store.put(path_of(first.file_id), wrong)
        assert (await get(http, first.file_id)).status_code == 404
    assert await content(files, second) == b"%PDF"


async def test_a_later_piece_that_was_changed_breaks_it_off(files: Files) -> None:
    receipt = Receipt(str(uuid4()), "ab" * 32, "application/pdf", 3 * PIECE, ANNA)
    await files.keep(receipt, io.BytesIO(b"x" * 3 * PIECE))
    lies = bytearray(bytes(files.store.get(path_of(receipt.file_id)).bytes()))
    lies[-1] ^= 1
    files.store.put(path_of(receipt.file_id), bytes(lies))
    with pytest.raises(InvalidTag):
        await content(files, receipt)


async def test_a_key_that_is_changed_opens_the_same_file(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await kept(files)
    monkeypatch.setitem(KEYRING.in_use, "field", 2)
    owner = await connect("gateway", "owner")
    await owner.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    assert await reseal(owner, SEALED, KEYRING) == 1
    await owner.close()
    monkeypatch.delitem(KEYRING.fields, 1)
    assert await content(files, receipt) == b"%PDF"


async def test_a_keeping_that_was_cut_off_is_made_good_under_the_same_key(
    files: Files, sql: Any
) -> None:
    receipt = await kept(files)
    before = await sql.fetchval("SELECT content_key FROM upload")
    files.store.delete(path_of(receipt.file_id))
    await files.keep(receipt, io.BytesIO(b"%PDF"))
    assert await sql.fetchval("SELECT content_key FROM upload") == before
    assert await content(files, receipt) == b"%PDF"
