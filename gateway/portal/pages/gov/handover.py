"""`/gov/handover`: the whole inbox of a colleague of the same authority comes into one's own hands."""

from collections import Counter

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.language import ngettext
from gateway.portal.pages.gov.desk import INBOX
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import ListInboxRequest, TakeOverInboxRequest

MOST = 100


@page("/gov/handover", asks=TakeOverInboxRequest)
async def handover(visit: Visit) -> Response:
    """Colleagues who have cases in hand, with the number of them among the hundred most pressing."""
    found = await visit.ask(ListInboxRequest(page=PageRequest(size=MOST)))
    own = visit.who.account if visit.who else ""
    hands = Counter(one.handler for one in found.filings if one.handler not in ("", own))
    names = {one.handler: one.name for one in reversed(found.filings)}
    return visit.show(
        "gov/handover.html",
        colleagues=[
            (account, label(account, count, names[account]))
            for account, count in hands.most_common()
        ],
    )


@action("/gov/handover", asks=TakeOverInboxRequest)
async def take_over(visit: Visit) -> Response:
    """All of them, or none."""
    form = await visit.form()
    try:
        taken = await visit.ask(
            TakeOverInboxRequest(request_id=form["request_id"], from_account=form["from_account"])
        )
    except Refusal as refusal:
        return await handover(visit.refused(refusal))
    said = ngettext("已接收 %(num)d 件办件。", "已接收 %(num)d 件办件。", taken.count)
    return visit.go(INBOX, said % {"num": taken.count})


def label(account: str, count: int, name: str) -> str:
    """A colleague, known here by an account and what is in hand."""
    told = {"account": account[:8], "num": count, "name": name}
    return _("账户 %(account)s：%(num)d 件，最急的是 %(name)s") % told
