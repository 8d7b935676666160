"""The RPCs of messages and contacts. Everything is the caller's own: the queries choose by the caller."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from grpc.aio import ServicerContext
from protobuf.wkt import Timestamp

from kit.call import current
from kit.paging import decode, encode
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.notifications.v1 import notifications_pb as pb
from proto.gen.minzheng.notifications.v1.dispatches_pb import Channel
from proto.gen.minzheng.notifications.v1.notifications_pb_grpc import NotificationsServiceService
from services.notifications.domain import contact
from services.notifications.store.contacts import Contacts
from services.notifications.store.messages import Messages

SIZE = 20


@dataclass(frozen=True, slots=True)
class NotificationsRpc(NotificationsServiceService):
    """The servicer."""

    messages: Messages
    contacts: Contacts
    unit: Unit

    async def list_messages(
        self, request: pb.ListMessagesRequest, context: ServicerContext
    ) -> pb.ListMessagesResponse:
        """The caller's inbox; one row more than asked shows whether a page follows."""
        page = request.page or PageRequest()
        size = page.size or SIZE
        after = decode(page.token, UUID)[0] if page.token else None
        rows = await self.messages.newest(
            current().who, size=size + 1, after=after, unread=request.unread
        )
        token = encode(str(rows[size - 1]["message_id"])) if len(rows) > size else ""
        return pb.ListMessagesResponse(
            messages=[notice(row, row["read_at"]) for row in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def mark_message_read(
        self, request: pb.MarkMessageReadRequest, context: ServicerContext
    ) -> pb.MarkMessageReadResponse:
        """Read now; a message that was read before keeps its first time."""

        async def attempt() -> pb.MarkMessageReadResponse:
            row = await self.messages.load(UUID(request.message_id), current().who)
            if row["read_at"] is not None:
                return pb.MarkMessageReadResponse(message=notice(row, row["read_at"]))
            answer = pb.MarkMessageReadResponse(message=notice(row, row["now"]))
            await self.messages.mark(row, row["now"], request, answer)
            return answer

        return await self.unit.once(request, pb.MarkMessageReadResponse, attempt)

    async def get_contact(
        self, request: pb.GetContactRequest, context: ServicerContext
    ) -> pb.GetContactResponse:
        """The caller's own details in clear."""
        kept, _ = await self.contacts.load(current().who)
        return pb.GetContactResponse(contact=shown(kept), version=kept.version)

    async def save_contact(
        self, request: pb.SaveContactRequest, context: ServicerContext
    ) -> pb.SaveContactResponse:
        """Replace the details.

        The kept answer holds the version alone, for it is not encrypted; a repeated request has
        the same body, so its details are those of the request.
        """
        given = request.contact or pb.Contact()

        async def attempt() -> pb.SaveContactResponse:
            kept, now = await self.contacts.load(current().who)
            after = contact.change(kept, request.version, stated(given))
            answer = pb.SaveContactResponse(version=after.version)
            await self.contacts.save(after, now, request, answer)
            return answer

        answer = await self.unit.once(request, pb.SaveContactResponse, attempt)
        return pb.SaveContactResponse(contact=given, version=answer.version)


def stated(given: pb.Contact) -> contact.Contact:
    """Details as their owner states them."""
    return contact.Contact(
        given.name, given.phone, given.email,
        tuple(way.name for way in given.channels), given.only_necessary, given.daily,
    )  # fmt: skip


def shown(kept: contact.Contact) -> pb.Contact:
    """Details as their owner sees them."""
    return pb.Contact(
        name=kept.name,
        phone=kept.phone,
        email=kept.email,
        channels=[Channel[way] for way in kept.channels],
        only_necessary=kept.only_necessary,
        daily=kept.daily,
    )


def notice(row: asyncpg.Record, read_at: datetime | None) -> pb.Notice:
    """A message as its reader sees it."""
    return pb.Notice(
        message_id=str(row["message_id"]),
        subject=row["subject"],
        body=row["body"],
        template=f"{row['template']}/{row['template_version']}",
        about=row["about"],
        sent_at=Timestamp.from_datetime(row["sent_at"]),
        read_at=Timestamp.from_datetime(read_at) if read_at else None,
    )
