"""The second person's decision: looked at once more, then taken (T11.2)."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.gov.case import again, shown
from gateway.portal.pages.gov.desk import back_of
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import DecideFilingRequest, Filing, FilingState

PART = "gov/_decide.html"


@page("/gov/cases/{filing_id}/decide", asks=DecideFilingRequest)
async def check(visit: Visit) -> Response:
    """What the decision will do, with what was typed before a second factor was asked for."""
    return await shown(visit, PART)


@action("/gov/cases/{filing_id}/decide", asks=DecideFilingRequest)
async def decide(visit: Visit) -> Response:
    """Agreeing is looked at once more before it counts; sending back is not."""
    form = await visit.form()
    agree = form["agree"] == "yes"
    try:
        if agree and form["sure"] != "yes":
            return await shown(visit, PART)
        answer = await visit.ask(
            DecideFilingRequest(
                filing_id=visit.path["filing_id"],
                request_id=form["request_id"],
                version=int(form["version"] or 0),
                agree=agree,
                note=form["note"],
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal)
    onward = back_of(visit) or f"/gov/cases/{visit.path['filing_id']}"
    return visit.go(onward, said=told(answer.filing, agree))


def told(filing: Filing, agree: bool) -> str:
    """What was decided, in words."""
    if not agree:
        return _("已退回经办。")
    if filing.state == FilingState.REFUSED:
        return _("已作出不予备案决定。")
    number = filing.printed_no
    return _("已准予备案：%(number)s") % {"number": number}
