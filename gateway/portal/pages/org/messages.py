"""`/org/messages`: messages to the account and to the post; each leads to what it speaks of."""

from gateway.portal import Response, Visit, _, action, page
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.notifications.v1.notifications_pb import (
    ListMessagesRequest,
    MarkMessageReadRequest,
)

APPLICANTS = (Role.RESIDENT, Role.ORG_OWNER, Role.ORG_STAFF, Role.HUB_OP)
CASE = "filings/"


@page("/org/messages", asks=ListMessagesRequest, menu=_("消息"), order=80)
async def messages(visit: Visit) -> Response:
    """Newest first; only unread ones where asked."""
    unread = visit.query.get("unread") == "yes"
    token = visit.query.get("after", "")
    asked = ListMessagesRequest(page=PageRequest(token=token), unread=unread)
    found = await visit.ask(asked)
    base = "/org/messages?unread=yes" if unread else "/org/messages"
    sign = "&" if unread else "?"
    following = f"{base}{sign}after={found.page.next_token}" if found.page.next_token else ""
    return visit.show(
        "org/messages.html", messages=[(one, about(visit, one.about)) for one in found.messages],
        unread=unread, first=base if token else "", following=following,
    )  # fmt: skip


@action("/org/messages/{message_id}/read", asks=MarkMessageReadRequest)
async def read(visit: Visit) -> Response:
    """Mark as read, and on to what it speaks of."""
    sent = await visit.form()
    asked = MarkMessageReadRequest(
        message_id=visit.path["message_id"], request_id=sent["request_id"]
    )
    message = (await visit.ask(asked)).message
    return visit.go(about(visit, message.about) if sent["open"] else "/org/messages")


def about(visit: Visit, thing: str) -> str:
    """Address of the page a message speaks of; empty where there is none."""
    if not thing.startswith(CASE):
        return ""
    room = "org" if visit.role in APPLICANTS else "gov"
    return f"/{room}/cases/{thing.removeprefix(CASE)}"
