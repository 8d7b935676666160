"""The county's comment on a case of a township: it decides nothing (T11.3)."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.gov.case import again
from gateway.portal.pages.gov.desk import back_of
from gateway.portal.query import address
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import WriteGuidanceRequest


@action("/gov/cases/{filing_id}/guidance", asks=WriteGuidanceRequest)
async def guide(visit: Visit) -> Response:
    """The comment on record."""
    form = await visit.form()
    filing_id = visit.path["filing_id"]
    try:
        await visit.ask(
            WriteGuidanceRequest(
                filing_id=filing_id, guidance_id=form["guidance_id"], text=form["text"]
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal)
    here = address(f"/gov/cases/{filing_id}", back=back_of(visit))
    return visit.go(here, _("指导意见已记录，街道（乡镇）会收到消息。"))
