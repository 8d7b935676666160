"""`/ops/audit`: who did what, and whether the trail is as it was written."""

from typing import Any
from urllib.parse import urlencode

from gateway.portal import Response, Visit, page
from gateway.portal.ops.workloads import lines, role_word, title
from kit.errors import Refusal
from kit.operations.routing import names
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.operations.v1.operations_pb import (
    ListAuditChecksRequest,
    SearchAuditRequest,
    SearchAuditResponse,
)

SIZE = 50
TEXTS = ("account", "action", "object_id", "from_day", "to_day")
NAMES = {"action": "act", "object_id": "object"}
"""What a field is called in the address: no control is named `action`."""


@page("/ops/audit", asks=SearchAuditRequest, menu="审计日志", order=20)
async def audit(visit: Visit) -> Response:
    """A search once a workload is named: every one is audited, so none is made unasked."""
    asked = visit.query.get("workload", "")
    found, checked = None, await lines(visit)
    try:
        found = await search(visit, asked) if asked else None
    except Refusal as refusal:
        visit.refused(refusal)
    return visit.show(
        "ops/audit.html", part="ops/_audit.html", found=found, lines=checked, asked=asked,
        names_and_titles=[(name, title(name)) for name in names()], title=title, role_word=role_word, first=address(visit), following=address(visit, found),
    )  # fmt: skip


async def search(visit: Visit, workload: str) -> SearchAuditResponse:
    """The rows asked for."""
    texts: dict[str, Any] = {key: visit.query.get(NAMES.get(key, key), "").strip() for key in TEXTS}
    found: SearchAuditResponse = await visit.ask(
        SearchAuditRequest(
            workload=workload, refused_only=visit.query.get("refused") == "yes",
            page=PageRequest(size=SIZE, token=visit.query.get("token", "")), **texts,
        )
    )  # fmt: skip
    return found


def address(visit: Visit, found: SearchAuditResponse | None = None) -> str:
    """The search at its next page, or at its first where a later one is shown; empty without."""
    kept = {key: value for key, value in visit.query.items() if key != "token"}
    if found is None:
        return f"/ops/audit?{urlencode(kept)}" if "token" in visit.query else ""
    token = found.page.next_token if found.page else ""
    return f"/ops/audit?{urlencode(kept | {'token': token})}" if token else ""


@page("/ops/audit/checks/{workload}", asks=ListAuditChecksRequest)
async def checks(visit: Visit) -> Response:
    """The walks along the chain of one workload."""
    name = visit.path["workload"]
    found = await visit.ask(ListAuditChecksRequest(workload=name))
    return visit.show("ops/checks.html", workload=name, checks=found.checks, title=title)
