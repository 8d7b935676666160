"""Proposing a refusal: on a listed ground and with its reason, never without."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.gov.case import again, shown
from gateway.portal.pages.gov.desk import back_of
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1 import filing_pb as pb

PART = "gov/_refuse.html"


@page("/gov/cases/{filing_id}/refuse", asks=pb.ProposeDecisionRequest)
async def refuse(visit: Visit) -> Response:
    """Grounds to choose from: those that the rules of the case list."""
    return await shown(visit, PART)


@action("/gov/cases/{filing_id}/refuse", asks=pb.ProposeDecisionRequest)
async def propose(visit: Visit) -> Response:
    """The refusal goes to the second person."""
    form = await visit.form()
    filing_id = visit.path["filing_id"]
    known = {str(ground.value): ground for ground in pb.RefusalGround}
    try:
        await visit.ask(
            pb.ProposeDecisionRequest(
                filing_id=filing_id,
                request_id=form["request_id"],
                version=int(form["version"] or 0),
                decision=pb.Decision.REFUSE,
                grounds=[known[one] for one in form.all("grounds") if one in known],
                reason=form["reason"],
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal, PART)
    return visit.go(
        back_of(visit) or f"/gov/cases/{filing_id}", _("已提交不予备案的拟办意见，等待另一人决定。")
    )
