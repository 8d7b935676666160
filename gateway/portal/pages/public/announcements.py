"""`/announcements`: what offices have announced, newest first, and each announcement."""

from gateway.portal import Response, Visit, page
from gateway.portal.places import counties, options
from gateway.portal.query import choices, chosen, listed
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1.announcements_pb import (
    AnnouncementKind,
    GetAnnouncementRequest,
    ListAnnouncementsRequest,
)

PATH = "/announcements"
ROWS = 20


@page(PATH, menu="公示公告", order=30)
async def announcements(visit: Visit) -> Response:
    """A page of the list."""
    sought = {name: visit.query.get(name, "") for name in ("kind", "region")}
    asked = ListAnnouncementsRequest(
        kind=chosen(AnnouncementKind, sought["kind"]),
        region=sought["region"],
        page=PageRequest(size=ROWS, token=visit.query.get("token", "")),
    )
    found, pager = await listed(visit, PATH, sought, asked)
    return visit.show(
        "public/announcements.html",
        part="public/_announcements.html",
        sought=sought,
        found=found.announcements if found else [],
        kinds=choices(AnnouncementKind),
        counties=options(counties()),
        **pager,
    )


@page("/announcements/{announcement_id}")
async def announcement(visit: Visit) -> Response:
    """One announcement; of a withdrawn one title and reason."""
    asked = GetAnnouncementRequest(announcement_id=visit.path["announcement_id"])
    return visit.show("public/announcement.html", one=(await visit.ask(asked)).announcement)
