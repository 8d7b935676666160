"""The village's opinion: recorded, never a veto; silence passes the case on (SM-01)."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.gov.case import again
from gateway.portal.pages.gov.desk import back_of
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import GiveVillageOpinionRequest, VillageOpinion


@action("/gov/cases/{filing_id}/opinion", asks=GiveVillageOpinionRequest)
async def opinion(visit: Visit) -> Response:
    """Agree or disagree."""
    form = await visit.form()
    filing_id = visit.path["filing_id"]
    agree = VillageOpinion.AGREE if form["opinion"] == "AGREE" else VillageOpinion.DISAGREE
    try:
        await visit.ask(
            GiveVillageOpinionRequest(
                filing_id=filing_id,
                request_id=form["request_id"],
                version=int(form["version"] or 0),
                opinion=agree if form["opinion"] else VillageOpinion.UNSPECIFIED,
                text=form["text"],
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal)
    return visit.go(back_of(visit) or f"/gov/cases/{filing_id}", _("意见已记录并转街道（乡镇）。"))
