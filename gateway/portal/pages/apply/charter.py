"""`/apply/filing/{filing_id}/charter/text`: the charter as the form fills it, to be printed and adopted."""

from gateway.portal import Response, Visit, page
from gateway.portal.pages.apply import draft
from proto.gen.minzheng.filing.v1.filing_pb import UpdateDraftRequest


@page("/apply/filing/{filing_id}/charter/text", asks=UpdateDraftRequest)
async def text(visit: Visit) -> Response:
    """The simple charter with the clauses on party building and core values."""
    filing = await draft.filing_of(visit)
    back = draft.path_of(filing, "charter")
    return visit.show("apply/charter_text.html", filing=filing, back=back)
