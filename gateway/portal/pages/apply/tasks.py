"""`/apply/filing/{filing_id}`: the task list of a draft, or of a correction."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.apply import draft, progress
from proto.gen.minzheng.filing.v1.filing_pb import (
    FilingState,
    ResubmitFilingRequest,
    UpdateDraftRequest,
)


@page("/apply/filing/{filing_id}", asks=UpdateDraftRequest)
async def tasks(visit: Visit) -> Response:
    """What is done and what is left."""
    filing = await draft.filing_of(visit)
    if filing.state is FilingState.CORRECTION:
        return visit.show(
            "apply/correction.html", filing=filing, open=len(progress.unanswered(filing)),
            base=draft.path_of(filing), locked=[label for _name, label in draft.STEPS[:-1]],
        )  # fmt: skip
    if filing.state is not FilingState.DRAFT:
        return visit.go(f"/org/cases/{filing.filing_id}")
    violations = progress.violations_of(await draft.checked(visit, filing))
    found = progress.tasks(filing, violations)
    open_step = next((one.name for one in found if one.missing), "check")
    return visit.show(
        "apply/tasks.html", filing=filing, tasks=found, ready=not violations,
        base=draft.path_of(filing), next=draft.path_of(filing, open_step),
    )  # fmt: skip


@action("/apply/filing/{filing_id}/resubmit", asks=ResubmitFilingRequest)
async def resubmit(visit: Visit) -> Response:
    """Answer the correction."""
    sent, filing = await visit.form(), await draft.filing_of(visit)
    asked = ResubmitFilingRequest(
        filing_id=filing.filing_id, request_id=sent["request_id"],
        version=draft.number(sent["version"]),
    )  # fmt: skip
    await visit.ask(asked)
    return visit.go(f"/org/cases/{filing.filing_id}", said=_("补正材料已提交，继续审核。"))
