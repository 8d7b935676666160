"""Uploads end to end: received, stored under a name of our own, receipt signed."""

import hashlib

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet
from obstore.store import MemoryStore
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.problems import HANDLERS
from gateway.uploads import route as uploads
from kit.errors import Kind, Refusal
from kit.receipts import Receipt, verify_receipt

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
ACCOUNT = "4f6a3c1e-0000-4000-8000-000000000001"


async def account(request):
    if "authorization" not in request.headers:
        raise Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "请登录。")
    return ACCOUNT


@pytest.fixture
def key():
    return ECKey.generate_key("P-256")


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
async def api(key, store):
    endpoint = uploads.Uploads(account, store, key)
    app = Starlette(routes=[Route("/api/v1/uploads", endpoint)], exception_handlers=HANDLERS)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://gateway",
        headers={"Authorization": "Bearer x"},
    ) as client:
        yield client


def stored(store):
    return [one["path"] for page in store.list() for one in page]


async def test_a_file_is_kept_and_receipted(api, key, store):
    response = await api.post("/api/v1/uploads", content=PDF, headers={"Content-Type": "text/html"})
    told = response.json()
    assert response.status_code == 201
    digest = hashlib.sha256(PDF).hexdigest()
    assert (told["mediaType"], told["size"], told["sha256"]) == (
        "application/pdf",
        len(PDF),
        digest,
    )
    assert stored(store) == [f"uploads/{told['fileId']}"]
    assert bytes(store.get(f"uploads/{told['fileId']}").bytes()) == PDF
    receipt = verify_receipt(told["receipt"], KeySet([key]))
    assert receipt == Receipt(told["fileId"], digest, "application/pdf", len(PDF), ACCOUNT)


async def test_a_large_file_is_streamed(api, store):
    async def chunks():
        yield PDF
        for _ in range(40):
            yield b"%" * 100_000
        yield b"\n%%EOF"

    response = await api.post("/api/v1/uploads", content=chunks())
    assert (response.status_code, response.json()["size"]) == (201, len(PDF) + 4_000_000 + 6)
    content = bytes(store.get(f"uploads/{response.json()['fileId']}").bytes())
    assert hashlib.sha256(content).hexdigest() == response.json()["sha256"]


async def test_a_folder_keeps_files_too(tmp_path, key):
    from obstore.store import LocalStore

    endpoint = uploads.Uploads(account, LocalStore(tmp_path / "files", mkdir=True), key)
    app = Starlette(routes=[Route("/api/v1/uploads", endpoint)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://x"
    ) as http:
        sent = {"Authorization": "Bearer x"}
        told = (await http.post("/api/v1/uploads", content=PDF, headers=sent)).json()
    assert (tmp_path / "files" / "uploads" / told["fileId"]).read_bytes() == PDF


async def one_too_many():
    for _ in range(20):
        yield b"x" * 1024 * 1024
    yield b"x"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "upload.empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "upload.type_refused"),
        (b"x" * (20 * 1024 * 1024 + 1), 413, "upload.too_large"),
        (one_too_many, 413, "upload.too_large"),
    ],
    ids=["empty", "svg", "large", "large without length"],
)
async def test_refused_files_leave_nothing(api, store, content, status, code):
    response = await api.post(
        "/api/v1/uploads", content=content() if callable(content) else content
    )
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert stored(store) == []


async def test_a_stranger_uploads_nothing(api, store):
    del api.headers["authorization"]
    response = await api.post("/api/v1/uploads", content=PDF)
    assert (response.status_code, response.json()["code"]) == (401, "common.unauthenticated")
    assert stored(store) == []


async def test_only_post(api):
    response = await api.get("/api/v1/uploads")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
