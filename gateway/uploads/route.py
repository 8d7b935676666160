"""`POST /api/v1/uploads`: the body is the file; the answer names it and carries the receipt."""

import asyncio
import hashlib
import json
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import IO

from joserfc.jwk import ECKey
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.problems import method_not_allowed, problem_of
from gateway.uploads.claim import Claim
from gateway.uploads.files import Keeper
from gateway.uploads.receive import Slots, expect_size, receive_file
from gateway.uploads.sandbox import Found, Sandbox
from gateway.uploads.scanner import Scan
from kit.receipts import Receipt, sign_receipt

Account = Callable[[Request], Awaitable[str]]
"""The account that calls; Refusal 401 or 403 otherwise."""


@dataclass(frozen=True)
class Uploads:
    """ASGI endpoint of uploads."""

    account: Account
    files: Keeper
    key: ECKey
    scan: Scan
    sandbox: Sandbox = field(default_factory=Sandbox)
    slots: Slots = field(default_factory=Slots)

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
        """Receive, look into, scan, keep under a name of our own, sign. Refused files leave nothing."""
        account = await self.account(request)
        claim = Claim.of(request.headers)
        with self.slots.taking(account), tempfile.TemporaryFile() as content:
            await receive_file(request, content)
            return await self.keep(account, claim, content)

    async def take(self, account: str, sent: UploadFile) -> tuple[Receipt, str]:
        """The same with a file that came with a form."""
        claim = Claim.stated([sent.filename or ""], sent.content_type or "")
        expect_size(sent.size or 0)
        with self.slots.taking(account):
            return await self.keep(account, claim, sent.file)

    async def keep(self, account: str, claim: Claim, content: IO[bytes]) -> tuple[Receipt, str]:
        """Look into a file, then keep it for an account. Raises Refusal, HttpError for any other."""
        with tempfile.TemporaryFile() as copy:
            found = await self.sandbox.look(content, copy)
            claim.fits(found.media_type)
            await self.scan(found.content)
            receipt = await asyncio.to_thread(receipt_of, found, account)
            await self.files.keep(receipt, found.content)
        return receipt, sign_receipt(self.key, receipt)


def receipt_of(found: Found, account: str) -> Receipt:
    """A new id with the digest of what is kept."""
    return Receipt(
        str(uuid.uuid4()), digest_of(found.content), found.media_type, found.size, account
    )


def digest_of(content: IO[bytes]) -> str:
    """Hex SHA-256."""
    content.seek(0)
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]


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
