"""Addresses of pages."""

from urllib.parse import urlsplit

from starlette.requests import Request

from gateway.session.domain import SAFE, local_path


def place(request: Request) -> str:
    """The page of a request; for a form that was sent, the page it was on. `/` for any other."""
    sent = request.method not in SAFE
    url = urlsplit(request.headers.get("referer", "") if sent else str(request.url))
    return local_path(f"{url.path}?{url.query}" if url.query else url.path, "/")
