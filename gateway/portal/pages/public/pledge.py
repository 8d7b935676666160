"""`/guide/pledge`: the pledge that applicants sign."""

from gateway.portal import Response, Visit, page
from gateway.portal.guide import parts_of
from proto.gen.minzheng.filing.v1.filing_pb import GetPledgeTextRequest


@page("/guide/pledge")
async def pledge(visit: Visit) -> Response:
    """The pledge that applicants sign."""
    told = await visit.ask(GetPledgeTextRequest())
    return visit.show("public/guide_pledge.html", told=told, parts=parts_of(told.text))
