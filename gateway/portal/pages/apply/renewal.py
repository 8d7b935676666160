"""`/apply/renewal/{filing_id}`: the owner of an organization pledges anew before its validity ends."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.guide import parts_of
from gateway.portal.pages.apply import draft
from gateway.portal.pages.apply.pledge import unsigned
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import (
    ApplyForRenewalRequest,
    FilingState,
    GetPledgeTextRequest,
)


@page("/apply/renewal/{filing_id}", asks=ApplyForRenewalRequest)
async def renewal(visit: Visit) -> Response:
    """What is renewed and the text to be signed."""
    filing = await draft.filing_of(visit)
    pending = filing.deadlines is not None and filing.deadlines.renewal_received_on
    if filing.state is not FilingState.RENEW_DUE or pending:
        return visit.go(f"/org/cases/{filing.filing_id}")
    text = await visit.ask(GetPledgeTextRequest())
    return visit.show("apply/renewal.html", filing=filing, pledge=text, parts=parts_of(text.text))


@action("/apply/renewal/{filing_id}", asks=ApplyForRenewalRequest)
async def apply(visit: Visit) -> Response:
    """Sign and apply, once however often it is sent."""
    sent = await visit.form()
    if sent["signed"] != "yes":
        return await renewal(visit.refused(unsigned()))
    asked = ApplyForRenewalRequest(
        filing_id=visit.path["filing_id"], request_id=sent["request_id"],
        version=draft.number(sent["version"]), pledge_version=sent["pledge_version"],
    )  # fmt: skip
    try:
        await visit.ask(asked)
    except Refusal as refusal:
        return await renewal(visit.refused(refusal))
    return visit.go(f"/org/cases/{asked.filing_id}", said=_("换发申请已提交。"))
