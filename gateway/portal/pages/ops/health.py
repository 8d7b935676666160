"""`/ops`: a line per workload, those in trouble first; `/ops/workloads/{workload}` is one of them."""

from gateway.portal import Response, Visit, page
from gateway.portal.ops.readings import kept, name, shown
from gateway.portal.ops.workloads import line, lines, title
from proto.gen.minzheng.operations.v1.operations_pb import GetStatusRequest


@page("/ops", asks=GetStatusRequest, menu="系统健康", order=0)
async def health(visit: Visit) -> Response:
    """Every workload."""
    found = await lines(visit)
    rows = kept(one.status for one in found if one.status)
    return visit.show(
        "ops/health.html", part="ops/_health.html", lines=found, title=title, kept=rows
    )


@page("/ops/workloads/{workload}", asks=GetStatusRequest)
async def workload(visit: Visit) -> Response:
    """One workload with its timers, topics and migrations."""
    found = await line(visit, visit.path["workload"])
    if found.status is None and found.refusal is not None:
        raise found.refusal
    return visit.show("ops/workload.html", line=found, title=title, name=name, shown=shown)
