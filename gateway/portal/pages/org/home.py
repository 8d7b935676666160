"""`/org`: what to do next, drafts, cases, messages."""

from gateway.portal import Response, Visit, _, page
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import (
    FilingState,
    FilingSummary,
    ListOwnFilingsRequest,
)
from proto.gen.minzheng.notifications.v1.notifications_pb import ListMessagesRequest

LATEST = 5
OURS = (FilingState.CORRECTION, FilingState.RENEW_DUE, FilingState.DRAFT)
"""States in which it is the applicant's turn, the most pressing first."""
THEIRS = (
    FilingState.SUBMITTED,
    FilingState.VILLAGE_REVIEW,
    FilingState.COMPLETENESS,
    FilingState.NOTICE_PERIOD,
)


@page("/org", asks=ListOwnFilingsRequest, menu=_("工作台"), order=0)
async def home(visit: Visit) -> Response:
    """The applicant's turn first, then what is under way."""
    own = (await visit.ask(ListOwnFilingsRequest(page=PageRequest(size=100)))).filings
    turn = sorted((one for one in own if one.state in OURS), key=lambda one: OURS.index(one.state))
    under_way = [one for one in own if one.state in THEIRS]
    messages, away = await latest(visit)
    return visit.show(
        "org/home.html", turn=turn, under_way=under_way, messages=messages, away=away,
        own=own, next=next_of(turn[0]) if turn else None,
    )  # fmt: skip


async def latest(visit: Visit) -> tuple[object, bool]:
    """The newest messages, or that they cannot be read now."""
    try:
        found = await visit.ask(ListMessagesRequest(page=PageRequest(size=LATEST)))
    except Refusal:
        return (), True
    return found.messages, False


def next_of(one: FilingSummary) -> tuple[str, str]:
    """Words and address of the next step."""
    words = {
        FilingState.CORRECTION: _("补正材料"),
        FilingState.RENEW_DUE: _("申请换发"),
        FilingState.DRAFT: _("继续填写"),
    }
    return words[one.state], turn_path(one)


def turn_path(one: FilingSummary) -> str:
    """Where the applicant goes on with a case."""
    if one.state is FilingState.RENEW_DUE:
        return f"/apply/renewal/{one.filing_id}"
    return f"/apply/filing/{one.filing_id}"
