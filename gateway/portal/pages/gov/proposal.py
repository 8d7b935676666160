"""What the clerk proposes for the second person to decide: acceptance, with what is found on objections."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.form import Form
from gateway.portal.pages.gov.case import again
from gateway.portal.pages.gov.desk import back_of
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1 import filing_pb as pb

OUTCOME, ANSWER = "outcome_", "answer_"


@action("/gov/cases/{filing_id}/propose", asks=pb.ProposeDecisionRequest)
async def propose(visit: Visit) -> Response:
    """Acceptance of a case whose notice is over, or of a renewal."""
    form = await visit.form()
    try:
        said = await accepted(visit, form, int(form["version"] or 0))
    except Refusal as refusal:
        return await again(visit, refusal)
    return visit.go(back_of(visit) or f"/gov/cases/{visit.path['filing_id']}", said)


async def accepted(visit: Visit, form: Form, version: int) -> str:
    """Propose acceptance; what was done, in words."""
    await visit.ask(
        pb.ProposeDecisionRequest(
            filing_id=visit.path["filing_id"],
            request_id=form["request_id"],
            version=version,
            decision=pb.Decision.ACCEPT,
            reason=form["reason"],
            objections=findings(form),
        )
    )
    return _("已提交审核，等待另一人决定。")


def findings(form: Form) -> list[pb.ObjectionFinding]:
    """What is found on every objection that was taken up."""
    outcomes = {one.name: one for one in pb.ObjectionOutcome}
    ids = [name.removeprefix(OUTCOME) for name in form.texts if name.startswith(OUTCOME)]
    return [
        pb.ObjectionFinding(
            objection_id=one,
            outcome=outcomes.get(form[f"{OUTCOME}{one}"], pb.ObjectionOutcome.UNSPECIFIED),
            answer=form[f"{ANSWER}{one}"],
        )
        for one in ids
    ]
