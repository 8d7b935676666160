"""An upload sent twice under one key: one file, or a refusal where the bytes differ."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from gateway.problems import HANDLERS
from gateway.uploads.files import Files, path_of
from gateway.uploads.route import Uploads
from gateway.uploads.scanner import nothing
from kit.ids import uuid7
from tests.gateway.uploads.pdfs import GOOD as PDF
from tests.gateway.uploads.pictures import exif, noise, saved

PICTURE = saved(noise(), "JPEG", exif=exif())
"""Is kept without what it says of place and device."""


async def account(request: Request) -> str:
    return request.headers["authorization"]


@pytest.fixture
async def api(files: Files) -> AsyncIterator[httpx.AsyncClient]:
    endpoint = Uploads(account, files, ECKey.generate_key("P-256"), nothing)
    app = Starlette(routes=[Route("/api/v1/uploads", endpoint)], exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def sent(
    api: httpx.AsyncClient, key: str | None, content: bytes = PICTURE, who: str = "anna"
) -> tuple[int, dict[str, Any]]:
    """Status and answer of an upload, the receipt apart: it is signed anew."""
    headers = {"authorization": who} | ({"idempotency-key": key} if key else {})
    response = await api.post("/api/v1/uploads", content=content, headers=headers)
    told = response.json()
    assert response.status_code != 201 or told.pop("receipt")
    return response.status_code, told


def stored(files: Files) -> list[str]:
    return [one["path"] for page in files.store.list() for one in page]


async def test_the_same_key_and_bytes_are_one_file(api: httpx.AsyncClient, files: Files) -> None:
    key = str(uuid7())
    first = await sent(api, key)
    assert first[0] == 201
    assert await sent(api, key.upper()) == first
    assert stored(files) == [path_of(first[1]["fileId"])]


async def test_the_same_key_and_other_bytes_are_refused(api: httpx.AsyncClient) -> None:
    key = str(uuid7())
    await sent(api, key)
    status, problem = await sent(api, key, PDF)
    assert (status, problem["code"]) == (409, "upload.key_reused")


async def test_a_key_is_its_accounts_own_and_without_one_every_upload_is_new(
    api: httpx.AsyncClient, files: Files
) -> None:
    key = str(uuid7())
    answers = [await sent(api, key), await sent(api, key, who="bert"), await sent(api, None)]
    answers.append(await sent(api, None))
    assert len({told["fileId"] for _, told in answers}) == len(stored(files)) == 4


async def test_the_same_upload_twice_at_once_is_one_file(
    api: httpx.AsyncClient, files: Files
) -> None:
    key = str(uuid7())
    one, two = await asyncio.gather(sent(api, key), sent(api, key))
    assert one == two
    assert len(stored(files)) == 1


async def test_what_was_cut_off_before_its_content_was_kept_is_made_good(
    api: httpx.AsyncClient, files: Files
) -> None:
    key = str(uuid7())
    first = await sent(api, key)
    files.store.delete(path_of(first[1]["fileId"]))
    assert await sent(api, key) == first
    assert stored(files) == [path_of(first[1]["fileId"])]


async def test_a_key_is_a_uuid(api: httpx.AsyncClient, files: Files) -> None:
    status, problem = await sent(api, "once")
    assert (status, problem["code"]) == (422, "api.idempotency_key_invalid")
    assert stored(files) == []
