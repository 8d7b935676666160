"""`/gov/announcements`: what the office drafts, another of it publishes, and what it has published."""

import asyncio

from gateway.portal import Response, Visit, page
from gateway.portal.query import address
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1 import announcements_pb as pb

PATH = "/gov/announcements"
ROWS = 20


@page(PATH, asks=pb.ListDraftAnnouncementsRequest, menu="公告", order=40)
async def announcements(visit: Visit) -> Response:
    """Drafts that wait, then what is published."""
    token = visit.query.get("token", "")
    own = visit.who.region if visit.who else ""
    drafts, published = await asyncio.gather(
        visit.ask(pb.ListDraftAnnouncementsRequest(page=PageRequest(size=100))),
        visit.ask(
            pb.ListAnnouncementsRequest(region=own, page=PageRequest(size=ROWS, token=token))
        ),
    )
    following = published.page.next_token if published.page else ""
    return visit.show(
        "gov/announcements.html",
        drafts=drafts.announcements,
        published=published.announcements,
        may_draft=visit.may(pb.DraftAnnouncementRequest),
        first=PATH if token else "",
        following=address(PATH, token=following) if following else "",
    )


@page("/gov/announcements/{announcement_id}", asks=pb.ListDraftAnnouncementsRequest)
async def announcement(visit: Visit) -> Response:
    """One announcement with what this person may do with it now."""
    asked = pb.GetAnnouncementRequest(announcement_id=visit.path["announcement_id"])
    one = (await visit.ask(asked)).announcement
    own = visit.who is not None and one.issuer.code == visit.who.region
    state = pb.AnnouncementState(one.state).name
    return visit.show(
        "gov/announcement.html",
        one=one,
        can={
            name
            for name, request in (
                ("edit", pb.EditAnnouncementRequest),
                ("publish", pb.PublishAnnouncementRequest),
                ("withdraw", pb.WithdrawAnnouncementRequest),
            )
            if own and visit.may(request, state) and not (name == "publish" and one.own_text)
        },
    )
