"""`/apply/filing/{filing_id}/{step}`: a step of the form, saved as it stands, checked before going on."""

from collections.abc import Mapping
from typing import Any

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.filled import filled, typed_before
from gateway.portal.forms import (
    Faults,
    Texts,
    add_refusal,
    add_violation,
    begun,
    changed,
    read,
    texts_of,
)
from gateway.portal.pages.apply import draft, progress, stale
from gateway.portal.pages.apply.named import remark
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import Filing, UpdateDraftRequest

NEXT, BACK = "next", "back"


@page("/apply/filing/{filing_id}/{step}", asks=UpdateDraftRequest)
async def step(visit: Visit) -> Response:
    """The step as it was saved."""
    filing = await draft.filing_of(visit)
    form = draft.form_of(visit.path["step"], filing)
    if not draft.open_for(filing, visit.path["step"]):
        return visit.go(draft.path_of(filing))
    saved = begun(form, texts_of(form, UpdateDraftRequest(form=filing.form)))
    return shown(visit, filing, saved | progress.proposed(filing) | typed_before(visit, form))


@action("/apply/filing/{filing_id}/{step}", asks=UpdateDraftRequest)
async def save(visit: Visit) -> Response:
    """Save what was typed; on to the next step where nothing of this one is missing."""
    sent, filing = await visit.form(), await draft.filing_of(visit)
    form = draft.form_of(visit.path["step"], filing)
    rows = changed(form, sent.typed)
    if rows is not None:
        return shown(visit, filing, *rows, version=sent["version"])
    request = UpdateDraftRequest(
        filing_id=filing.filing_id, request_id=sent["request_id"], form=filing.form,
        version=draft.number(sent["version"]),
    )  # fmt: skip
    reading = read(form, sent.typed, request)
    if reading.faults:
        return shown(visit, filing, reading.texts, faults=reading.faults, version=sent["version"])
    try:
        filing = (await visit.ask(reading.message)).filing
    except Refusal as refusal:
        if stale.is_stale(refusal):
            return await stale.shown(visit, form, reading.texts)
        add_refusal(form, reading.faults, refusal)
        return shown(visit, filing, reading.texts, faults=reading.faults, version=sent["version"])
    if sent["then"] == BACK:
        return visit.go(draft.path_of(filing), said=_("已保存。"))
    return await onward(visit, filing, reading.texts)


async def onward(visit: Visit, filing: Filing, texts: Texts) -> Response:
    """The next step, or this one again with what is missing."""
    at, faults = visit.path["step"], Faults()
    form = draft.form_of(at, filing)
    found = progress.violations_of(await draft.checked(visit, filing))
    for violation in progress.of_step(at, filing, found):
        add_violation(form, faults, violation)
    if faults:
        return shown(visit, filing, texts, faults=faults)
    said = await remark(visit, filing) if at == "basic" else ""
    return visit.go(draft.path_of(filing, draft.after(at)), said=said)


def shown(
    visit: Visit, filing: Filing, texts: Texts, focus: str = "", *,
    faults: Faults | None = None, version: str = "", more: Mapping[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The page of a step."""
    at, names = visit.path["step"], [name for name, _label in draft.STEPS]
    form = filled(visit, draft.form_of(at, filing), texts, faults, focus)
    told = {"last": None, "rows": (), **(more or {})}
    return visit.show(
        f"apply/{at}.html", form=form, filing=filing, number=names.index(at) + 1,
        labels=[_(label) for _name, label in draft.STEPS], title=_(dict(draft.STEPS)[at]),
        path=draft.path_of(filing, at), back=draft.path_of(filing),
        version=version or filing.version, **told,
    )  # fmt: skip
