"""Files and rows: kept once offered, cleaned up otherwise, read back by who uploaded them alone."""

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet

from gateway.app import GATEWAY
from gateway.uploads.files import Files, path_of
from gateway.uploads.offering import Offering
from gateway.uploads.routes import offering
from kit import receipts
from kit.contracts import Rpc, rpcs
from kit.receipts import Receipt, sign_receipt
from kit.settings import settings
from tests.gateway.uploads.keeping import ANNA, BEN, KEYRING, get, grow_old, kept, stored

KEY = ECKey.generate_key("P-256")
ATTACH = next(rpc for rpc in rpcs() if rpc.name == "AttachMaterial")


class Services:
    """Answers, or raises; remembers whether the file was noted by then."""

    def __init__(self, look: Callable[[], Awaitable[Any]], fault: Exception | None = None) -> None:
        self.look = look
        self.fault = fault
        self.seen: list[Any] = []

    async def call(self, rpc: Rpc, wire: bytes, metadata: Any) -> Any:
        self.seen.append(await self.look())
        if self.fault:
            raise self.fault
        return rpc.response()


def attach(receipt: Receipt, key: ECKey = KEY) -> bytes:
    return bytes(ATTACH.request(receipt=sign_receipt(key, receipt)).to_binary())


async def test_what_was_never_offered_goes_after_seven_days(files: Files, sql: Any) -> None:
    for account in (ANNA, BEN):
        await kept(files, account)
    await grow_old(sql, 6.9)
    assert await files.clean() == 0
    assert len(stored(files)) == 2
    await grow_old(sql, 7.1)
    assert await files.clean() == 2
    assert stored(files) == set()
    assert await sql.fetchval("SELECT count(*) FROM upload") == 0
    assert await files.clean() == 0


async def test_what_a_service_was_offered_stays(files: Files, sql: Any) -> None:
    receipt, other = await kept(files), await kept(files)
    services = Services(lambda: sql.fetchval("SELECT count(offered_at) FROM upload"))
    await Offering(services, files, KeySet([KEY])).call(ATTACH, attach(receipt), ())
    assert services.seen == [1], "noted before the service is called"
    await grow_old(sql, 3_000)
    assert await files.clean() == 1
    assert stored(files) == {path_of(receipt.file_id)}
    assert path_of(other.file_id) not in stored(files)


async def test_it_stays_although_the_answer_was_lost(files: Files, sql: Any) -> None:
    receipt = await kept(files)
    services = Services(lambda: sql.fetchval("SELECT 1"), ConnectionError())
    with pytest.raises(ConnectionError):
        await Offering(services, files, KeySet([KEY])).call(ATTACH, attach(receipt), ())
    await grow_old(sql, 8)
    assert await files.clean() == 0
    assert stored(files) == {path_of(receipt.file_id)}


async def test_a_late_retry_counts_too(files: Files, sql: Any, monkeypatch: Any) -> None:
    receipt = await kept(files)
    wire = attach(receipt)
    monkeypatch.setattr(receipts, "LIFETIME", -10)
    services = Services(lambda: sql.fetchval("SELECT count(offered_at) FROM upload"))
    await Offering(services, files, KeySet([KEY])).call(ATTACH, wire, ())
    assert services.seen == [1]


async def test_a_forged_receipt_keeps_nothing_and_is_left_to_the_service(
    files: Files, sql: Any
) -> None:
    receipt = await kept(files)
    services = Services(lambda: sql.fetchval("SELECT count(offered_at) FROM upload"))
    forged = attach(receipt, ECKey.generate_key("P-256"))
    await Offering(services, files, KeySet([KEY])).call(ATTACH, forged, ())
    assert services.seen == [0]


async def test_other_calls_pass(files: Files) -> None:
    class Untouched:
        async def call(self, rpc: Rpc, wire: bytes, metadata: Any) -> str:
            return f"{rpc.name} {wire!r} {metadata}"

    gate = Offering(Untouched(), files, KeySet([KEY]))  # type: ignore[arg-type]
    other = next(rpc for rpc in rpcs() if rpc.name == "GetFiling")
    assert await gate.call(other, b"\xff", ()) == "GetFiling b'\\xff' ()"
    assert [rpc.name for rpc in rpcs() if gate.carries(rpc)] == ["AttachMaterial"]


async def test_a_cleaning_that_stopped_half_way_goes_on(files: Files, sql: Any) -> None:
    receipt = await kept(files)
    files.store.delete(path_of(receipt.file_id))
    await grow_old(sql, 8)
    assert await files.clean() == 1
    assert await sql.fetchval("SELECT count(*) FROM upload") == 0


async def test_a_store_that_fails_leaves_a_row_that_is_cleaned(files: Files, sql: Any) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError("full")

    receipt = Receipt(str(uuid4()), "ab" * 32, "application/pdf", 4, ANNA)
    with pytest.raises(Exception, match="full"):
        await files.keep(receipt, Broken())
    assert stored(files) == set()
    await grow_old(sql, 8)
    assert await files.clean() == 1


async def test_rows_are_seen_by_their_owner_and_the_platform(files: Files) -> None:
    await kept(files)
    pool = files.database.pool
    count = (
        "SELECT count(*) FROM upload WHERE (SELECT set_config('minzheng.scope', $1, true)) <> '-'"
    )
    seen = {
        scope: await pool.fetchval(count, scope)
        for scope in ("s:anna", "s:ben", "r:/", "r:/460000000000/", "o:", "s:", "")
    }
    assert {scope for scope, rows in seen.items() if rows} == {"s:anna", "r:/"}


def test_the_process_cleans_up(files: Files) -> None:
    told = {"database": files.database, "unit": None, "keyring": KEYRING}
    runtime: Any = type("Runtime", (), told)
    names = {timer.name for timer in GATEWAY.timers(runtime)}
    assert names >= {"gateway.uploads", "gateway.uploads_sealed"}


def test_keys_come_from_the_settings(files: Files, tmp_path: Any, monkeypatch: Any) -> None:
    told = json.dumps(KeySet([KEY]).as_dict(private=False))
    monkeypatch.setattr(type(settings()), "secret", lambda *_: told)
    assert offering(None, files).keys.keys[0].thumbprint() == KEY.thumbprint()  # type: ignore[arg-type]


async def test_who_uploaded_reads_back(files: Files, http: httpx.AsyncClient) -> None:
    receipt = await kept(files)
    response = await get(http, receipt.file_id.upper())
    assert (response.status_code, response.content) == (200, b"%PDF")
    assert response.headers["content-type"] == "application/pdf"
    disposition = f'attachment; filename="{receipt.file_id}.pdf"'
    assert response.headers["content-disposition"] == disposition
    assert response.headers["content-security-policy"].endswith("sandbox")
    assert response.headers["cache-control"] == "private, no-store"


async def test_to_others_it_is_not_there(files: Files, http: httpx.AsyncClient) -> None:
    receipt = await kept(files)
    theirs, nothing = await get(http, receipt.file_id, BEN), await get(http, str(uuid4()), BEN)
    assert (theirs.status_code, theirs.json()) == (404, nothing.json())
    assert (await get(http, "x")).json()["code"] == "upload.file_id"
    assert (await http.get(f"/api/v1/files/{receipt.file_id}")).status_code == 401
    other = await http.delete(f"/api/v1/files/{receipt.file_id}", headers={"authorization": ANNA})
    assert (other.status_code, other.headers["allow"]) == (405, "GET, HEAD")


async def test_a_file_the_store_lost_is_not_there(files: Files, http: httpx.AsyncClient) -> None:
    receipt = await kept(files)
    files.store.delete(path_of(receipt.file_id))
    assert (await get(http, receipt.file_id)).status_code == 404
