"""Whether an address on this machine answers, asked often: a client for every look would cost much."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def answers_well(url: str, seconds: float) -> bool:
    """Plain http on loopback answers with 2xx in that time."""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=seconds)) as connection:
        try:
            connection.request("GET", parts.path)
            return connection.getresponse().status // 100 == 2
        except (OSError, HTTPException):
            return False
