"""`/csp`: browsers report what the content policy of a page kept out.

Only the directive is noted: addresses and samples in a report may name a person.
"""

import json
import logging
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.transcoding.bodies import int_or_zero

log = logging.getLogger(__name__)
PATH = "/csp"
LIMIT = 16_384
DIRECTIVE = re.compile("[a-z-]{1,40}")


async def small_body(request: Request) -> bytes | None:
    """A body of at most 16 KB; None for a longer one."""
    if int_or_zero(request.headers.get("content-length")) > LIMIT:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            return None
    return bytes(body)


def directive_of(body: bytes | None) -> str:
    """The directive a report names; `unreadable` for anything else."""
    try:
        told = str(json.loads(body or b"")["csp-report"]["effective-directive"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unreadable"
    return told if DIRECTIVE.fullmatch(told) else "unreadable"


async def report(request: Request) -> Response:
    """Note a report."""
    log.warning("content policy kept out: %s", directive_of(await small_body(request)))
    return Response(status_code=204)


def csp_route() -> Route:
    """`/csp`."""
    return Route(PATH, report, methods=["POST"])
