"""`/apply/filing/{filing_id}/materials`: files are looked into first, kept after; each is told by itself."""

from uuid import UUID, uuid5

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.form import Form
from gateway.portal.pages.apply import draft, listed
from gateway.problems import HttpError
from kit.errors import Refusal, Violation, invalid
from proto.gen.minzheng.filing.v1.filing_pb import (
    AttachMaterialRequest,
    Filing,
    FilingState,
    MaterialCode,
)

REUSED = "common.key_reused"


@page("/apply/filing/{filing_id}/materials", asks=AttachMaterialRequest)
async def materials(visit: Visit) -> Response:
    """What is to be uploaded and what is there."""
    filing = await draft.filing_of(visit)
    if not draft.open_for(filing, "materials"):
        return visit.go(draft.path_of(filing))
    return await shown(visit, filing)


@action("/apply/filing/{filing_id}/materials", asks=AttachMaterialRequest)
async def upload(visit: Visit) -> Response:
    """Keep what is right, say what is wrong with the rest, go on when nothing is missing."""
    sent, filing = await visit.form(), await draft.filing_of(visit)
    wrong: list[Violation] = []
    for item in await listed.items(visit, filing):
        file = sent.file(listed.name_of(item.code))
        if file is not None:
            try:
                filing = await attach(visit, filing, item.code, sent)
            except (Refusal, HttpError) as error:
                wrong.append(told(item, error))
    if not wrong and sent["then"] != "back":
        wrong = await missing(visit, filing)
    if wrong:
        refusal = invalid("portal.form", _("有材料没有上传成功。"), *wrong)
        return await shown(visit.refused(refusal), filing)
    onward = "check" if filing.state is FilingState.DRAFT and sent["then"] != "back" else ""
    return visit.go(draft.path_of(filing, onward), said=_("材料已保存。"))


async def attach(visit: Visit, filing: Filing, code: MaterialCode, sent: Form) -> Filing:
    """Keep a file and put it on record; the same file sent twice is put there once."""
    file = sent.file(listed.name_of(code))
    assert file is not None
    receipt, token = await visit.keep(file)
    asked = AttachMaterialRequest(
        filing_id=filing.filing_id, request_id=key_for(sent["request_id"], code), code=code,
        receipt=token,
    )  # fmt: skip
    try:
        saved: Filing = (await visit.ask(asked)).filing
    except Refusal as refusal:
        now = await draft.filing_of(visit)
        there = {one.code: one.sha256 for one in now.materials}
        if refusal.code != REUSED or there.get(code) != receipt.sha256:
            raise
        return now
    return saved


def key_for(request_id: str, code: MaterialCode) -> str:
    """A key of its own for each file of a form."""
    return str(uuid5(UUID(request_id), code.name))


def told(item: listed.Item, error: Refusal | HttpError) -> Violation:
    """What is wrong with a file, at its field."""
    detail = error.problem.detail if isinstance(error, HttpError) else error.detail
    return Violation(listed.name_of(item.code), "upload", f"{_(item.label)}：{detail}")


async def missing(visit: Visit, filing: Filing) -> list[Violation]:
    """Files that were not chosen and are not there."""
    return [
        Violation(
            listed.name_of(one.code), "required", _("请上传%(label)s。") % {"label": _(one.label)}
        )
        for one in await listed.items(visit, filing)
        if one.wanted
    ]


async def shown(visit: Visit, filing: Filing) -> Response:
    """The page."""
    correcting = filing.state is FilingState.CORRECTION
    return visit.show(
        "apply/materials.html", filing=filing, items=await listed.items(visit, filing),
        base=draft.path_of(filing), correcting=correcting, accept=listed.ACCEPT,
        labels=[_(label) for _name, label in draft.STEPS],
    )  # fmt: skip
