"""Parts of an inbox, with their counts."""

from collections.abc import Mapping

from gateway.portal import Visit, _
from gateway.portal.pages.gov.desk import INBOX
from gateway.portal.query import address
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.filing_pb import InboxCounts, InboxTab

DONE = "done"
TABS: Mapping[str, InboxTab] = {
    "": InboxTab.UNSPECIFIED,
    "late": InboxTab.OVERDUE,
    "day": InboxTab.WITHIN_DAY,
    "correction": InboxTab.CORRECTION,
}


def tabs(visit: Visit, here: str, counts: InboxCounts) -> list[tuple[str, str, int, bool]]:
    """Labels, addresses, counts; the village asks nobody for corrections."""
    found = [
        ("", _("全部"), counts.waiting),
        ("late", _("已超期"), counts.overdue),
        ("day", _("24 小时内"), counts.within_day),
        ("correction", _("待补正"), counts.correction),
        (DONE, _("我已办"), counts.done),
    ]
    village = visit.role == Role.VILLAGE
    return [
        (label, address(INBOX, tab=tab), count, tab == here)
        for tab, label, count in found
        if not (village and tab == "correction")
    ]
