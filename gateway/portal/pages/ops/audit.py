"""`/ops/audit`: who did what, and whether the trail is as it was written."""

from typing import Any

from gateway.portal import Response, Visit, page
from gateway.portal.ops.workloads import lines, role_word, title
from gateway.portal.query import listed
from kit.operations.routing import names
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.operations.v1.operations_pb import (
    ListAuditChecksRequest,
    SearchAuditRequest,
)

PATH = "/ops/audit"
SIZE = 50
TEXTS = ("account", "action", "object_id", "from_day", "to_day")
NAMES = {"action": "act", "object_id": "object"}
"""What a field is called in the address: no control is named `action`."""


@page(PATH, asks=SearchAuditRequest, menu="审计日志", order=20)
async def audit(visit: Visit) -> Response:
    """A search once a workload is named: every one is audited, so none is made unasked."""
    sought = {key: text.strip() for key, text in visit.query.items() if key != "token"}
    workload, checked = sought.get("workload", ""), await lines(visit)
    found, pager = None, {"first": "", "following": ""}
    if workload:
        found, pager = await listed(visit, PATH, sought, asked(visit, sought))
    return visit.show(
        "ops/audit.html", part="ops/_audit.html", found=found, lines=checked, asked=workload,
        names_and_titles=[(name, title(name)) for name in names()], title=title, role_word=role_word, **pager,
    )  # fmt: skip


def asked(visit: Visit, sought: dict[str, str]) -> SearchAuditRequest:
    """The rows of these conditions."""
    texts: dict[str, Any] = {key: sought.get(NAMES.get(key, key), "") for key in TEXTS}
    return SearchAuditRequest(
        workload=sought["workload"], refused_only=sought.get("refused") == "yes",
        page=PageRequest(size=SIZE, token=visit.query.get("token", "")), **texts,
    )  # fmt: skip


@page("/ops/audit/checks/{workload}", asks=ListAuditChecksRequest)
async def checks(visit: Visit) -> Response:
    """The walks along the chain of one workload."""
    name = visit.path["workload"]
    found = await visit.ask(ListAuditChecksRequest(workload=name))
    return visit.show("ops/checks.html", workload=name, checks=found.checks, title=title)
