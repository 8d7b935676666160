"""Answers of pages: kept by nobody, or for a minute by everybody; with tag, short where sent twice."""

import gzip
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.responses import Response

from gateway.portal.headers import PRIVATE, SHARED

if TYPE_CHECKING:
    from gateway.portal.visit import Visit

HTML = "text/html; charset=utf-8"


def html(visit: "Visit", text: str) -> Response:
    """A page for one person, or for everybody.

    Only the latter is compressed: a page with a secret in it must not tell by its length.
    """
    content = text.encode()
    if visit.who is not None or not visit.shared or visit.status != 200:
        return Response(content, visit.status, PRIVATE, HTML)
    tag = f'"{sha256(content).hexdigest()[:20]}"'
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={**SHARED, "ETag": tag})
    return zipped(visit, content, {**SHARED, "ETag": tag})


def zipped(visit: "Visit", content: bytes, headers: dict[str, str]) -> Response:
    """Compressed for who takes that."""
    if "gzip" in visit.request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, 6, mtime=0)
    return Response(content, 200, headers, HTML)
