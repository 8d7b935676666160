"""`GET /api/v1/files/{file_id}`: who uploaded a file reads it back; to all others it is not there."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.downloads import streamed
from gateway.problems import method_not_allowed, problem_of
from gateway.uploads.files import Files
from gateway.uploads.inspection.media import extension_of
from gateway.uploads.route import Account
from kit.errors import invalid
from kit.receipts import Receipt


@dataclass(frozen=True)
class Downloads:
    """ASGI endpoint of one file."""

    account: Account
    files: Files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The file or the problem."""
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET, HEAD").response()
        try:
            return await self.answer(request)
        except Exception as error:
            return problem_of(error).response()

    async def answer(self, request: Request) -> Response:
        """Always a download, never a page: a file opens in no window of ours."""
        account = await self.account(request)
        file_id = id_of(request.path_params["file_id"])
        kept = await self.files.find(file_id, account)
        content, found = await self.files.read(kept), kept.receipt
        return streamed(content, name_of(found), found.media_type, found.size)


def id_of(text: str) -> str:
    """An id in its one spelling; Refusal 422 for what is none."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise invalid("upload.file_id", "文件编号应为 UUID。") from error


def name_of(found: Receipt) -> str:
    """A name of our own; what the client called the file was never kept."""
    return f"{found.file_id}.{extension_of(found.media_type)}"
