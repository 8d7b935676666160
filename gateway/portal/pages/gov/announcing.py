"""Acts on announcements: draft and edit by one person, publish by another, withdraw with a reason."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.form import Form
from gateway.portal.pages.gov.announcements import PATH, announcement
from gateway.portal.query import choices, chosen
from kit.errors import Refusal
from proto.gen.minzheng.supervision.v1 import announcements_pb as pb

LABELS = {"text.kind": "种类", "text.title": "标题", "text.body": "正文"}


@page("/gov/announcements/new", asks=pb.DraftAnnouncementRequest)
async def new(visit: Visit) -> Response:
    """An empty form; its id is made with it, so that it is drafted once."""
    return visit.show("gov/announcement_new.html", kinds=choices(pb.AnnouncementKind))


@action("/gov/announcements/new", asks=pb.DraftAnnouncementRequest)
async def draft(visit: Visit) -> Response:
    """The draft waits for another person."""
    form = await visit.form()
    asked = pb.DraftAnnouncementRequest(announcement_id=form["announcement_id"], text=text_of(form))
    try:
        await visit.ask(asked)
    except Refusal as refusal:
        return await new(visit.refused(refusal, LABELS))
    return visit.go(f"{PATH}/{form['announcement_id']}", _("草稿已保存，等待另一人审核发布。"))


def text_of(form: Form) -> pb.AnnouncementText:
    """What the form says."""
    kind = chosen(pb.AnnouncementKind, form["text.kind"])
    return pb.AnnouncementText(kind=kind, title=form["text.title"], body=form["text.body"])


@action("/gov/announcements/{announcement_id}", asks=pb.ListDraftAnnouncementsRequest)
async def act(visit: Visit) -> Response:
    """What the button says: save the text, publish, withdraw."""
    form = await visit.form()
    about = {"announcement_id": visit.path["announcement_id"], "request_id": form["request_id"]}
    version = int(form["version"] or 0)
    try:
        if form["do"] == "publish":
            await visit.ask(pb.PublishAnnouncementRequest(version=version, **about))
            said = _("公告已发布。")
        elif form["do"] == "withdraw":
            await visit.ask(
                pb.WithdrawAnnouncementRequest(version=version, reason=form["reason"], **about)
            )
            said = _("公告已撤下。")
        else:
            text = text_of(form)
            await visit.ask(pb.EditAnnouncementRequest(version=version, text=text, **about))
            said = _("草稿已保存，等待另一人审核发布。")
    except Refusal as refusal:
        return await announcement(visit.refused(refusal, LABELS))
    return visit.go(f"{PATH}/{visit.path['announcement_id']}", said)
