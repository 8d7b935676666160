"""The clerk's desk: materials marked one by one, then proposed, returned or given public notice."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.form import Form
from gateway.portal.pages.gov.case import again
from gateway.portal.pages.gov.desk import back_of
from gateway.portal.pages.gov.proposal import accepted
from gateway.portal.query import address
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1 import filing_pb as pb

MARK, NOTE = "mark_", "note_"


@action("/gov/cases/{filing_id}/review", asks=pb.MarkCompletenessRequest)
async def review(visit: Visit) -> Response:
    """Save the marks; then what the button says."""
    form = await visit.form()
    filing_id = visit.path["filing_id"]
    try:
        version = await marked(visit, form)
        if form["do"] == "return":
            return visit.go(address(f"/gov/cases/{filing_id}/return", back=back_of(visit)))
        said = await further(visit, form, version)
    except Refusal as refusal:
        return await again(visit, refusal)
    return visit.go(onward(visit, form["do"]), said)


async def marked(visit: Visit, form: Form) -> int:
    """Save what is marked; the version of the case after it."""
    version = int(form["version"] or 0)
    findings = found(form)
    if not findings:
        return version
    answer = await visit.ask(
        pb.MarkCompletenessRequest(
            filing_id=visit.path["filing_id"],
            request_id=form["mark_id"],
            version=version,
            findings=findings,
        )
    )
    return int(answer.filing.version)


def found(form: Form) -> list[pb.MaterialFinding]:
    """Findings of the form: what is marked, with its note."""
    return [
        pb.MaterialFinding(
            code=code,
            completeness=pb.Completeness[form[f"{MARK}{code.name}"]],
            note=form[f"{NOTE}{code.name}"],
        )
        for code in pb.MaterialCode
        if form[f"{MARK}{code.name}"] in ("PRESENT", "ABSENT", "UNREADABLE")
    ]


async def further(visit: Visit, form: Form, version: int) -> str:
    """Propose acceptance or start the notice where the button says so; what was done, in words."""
    filing_id, request_id = visit.path["filing_id"], form["request_id"]
    if form["do"] == "notice":
        await visit.ask(
            pb.StartNoticeRequest(filing_id=filing_id, request_id=request_id, version=version)
        )
        return _("已开始公示。")
    if form["do"] == "propose":
        return await accepted(visit, form, version)
    return _("标注已保存。")


def onward(visit: Visit, done: str) -> str:
    """Where to go: on to the next in the queue, or the same case while it is being marked."""
    here = address(f"/gov/cases/{visit.path['filing_id']}", back=back_of(visit))
    return back_of(visit) or here if done in ("propose", "notice") else here
