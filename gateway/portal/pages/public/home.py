"""`/`: what a person comes for, and the latest announcements."""

from gateway.portal import Response, Visit, page
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1.announcements_pb import ListAnnouncementsRequest

LATEST = 5


@page("/", menu="首页", order=0)
async def home(visit: Visit) -> Response:
    """The home page; announcements that cannot be read now say so."""
    try:
        request = ListAnnouncementsRequest(page=PageRequest(size=LATEST))
        latest, away = (await visit.ask(request)).announcements, False
    except Refusal:
        latest, away = (), True
    return visit.show("public/home.html", latest=latest, away=away)
