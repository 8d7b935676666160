"""Objections of the public notice: answered, or taken up into the review (T12.3)."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.gov.case import again
from gateway.portal.pages.gov.desk import back_of
from gateway.portal.query import address
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import HandleObjectionRequest, ObjectionOutcome

OUTCOMES = {one.name: one for one in ObjectionOutcome}


@action("/gov/cases/{filing_id}/objections/{objection_id}", asks=HandleObjectionRequest)
async def handle(visit: Visit) -> Response:
    """What was found on one objection, with the answer to who raised it."""
    form = await visit.form()
    filing_id, objection_id = visit.path["filing_id"], visit.path["objection_id"]
    try:
        await visit.ask(
            HandleObjectionRequest(
                filing_id=filing_id,
                request_id=form["request_id"],
                version=int(form["version"] or 0),
                objection_id=objection_id,
                outcome=OUTCOMES.get(form["outcome"], ObjectionOutcome.UNSPECIFIED),
                answer=form["answer"],
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal)
    here = address(f"/gov/cases/{filing_id}", back=back_of(visit))
    return visit.go(here, _("异议已处理，提出人会收到答复。"))
