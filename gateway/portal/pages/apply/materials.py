"""`/apply/filing/{filing_id}/materials`: files are looked into first, kept after; each is told by itself."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.apply import draft, listed, uploading
from kit.errors import Refusal, Violation, invalid
from proto.gen.minzheng.filing.v1.filing_pb import (
    AttachMaterialRequest,
    Filing,
    FilingState,
)


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
                filing = await uploading.attach(visit, filing, item.code, sent)
            except Refusal as error:
                wrong.append(uploading.told(item, error))
    if not wrong and sent["then"] != "back":
        wrong = await missing(visit, filing)
    if wrong:
        refusal = invalid("portal.form", _("有材料没有上传成功。"), *wrong)
        return await shown(visit.refused(refusal), filing)
    onward = "check" if filing.state is FilingState.DRAFT and sent["then"] != "back" else ""
    return visit.go(draft.path_of(filing, onward), said=_("材料已保存。"))


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
