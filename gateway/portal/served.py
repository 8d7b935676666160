"""Own scripts, styles and what the build put beside them: read once, served for a year by content.

A file's address carries the hash of its content, so a new one is a new address. Where the build
did not run, what it would have brought is absent and pages work without it.
"""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.problems import NOT_FOUND

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"
YEAR = "public, max-age=31536000, immutable"
TEXTS = ("text/", "application/json", "application/javascript", "image/svg")


@dataclass(frozen=True, slots=True)
class File:
    """A file in memory."""

    url: str
    content: bytes
    zipped: bytes
    media_type: str

    @classmethod
    def read(cls, path: Path, folder: Path) -> "File":
        """A file of a folder."""
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        text = kind.startswith(TEXTS)
        zipped = gzip.compress(content, 9, mtime=0) if text else b""
        url = f"{PREFIX}/{sha256(content).hexdigest()[:16]}/{name}"
        return cls(url, content, zipped, f"{kind}; charset=utf-8" if text else kind)


@cache
def files(folder: Path = FOLDER) -> Mapping[str, File]:
    """Every file by its name below the folder."""
    every = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): File.read(path, folder)
        for path in every
        if path.name != "manifest.json"
    }


def static_url(name: str) -> str:
    """Address of a file; KeyError for one that is not there."""
    return files()[name].url


def built(name: str) -> str:
    """Address of a file that the build brings; empty where it did not run."""
    found = files().get(f"vendor/{name}")
    return found.url if found else ""


def static_route() -> Route:
    """`/static/{hash}/{name}`."""
    by_url = {file.url: file for file in files().values()}

    async def serve(request: Request) -> Response:
        file = by_url.get(request.url.path)
        if file is None:
            return NOT_FOUND.response()
        headers = {"Cache-Control": YEAR, "Vary": "Accept-Encoding"}
        if file.zipped and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.zipped, 200, headers, file.media_type)
        return Response(file.content, 200, headers, file.media_type)

    return Route(f"{PREFIX}/{{rest:path}}", serve)
