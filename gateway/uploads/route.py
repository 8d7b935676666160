"""`POST /api/v1/uploads`: the body is the file; the answer names it and carries the receipt."""

import asyncio
import hashlib
import json
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO

import obstore
from joserfc.jwk import ECKey
from obstore.store import LocalStore, ObjectStore
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.problems import HttpError, Problem, method_not_allowed, problem_of
from gateway.transcoding.bodies import int_or_zero
from gateway.uploads.inspection import JPEG, PNG, media_type
from gateway.uploads.pictures import cleaned
from kit.errors import invalid
from kit.receipts import Receipt, sign_receipt
from kit.settings import settings

LIMIT = 20 * 1024 * 1024
"""Bytes of a file."""
READ_SECONDS = 120.0
IN_MEMORY = 1024 * 1024

Account = Callable[[Request], Awaitable[str]]
"""The account that calls; Refusal 401 or 403 otherwise."""

TOO_LARGE = Problem(413, "upload.too_large", "文件过大", "文件不得超过 20 MB。")
TOO_SLOW = Problem(408, "upload.too_slow", "上传超时", "文件没有在规定时间内送达,请重试。")


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it arrived: content, hex SHA-256, size in bytes."""

    content: IO[bytes]
    sha256: str
    size: int


@dataclass(frozen=True)
class Uploads:
    """ASGI endpoint of uploads."""

    account: Account
    store: ObjectStore
    key: ECKey

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The answer or the problem."""
        if request.method != "POST":
            return method_not_allowed("POST").response()
        try:
            return answer_of(*await self.accept(request))
        except Exception as error:
            return problem_of(error).response()

    async def accept(self, request: Request) -> tuple[Receipt, str]:
        """Receive, inspect, store under a name of our own, sign. A refused file leaves nothing."""
        account = await self.account(request)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
            received = await receive_file(request, content)
            found, kept = await asyncio.to_thread(inspect, received)
            receipt = Receipt(str(uuid.uuid4()), kept.sha256, found, kept.size, account)
            content.seek(0)
            await obstore.put_async(self.store, f"uploads/{receipt.file_id}", content)
        return receipt, sign_receipt(self.key, receipt)


def inspect(received: Received) -> tuple[str, Received]:
    """Type and what is kept: pictures without what they say about people, all else as it came."""
    content = received.content
    found = media_type(content)
    if found not in (JPEG, PNG):
        return found, received
    content.seek(0)
    clean = cleaned(found, content.read())
    content.seek(0)
    content.truncate()
    content.write(clean)
    return found, Received(content, hashlib.sha256(clean).hexdigest(), len(clean))


async def receive_file(request: Request, content: IO[bytes]) -> Received:
    """Write the body while hashing it; HttpError 413 or 408, Refusal 422 for an empty one."""
    if int_or_zero(request.headers.get("content-length")) > LIMIT:
        raise HttpError(TOO_LARGE)
    digest, size = hashlib.sha256(), 0
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LIMIT:
                    raise HttpError(TOO_LARGE)
                digest.update(chunk)
                content.write(chunk)
    except TimeoutError as error:
        raise HttpError(TOO_SLOW) from error
    if not size:
        raise invalid("upload.empty", "文件是空的。")
    return Received(content, digest.hexdigest(), size)


def answer_of(receipt: Receipt, token: str) -> Response:
    """201 with what a service needs to refer to the file."""
    body = {
        "fileId": receipt.file_id,
        "sha256": receipt.sha256,
        "mediaType": receipt.media_type,
        "size": receipt.size,
        "receipt": token,
    }
    known = {"Cache-Control": "no-store"}
    return Response(json.dumps(body), 201, known, media_type="application/json")


def local_store() -> ObjectStore:
    """Files of the one-command run: a folder."""
    return LocalStore(settings().var / "files", mkdir=True)


def upload_routes(account: Account, store: ObjectStore | None = None) -> list[Route]:
    """The route of uploads; goes before `api_routes`. Reads the secret file internal_key.pem."""
    key = ECKey.import_key(settings().secret("internal_key.pem"))
    return [Route("/api/v1/uploads", Uploads(account, store or local_store(), key))]
