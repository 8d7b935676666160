"""Requests without a server."""

from collections.abc import Mapping

from starlette.requests import Request


def request(
    path: str, query: str = "", headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Request:
    """A request for a page."""
    told = {"host": "127.0.0.1", **(headers or {})}
    return Request(
        {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "headers": [(key.encode(), value.encode()) for key, value in told.items()],
            "path_params": {},
            "server": ("127.0.0.1", 80),
        }
    )
