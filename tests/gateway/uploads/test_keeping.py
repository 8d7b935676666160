"""Files and rows: kept once offered, cleaned up otherwise, read back by who uploaded them alone."""

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from joserfc.jwk import ECKey, KeySet
from obstore.store import MemoryStore
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.app import GATEWAY
from gateway.problems import HANDLERS
from gateway.uploads.download import Downloads
from gateway.uploads.files import SEALED, Files, path_of
from gateway.uploads.offering import Offering
from gateway.uploads.routes import offering
from kit import receipts
from kit.contracts import Rpc, rpcs
from kit.database import connect
from kit.errors import Kind, Refusal
from kit.receipts import Receipt, sign_receipt
from kit.rotation import reseal
from kit.sealing import PIECE
from kit.secrets import Keyring
from kit.settings import settings
from tests.conftest import Workload

ANNA, BEN = "anna", "ben"
KEY = ECKey.generate_key("P-256")
KEYRING = Keyring({1: b"f" * 32, 2: b"g" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
ATTACH = next(rpc for rpc in rpcs() if rpc.name == "AttachMaterial")


@pytest.fixture
async def files(workload: Workload) -> Files:
    return Files(await workload("gateway"), MemoryStore(), KEYRING)


@pytest.fixture
async def sql(files: Files) -> Any:
    """Statements past row security: as a superuser of the test's server."""
    from kit.embedded.roles import superuser

    connection = await superuser(settings().database("gateway"), settings())
    yield connection
    await connection.close()


async def kept(files: Files, account: str = ANNA) -> Receipt:
    receipt = Receipt(str(uuid4()), "ab" * 32, "application/pdf", 4, account)
    await files.keep(receipt, io.BytesIO(b"%PDF"))
    return receipt


def stored(files: Files) -> set[str]:
    return {one["path"] for page in files.store.list() for one in page}


async def grow_old(sql: Any, days: float) -> None:
    await sql.execute("UPDATE upload SET uploaded_at = now() - $1 * interval '1 day'", days)


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


async def account(request: Any) -> str:
    if "authorization" not in request.headers:
        raise Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "请登录。")
    return str(request.headers["authorization"])


@pytest.fixture
async def http(files: Files) -> Any:
    routes = [Route("/api/v1/files/{file_id}", Downloads(account, files))]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def get(http: httpx.AsyncClient, file_id: str, who: str = ANNA) -> httpx.Response:
    return await http.get(f"/api/v1/files/{file_id}", headers={"authorization": who})


async def test_who_uploaded_reads_back(files: Files, http: httpx.AsyncClient) -> None:
    receipt = await kept(files)
    response = await get(http, receipt.file_id.upper())
    assert (response.status_code, response.content) == (200, b"%PDF")
    assert response.headers["content-type"] == "application/pdf"
    disposition = f'attachment; filename="{receipt.file_id}.pdf"'
    assert response.headers["content-disposition"] == disposition
    assert response.headers["content-security-policy"].endswith("sandbox")
    assert response.headers["cache-control"] == "private, no-store"


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


async def content(files: Files, receipt: Receipt) -> bytes:
    stream = await files.read(await files.find(receipt.file_id, ANNA))
    return b"".join([part async for part in stream])


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
