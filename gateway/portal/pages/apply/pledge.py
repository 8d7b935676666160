"""`/apply/filing/{filing_id}/pledge`: read, sign, submit; the receipt."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.guide import parts_of
from gateway.portal.pages.apply import draft
from gateway.portal.pages.apply.check import checked
from kit.errors import Refusal, Violation, invalid
from proto.gen.minzheng.filing.v1.filing_pb import (
    Filing,
    GetPledgeTextRequest,
    SubmitFilingRequest,
)
from proto.gen.minzheng.filing.v1.guide_pb import GetTrackingCodeRequest


@page("/apply/filing/{filing_id}/pledge", asks=SubmitFilingRequest)
async def pledge(visit: Visit) -> Response:
    """The text to be signed."""
    return await to_sign(visit, await draft.filing_of(visit))


async def to_sign(visit: Visit, filing: Filing) -> Response:
    """The pledge page."""
    text = await visit.ask(GetPledgeTextRequest())
    return visit.show(
        "apply/pledge.html", filing=filing, pledge=text, parts=parts_of(text.text),
        base=draft.path_of(filing),
    )  # fmt: skip


@action("/apply/filing/{filing_id}/pledge", asks=SubmitFilingRequest)
async def submit(visit: Visit) -> Response:
    """Sign and submit; one effect however often it is sent."""
    sent, filing = await visit.form(), await draft.filing_of(visit)
    if sent["signed"] != "yes":
        return await to_sign(visit.refused(unsigned()), filing)
    asked = SubmitFilingRequest(
        filing_id=filing.filing_id, request_id=sent["request_id"],
        version=draft.number(sent["version"]), pledge_version=sent["pledge_version"],
    )  # fmt: skip
    try:
        await visit.ask(asked)
    except Refusal as refusal:
        visit.refused(refusal)
        return await (checked if visit.errors else to_sign)(visit, filing)
    return visit.go(draft.path_of(filing, "receipt"))


def unsigned() -> Refusal:
    """422 at the box."""
    sentence = _("请勾选，表示已阅读并签署承诺书。")
    return invalid("portal.form", sentence, Violation("signed", "required", sentence))


@page("/apply/filing/{filing_id}/receipt", asks=SubmitFilingRequest)
async def receipt(visit: Visit) -> Response:
    """Number, due date, next steps."""
    filing = await draft.filing_of(visit)
    if not filing.application_no:
        return visit.go(draft.path_of(filing))
    code = (await visit.ask(GetTrackingCodeRequest(filing_id=filing.filing_id))).code
    return visit.show("apply/receipt.html", filing=filing, code=code)
