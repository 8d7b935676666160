"""`/track`: how a case stands, by application number and tracking code; neither stands in an address."""

from gateway.portal import Response, Visit, action, page
from kit.errors import Kind, Refusal
from proto.gen.minzheng.filing.v1.guide_pb import TrackFilingRequest

LABELS = {"applicationNo": "收件编号", "code": "查询码"}


@page("/track", menu="办件查询", order=40)
async def track(visit: Visit) -> Response:
    """The form."""
    return visit.show("public/track.html", found=None)


@action("/track")
async def look(visit: Visit) -> Response:
    """The case, or the form again."""
    form, found = await visit.form(), None
    asked = TrackFilingRequest(application_no=form["applicationNo"], code=form["code"])
    try:
        found = await visit.ask(asked)
    except Refusal as refusal:
        visit.refused(unknown() if refusal.kind is Kind.NOT_FOUND else refusal, LABELS)
    return visit.show("public/track.html", found=found)


def unknown() -> Refusal:
    """422: number and code do not belong together."""
    return Refusal(Kind.INVALID, "portal.no_such_case", "收件编号或查询码不正确，请核对后重试。")
