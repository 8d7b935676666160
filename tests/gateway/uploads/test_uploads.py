"""Uploads end to end: received, stored under a name of our own, receipt signed."""

import asyncio
import hashlib
import time
from contextlib import ExitStack

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.problems import HANDLERS
from gateway.uploads import receive
from gateway.uploads.receive import LIMIT, Slots
from gateway.uploads.route import Uploads
from gateway.uploads.scanner import away, nothing
from kit.errors import Kind, Refusal, invalid
from kit.receipts import Receipt, verify_receipt
from tests.gateway.uploads.good import large_pdf
from tests.gateway.uploads.pdfs import GOOD as PDF
from tests.gateway.uploads.pictures import exif, noise, saved

ACCOUNT = "4f6a3c1e-0000-4000-8000-000000000001"


async def account(request):
    if "authorization" not in request.headers:
        raise Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "请登录。")
    return ACCOUNT


class Kept(dict):
    """What was given to keep."""

    async def sent_before(self, account, sent):
        return None

    async def keep(self, receipt, content, sent=None):
        content.seek(0)
        self[receipt.file_id] = content.read()


@pytest.fixture
def key():
    return ECKey.generate_key("P-256")


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def endpoint(key, kept):
    return Uploads(account, kept, key, nothing)


@pytest.fixture
async def api(endpoint):
    app = Starlette(routes=[Route("/api/v1/uploads", endpoint)], exception_handlers=HANDLERS)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://gateway",
        headers={"Authorization": "Bearer x"},
    ) as client:
        yield client


def refused(response, status, code):
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_file_is_kept_and_receipted(api, key, kept):
    response = await api.post("/api/v1/uploads", content=PDF)
    told = response.json()
    assert response.status_code == 201
    digest = hashlib.sha256(PDF).hexdigest()
    assert (told["mediaType"], told["size"], told["sha256"]) == (
        "application/pdf",
        len(PDF),
        digest,
    )
    assert kept == {told["fileId"]: PDF}
    receipt = verify_receipt(told["receipt"], KeySet([key]))
    assert receipt == Receipt(told["fileId"], digest, "application/pdf", len(PDF), ACCOUNT)


async def test_the_receipt_is_about_the_picture_that_is_kept(api, key, kept):
    told = (await api.post("/api/v1/uploads", content=saved(noise(), "JPEG", exif=exif()))).json()
    assert b"somebody" not in kept[told["fileId"]]
    assert told["sha256"] == hashlib.sha256(kept[told["fileId"]]).hexdigest()
    assert told["size"] == len(kept[told["fileId"]])


async def test_a_file_of_twenty_megabytes_in_three_seconds(api, kept):
    content = large_pdf(LIMIT)
    began = time.process_time()
    response = await api.post("/api/v1/uploads", content=content)
    assert (response.status_code, response.json()["size"]) == (201, LIMIT)
    assert time.process_time() - began < 1
    assert kept == {response.json()["fileId"]: content}


class Sender:
    """Sends piece after piece and counts what was taken."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.taken = 0

    async def __aiter__(self):
        for _ in range(self.pieces):
            self.taken += 1
            yield b"x" * 1024 * 1024
        while True:
            self.taken += 1
            yield b"x"


async def test_one_byte_too_many_ends_the_reading(api, kept):
    sender = Sender(20)
    refused(await api.post("/api/v1/uploads", content=sender), 413, "upload.too_large")
    assert sender.taken == 21
    assert kept == {}


async def test_what_is_announced_as_too_large_is_never_read(api, kept):
    sender = Sender(1)
    announced = {"Content-Length": str(LIMIT + 1)}
    response = await api.post("/api/v1/uploads", content=sender, headers=announced)
    refused(response, 413, "upload.too_large")
    assert (sender.taken, kept) == (0, {})


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "upload.empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "upload.type_refused"),
        (PDF[:-9], 422, "upload.damaged"),
    ],
    ids=["empty", "svg", "cut off"],
)
async def test_refused_files_leave_nothing(api, kept, content, status, code):
    refused(await api.post("/api/v1/uploads", content=content), status, code)
    assert kept == {}


async def test_a_name_or_type_that_does_not_fit_leaves_nothing(api, kept):
    for header, value in (
        ("Content-Type", "image/png"),
        ("Content-Type", "text/html"),
        ("Content-Disposition", 'attachment; filename="a.exe"'),
    ):
        response = await api.post("/api/v1/uploads", content=PDF, headers={header: value})
        refused(response, 422, "upload.mismatch")
    deceiving = {"Content-Disposition": "attachment; filename*=UTF-8''a%E2%80%AEfdp.exe"}
    response = await api.post("/api/v1/uploads", content=PDF, headers=deceiving)
    refused(response, 422, "upload.name")
    assert kept == {}


async def infected(content):
    raise invalid("upload.infected", "文件被病毒扫描拦截。")


async def silent(content):
    raise away()


@pytest.mark.parametrize(
    ("scan", "status", "code"),
    [(infected, 422, "upload.infected"), (silent, 503, "upload.scanner_away")],
)
async def test_what_the_scanner_does_not_clear_is_not_kept(api, endpoint, kept, scan, status, code):
    object.__setattr__(endpoint, "scan", scan)
    refused(await api.post("/api/v1/uploads", content=PDF), status, code)
    assert kept == {}


async def test_who_stops_sending_is_not_waited_for(api, kept, monkeypatch):
    monkeypatch.setattr(receive, "IDLE_SECONDS", 0.05)

    async def halting():
        yield PDF
        await asyncio.sleep(30)

    refused(await api.post("/api/v1/uploads", content=halting()), 408, "upload.too_slow")
    assert kept == {}


async def test_an_account_has_few_uploads_at_once(api, endpoint, kept):
    with ExitStack() as places:
        for _ in range(receive.EACH):
            places.enter_context(endpoint.slots.taking(ACCOUNT))
        response = await api.post("/api/v1/uploads", content=PDF)
        refused(response, 429, "upload.too_many")
        assert response.headers["retry-after"]
        assert kept == {}
    assert (await api.post("/api/v1/uploads", content=PDF)).status_code == 201


def test_all_together_have_a_limit_too():
    slots = Slots()
    with ExitStack() as places:
        for at in range(receive.AT_ONCE):
            places.enter_context(slots.taking(str(at)))
        with pytest.raises(Refusal) as refusal:
            places.enter_context(slots.taking("one more"))
    assert refusal.value.code == "upload.too_many"
    assert not slots.taken


async def test_places_come_back_after_a_refusal(api, endpoint):
    for _ in range(receive.EACH + 1):
        refused(await api.post("/api/v1/uploads", content=b""), 422, "upload.empty")
    assert not endpoint.slots.taken


async def test_a_stranger_uploads_nothing(api, kept):
    del api.headers["authorization"]
    refused(await api.post("/api/v1/uploads", content=PDF), 401, "common.unauthenticated")
    assert kept == {}


async def test_only_post(api):
    response = await api.get("/api/v1/uploads")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
