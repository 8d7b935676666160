"""`/gov/keys`: what the keys do; beside the inbox by `?`, and a page of its own."""

from gateway.portal import Response, Visit, _, page
from proto.gen.minzheng.filing.v1.filing_pb import ListInboxRequest


@page("/gov/keys", asks=ListInboxRequest)
async def keys(visit: Visit) -> Response:
    """Every key with what it does."""
    known = (
        ("/", _("到查询框")),
        ("J", _("下一行")),
        ("K", _("上一行")),
        ("Enter", _("打开所在的行")),
        ("Ctrl + Enter", _("办理本页的主要事项")),
        ("?", _("打开这份说明")),
        ("Esc", _("关闭这份说明")),
    )
    return visit.show("gov/keys.html", part="gov/_keys.html", keys=known)
