"""Files as answers: always a download, never a page, and nobody on the way keeps it."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from proto.gen.minzheng.common.v1.file_pb import FileContent

HEADERS: Mapping[str, str] = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


def attachment(name: str) -> dict[str, str]:
    """Headers of a download under a name of our own; one beyond ASCII is written as RFC 6266 says."""
    told = f'filename="{name}"' if name.isascii() else f"filename*=UTF-8''{quote(name)}"
    return {**HEADERS, "Content-Disposition": f"attachment; {told}"}


def download(file: FileContent) -> Response:
    """The file of an answer."""
    return Response(file.content, headers=attachment(file.name), media_type=file.media_type)


def streamed(content: AsyncIterator[bytes], name: str, media_type: str, size: int) -> Response:
    """A kept file, in pieces."""
    headers = attachment(name) | {"Content-Length": str(size)}
    return StreamingResponse(content, headers=headers, media_type=media_type)
