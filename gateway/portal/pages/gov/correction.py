"""The one notice of correction: what was ticked, gathered, looked at, sent (T11.4)."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.gov.case import again, shown
from gateway.portal.pages.gov.desk import back_of
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import ReturnForCorrectionRequest

PART = "gov/_return.html"


@page("/gov/cases/{filing_id}/return", asks=ReturnForCorrectionRequest)
async def check(visit: Visit) -> Response:
    """Every item that will be asked for."""
    return await shown(visit, PART)


@action("/gov/cases/{filing_id}/return", asks=ReturnForCorrectionRequest)
async def send(visit: Visit) -> Response:
    """The notice goes out; the service refuses a second one and one that comes too late."""
    form = await visit.form()
    filing_id = visit.path["filing_id"]
    try:
        await visit.ask(
            ReturnForCorrectionRequest(
                filing_id=filing_id,
                request_id=form["request_id"],
                version=int(form["version"] or 0),
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal)
    return visit.go(back_of(visit) or f"/gov/cases/{filing_id}", _("已一次性告知补正。"))
