"""What the pages of a desk share: where a form came from, time left in words."""

from gateway.portal import Visit, _
from gateway.portal.language import ngettext
from proto.gen.minzheng.filing.v1.filing_pb import Filing, FilingState, FilingSummary, TimeState

INBOX, CASES = "/gov/inbox", "/gov/cases"
DAY = 24
Chip = tuple[str, str, str]
"""Words, look, last day of the limit."""


def chip(one: Filing | FilingSummary) -> Chip:
    """Time left of a case, as the service has counted it; empty words for none."""
    due, hours = one.due_on, one.hours_left
    if not due:
        return "", "", ""
    if one.time_state == TimeState.STOPPED and one.state != FilingState.CORRECTION:
        return _("暂停计时"), "paused", due
    if hours <= 0:
        return late(max(1, -hours)), "late", due
    near = hours <= DAY or one.time_state == TimeState.NEAR
    if hours <= DAY:
        words = ngettext("剩 %(num)d 小时", "剩 %(num)d 小时", hours)
    else:
        hours //= DAY
        words = ngettext("剩 %(num)d 天", "剩 %(num)d 天", hours)
    return words % {"num": hours}, "soon" if near else "", due


def late(hours: int) -> str:
    """How long a limit has been over."""
    if hours < DAY:
        return ngettext("超期 %(num)d 小时", "超期 %(num)d 小时", hours) % {"num": hours}
    days = hours // DAY
    return ngettext("超期 %(num)d 天", "超期 %(num)d 天", days) % {"num": days}


def back_of(visit: Visit) -> str:
    """The list or the case a person came from; the case itself for any other address."""
    told = visit.typed.get("back", "") or visit.query.get("back", "")
    return told if told.startswith((f"{INBOX}?", f"{CASES}?")) or told == INBOX else ""
