"""The RPCs of announcements."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from grpc.aio import ServicerContext
from protobuf import Message

from kit.access import Subject, list_filter, require
from kit.acting import Actor, expect_version
from kit.calendar import Moment
from kit.call import current
from kit.paging import decode, encode
from kit.places import region
from kit.regions import Node, hainan
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.supervision.v1 import announcements_pb as pb
from proto.gen.minzheng.supervision.v1.announcements_pb_grpc import AnnouncementsServiceService
from services.supervision.domain import announcement as domain
from services.supervision.domain.announcement import Announcement, State, Text
from services.supervision.rpc.pages import SIZE, opened
from services.supervision.store.announcements import Announcements

Answer = TypeVar("Answer", bound=Message)
Rule = Callable[[Announcement, Actor, date], Announcement]


@dataclass(frozen=True, slots=True)
class AnnouncementsRpc(AnnouncementsServiceService):
    """The servicer."""

    announcements: Announcements
    unit: Unit

    async def draft_announcement(
        self, request: pb.DraftAnnouncementRequest, context: ServicerContext
    ) -> pb.DraftAnnouncementResponse:
        """A draft of the office of the caller's post."""

        async def attempt() -> pb.DraftAnnouncementResponse:
            who, at = current().who, await self.announcements.moment()
            after = domain.draft(request.announcement_id, office(), said(request.text), who.actor)
            answer = pb.DraftAnnouncementResponse(announcement=shown(after))
            await self.announcements.save(None, after, at, request, answer)
            return answer

        return await self.unit.once(request, pb.DraftAnnouncementResponse, attempt)

    async def edit_announcement(
        self, request: pb.EditAnnouncementRequest, context: ServicerContext
    ) -> pb.EditAnnouncementResponse:
        """The whole text replaced."""
        text = said(request.text)
        return await self._change(
            request,
            pb.EditAnnouncementResponse,
            lambda found, actor, _: domain.edit(found, office(), text, actor),
        )

    async def discard_announcement(
        self, request: pb.DiscardAnnouncementRequest, context: ServicerContext
    ) -> pb.DiscardAnnouncementResponse:
        """A draft of the caller's office gone."""

        async def attempt() -> pb.DiscardAnnouncementResponse:
            found, at = await self._found(request)
            domain.discard(found)
            answer = pb.DiscardAnnouncementResponse(announcement=shown(found))
            await self.announcements.discard(found, at, request, answer)
            return answer

        return await self.unit.once(request, pb.DiscardAnnouncementResponse, attempt)

    async def publish_announcement(
        self, request: pb.PublishAnnouncementRequest, context: ServicerContext
    ) -> pb.PublishAnnouncementResponse:
        """The second person's part."""
        return await self._change(request, pb.PublishAnnouncementResponse, domain.publish)

    async def withdraw_announcement(
        self, request: pb.WithdrawAnnouncementRequest, context: ServicerContext
    ) -> pb.WithdrawAnnouncementResponse:
        """Taken from the public."""
        return await self._change(
            request,
            pb.WithdrawAnnouncementResponse,
            lambda found, _, today: domain.withdraw(found, request.reason, today),
        )

    async def list_draft_announcements(
        self, request: pb.ListDraftAnnouncementsRequest, context: ServicerContext
    ) -> pb.ListDraftAnnouncementsResponse:
        """What waits for its publication."""
        call, (size, after) = current(), opened(request.page)
        found = await self.announcements.drafts(list_filter(call.access, call.who), size + 1, after)
        token = encode(found[size - 1].announcement_id) if len(found) > size else ""
        return pb.ListDraftAnnouncementsResponse(
            announcements=[shown(one, body=False) for one in found[:size]],
            page=PageResponse(next_token=token),
        )

    async def list_announcements(
        self, request: pb.ListAnnouncementsRequest, context: ServicerContext
    ) -> pb.ListAnnouncementsResponse:
        """What everybody may read."""
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        after = decode(asked.token, date.fromisoformat, UUID) if asked.token else (None, None)
        kind = pb.AnnouncementKind(request.kind)
        found = await self.announcements.public(
            request.region, kind.name if kind else "", size + 1, (after[0], after[1])
        )
        last = found[size - 1] if len(found) > size else None
        token = encode(str(last.published_on), last.announcement_id) if last else ""
        return pb.ListAnnouncementsResponse(
            announcements=[shown(one, body=False) for one in found[:size]],
            page=PageResponse(next_token=token),
        )

    async def get_announcement(
        self, request: pb.GetAnnouncementRequest, context: ServicerContext
    ) -> pb.GetAnnouncementResponse:
        """An announcement; of a withdrawn one only the office sees what it said."""
        found, _ = await self.announcements.load(request.announcement_id)
        require(current().access, current().who, subject_of(found))
        own = current().who.region_code == found.issuer_code
        body = own or found.state is not State.WITHDRAWN
        return pb.GetAnnouncementResponse(announcement=shown(found, body=body))

    async def _change(self, request: Any, answer: type[Answer], rule: Rule) -> Answer:
        """Load, apply the rule, save, reply; once a request."""

        async def attempt() -> Answer:
            found, at = await self._found(request)
            after = rule(found, current().who.actor, at.today)
            reply = answer(announcement=shown(after))
            await self.announcements.save(found.state, after, at, request, reply)
            return reply

        return await self.unit.once(request, answer, attempt)

    async def _found(self, request: Any) -> tuple[Announcement, Moment]:
        """The announcement a request changes, in the caller's reach and in the version it names."""
        call = current()
        found, at = await self.announcements.load(request.announcement_id)
        require(call.access, call.who, subject_of(found))
        expect_version(found.version, request.version)
        return found, at


def office() -> Node:
    """The office of the caller's post."""
    return hainan().get(current().who.region_code)


def subject_of(found: Announcement) -> Subject:
    """The announcement as the policy table sees it."""
    return Subject("", found.issuer_code, found.issuer_path, "", found.state.name)


def said(text: pb.AnnouncementText | None) -> Text:
    """What a request says; the contract asks for it."""
    given = text or pb.AnnouncementText()
    return Text(pb.AnnouncementKind(given.kind).name, given.title, given.body)


def shown(found: Announcement, *, body: bool = True) -> pb.Announcement:
    """An announcement for its reader."""
    return pb.Announcement(
        announcement_id=found.announcement_id,
        version=found.version,
        state=pb.AnnouncementState[found.state.name],
        text=pb.AnnouncementText(
            kind=pb.AnnouncementKind[found.text.kind],
            title=found.text.title,
            body=found.text.body if body else "",
        ),
        issuer=region(found.issuer_code),
        published_on=str(found.published_on or ""),
        withdrawn_on=str(found.withdrawn_on or ""),
        reason=found.reason,
        own_text=found.state is State.DRAFT and bool(current().who.actor.chair & found.chair),
    )
