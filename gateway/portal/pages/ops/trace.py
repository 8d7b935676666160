"""`/ops/traces/{trace}`: what one request led to, as the processes of this machine wrote it down."""

import asyncio
import re

from gateway.portal import Response, Visit, page
from kit.errors import not_found
from kit.settings import settings
from kit.telemetry.tree import size, tree
from proto.gen.minzheng.operations.v1.operations_pb import GetStatusRequest

TRACE = re.compile(r"[0-9a-f]{32}")
MOST = 64 * 1024 * 1024
"""Bytes that are walked for a page; a platform with more has a collector, or the command."""


@page("/ops/traces/{trace}", asks=GetStatusRequest)
async def shown(visit: Visit) -> Response:
    """The spans as a tree; none where they went to a collector. Refusal 404 for what is no trace's number."""
    trace = visit.path["trace"]
    if not TRACE.fullmatch(trace):
        raise not_found()
    folder = settings().var / "traces"
    much = size(folder) > MOST
    spans = [] if much else await asyncio.to_thread(tree, folder, trace)
    return visit.show("ops/trace.html", trace=trace, spans=spans, much=much)
