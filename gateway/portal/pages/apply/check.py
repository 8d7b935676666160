"""`/apply/filing/{filing_id}/check`: everything that will be submitted, a 修改 a line."""

from gateway.portal import Response, Visit, page
from gateway.portal.forms import Answer, answers
from gateway.portal.pages.apply import draft, progress
from kit.secrets import mask_id, mask_phone
from proto.gen.minzheng.filing.v1.filing_pb import (
    Filing,
    FilingState,
    SubmitFilingRequest,
    UpdateDraftRequest,
)

MASKS = {"idNumber": mask_id, "phone": mask_phone}


@page("/apply/filing/{filing_id}/check", asks=SubmitFilingRequest)
async def check(visit: Visit) -> Response:
    """The draft, read over before the pledge."""
    filing = await draft.filing_of(visit)
    if filing.state is not FilingState.DRAFT:
        return visit.go(f"/org/cases/{filing.filing_id}")
    return await checked(visit, filing)


async def checked(visit: Visit, filing: Filing) -> Response:
    """The check page; what is missing stands above it."""
    found = progress.violations_of(await draft.checked(visit, filing))
    parts = [(name, label, lines(name, filing)) for name, label in draft.STEPS[:-1]]
    tasks = [one for one in progress.tasks(filing, found) if one.missing]
    base = draft.path_of(filing)
    return visit.show("apply/check.html", filing=filing, parts=parts, missing=tasks, base=base)


def lines(step: str, filing: Filing) -> list[Answer]:
    """The answers of a step; numbers of persons are not shown in full again."""
    found = answers(draft.form_of(step, filing), UpdateDraftRequest(form=filing.form))
    return [masked(one) for one in found]


def masked(one: Answer) -> Answer:
    """Without the middle of identity and phone numbers."""
    mask = MASKS.get(one.name.rpartition(".")[2])
    return Answer(one.name, one.label, mask(one.text)) if mask and one.text else one
