"""`/apply/filing`: what a filing is, two questions about eligibility, on to the application."""

from gateway.portal import Response, Visit, _, page
from proto.gen.minzheng.filing.v1.filing_pb import GetPledgeTextRequest


@page("/apply/filing", asks=GetPledgeTextRequest, menu=_("申请备案"), order=10)
async def guide(visit: Visit) -> Response:
    """For everybody who may apply, also before signing in."""
    pledge = await visit.ask(GetPledgeTextRequest())
    return visit.show("apply/guide.html", pledge=pledge)
