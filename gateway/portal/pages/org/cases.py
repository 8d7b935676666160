"""`/org/cases`: the cases of the applicant, and of the organization for its owner."""

from gateway.portal import Response, Visit, _, page
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import ListOwnFilingsRequest


@page("/org/cases", asks=ListOwnFilingsRequest, menu=_("我的办件"), order=10)
async def cases(visit: Visit) -> Response:
    """Newest first."""
    asked = PageRequest(token=visit.query.get("after", ""))
    found = await visit.ask(ListOwnFilingsRequest(page=asked))
    following = f"/org/cases?after={found.page.next_token}" if found.page.next_token else ""
    first = "/org/cases" if asked.token else ""
    return visit.show("org/cases.html", filings=found.filings, first=first, following=following)
