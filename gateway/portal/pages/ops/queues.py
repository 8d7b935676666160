"""`/ops/queues`: what waits and what is parked; a replay asks for a reason."""

import asyncio

from gateway.portal import Response, Visit, action, page
from gateway.portal.language import gettext as _
from gateway.portal.ops.workloads import lines, title
from kit.errors import Refusal
from kit.operations.routing import names
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.operations.v1.operations_pb import (
    ListParkedRequest,
    ListParkedResponse,
    ReplayParkedRequest,
    ReplayParkedResponse,
)

MOST = 100


async def parked(visit: Visit, name: str) -> ListParkedResponse | None:
    """What a workload has parked; None where it does not answer."""
    request = ListParkedRequest(workload=name, page=PageRequest(size=MOST))
    try:
        found: ListParkedResponse = await visit.ask(request)
    except Refusal:
        return None
    return found


@page("/ops/queues", asks=ListParkedRequest, menu="消息积压与挂起", order=10)
async def queues(visit: Visit) -> Response:
    """Every workload's."""
    asked = asyncio.gather(*(parked(visit, name) for name in names()))
    waiting, found = await asyncio.gather(lines(visit), asked)
    held = list(zip(names(), found, strict=True))
    return visit.show(
        "ops/queues.html",
        lines=waiting,
        rows=[(name, one) for name, answer in held if answer for one in answer.aggregates],
        away=[title(name) for name, answer in held if answer is None],
        more=[title(name) for name, answer in held if answer and len(answer.aggregates) == MOST],
        most=MOST,
        title=title,
    )


@page("/ops/queues/replay", asks=ReplayParkedRequest)
async def replay(visit: Visit) -> Response:
    """Why it may succeed now."""
    workload, aggregate = (
        visit.typed.get(key, visit.query.get(key, "")) for key in ("workload", "aggregate")
    )
    return visit.show("ops/replay.html", workload=workload, aggregate=aggregate, title=title)


@action("/ops/queues/replay", asks=ReplayParkedRequest)
async def replay_now(visit: Visit) -> Response:
    """Tried again; what came of it is said above the list."""
    form = await visit.form()
    request = ReplayParkedRequest(
        workload=form["workload"], aggregate=form["aggregate"], reason=form["reason"],
        request_id=form["request_id"],
    )  # fmt: skip
    try:
        done = await visit.ask(request)
    except Refusal as refusal:
        return await replay(visit.refused(refusal))
    return visit.go("/ops/queues", said=told(done))


def told(done: ReplayParkedResponse) -> str:
    """What came of a replay."""
    said = _("已重放 %(done)s 个，尚余 %(left)s 个。") % {"done": done.replayed, "left": done.left}
    return said + (_("仍然失败：%(failure)s。") % {"failure": done.failure} if done.failure else "")
