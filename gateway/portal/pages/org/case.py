"""`/org/cases/{filing_id}`: a case as its applicant sees it: state, time, what happened, what to do."""

import asyncio
from collections.abc import Sequence

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.apply import draft
from gateway.portal.parts import part
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import (
    Filing,
    FilingState,
    GetHistoryRequest,
    GetMaterialRequest,
    HistoryEntry,
    ListOwnFilingsRequest,
    TimeState,
    WithdrawFilingRequest,
)
from proto.gen.minzheng.filing.v1.guide_pb import GetTrackingCodeRequest
from proto.gen.minzheng.filing.v1.letters_pb import ListLettersRequest

WITHDRAWABLE = (
    FilingState.DRAFT, FilingState.SUBMITTED, FilingState.VILLAGE_REVIEW,
    FilingState.COMPLETENESS, FilingState.CORRECTION, FilingState.NOTICE_PERIOD,
)  # fmt: skip
CHIPS = {TimeState.NEAR: "soon", TimeState.OVERDUE: "late", TimeState.STOPPED: "paused"}
STEPS = 100
SILENT = ("edit_draft", "upload_material")
"""Savings, of which many follow one another."""


@page("/org/cases/{filing_id}", asks=ListOwnFilingsRequest)
async def case(visit: Visit) -> Response:
    """The case with its history, its letters and the code that tells its progress."""
    filing = await draft.filing_of(visit)
    state, key = FilingState(filing.state).name, filing.filing_id
    entries, letters, code = await asyncio.gather(
        history(visit, filing),
        part(visit, ListLettersRequest(filing_id=key), state),
        part(visit, GetTrackingCodeRequest(filing_id=key), state),
    )
    return visit.show(
        "org/case.html", filing=filing, entries=entries,
        may_withdraw=visit.role is Role.RESIDENT and filing.state in WITHDRAWABLE,
        may_open=visit.may(GetMaterialRequest, state), may_read_letters=letters is not None,
        letters_of=getattr(letters, "letters", None),
        code=getattr(code, "code", ""), chip=CHIPS.get(filing.time_state, ""), base=draft.path_of(filing),
    )  # fmt: skip


async def history(visit: Visit, filing: Filing) -> Sequence[HistoryEntry]:
    """Steps, newest first; of savings in a row only the last one. They are the applicant's alone."""
    if visit.role is not Role.RESIDENT:
        return ()
    asked = GetHistoryRequest(filing_id=filing.filing_id, page=PageRequest(size=STEPS))
    every: Sequence[HistoryEntry] = (await visit.ask(asked)).entries
    kinds = [one.action for one in every]
    last = [a != b or a not in SILENT for a, b in zip(kinds, [*kinds[1:], ""], strict=True)]
    return [one for one, kept in zip(every, last, strict=True) if kept][::-1]


@page("/org/cases/{filing_id}/withdraw", asks=WithdrawFilingRequest)
async def withdrawing(visit: Visit) -> Response:
    """What a withdrawal does, before it is done."""
    return visit.show("org/withdraw.html", filing=await draft.filing_of(visit))


@action("/org/cases/{filing_id}/withdraw", asks=WithdrawFilingRequest)
async def withdraw(visit: Visit) -> Response:
    """Take the application back."""
    sent = await visit.form()
    asked = WithdrawFilingRequest(
        filing_id=visit.path["filing_id"], request_id=sent["request_id"],
        version=draft.number(sent["version"]), reason=sent["reason"],
    )  # fmt: skip
    try:
        await visit.ask(asked)
    except Refusal as refusal:
        return await withdrawing(visit.refused(refusal))
    return visit.go(f"/org/cases/{asked.filing_id}", said=_("申请已撤回。"))
