"""The RPCs of dispatches: people look at what left to them, the gateway takes out and reports."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext
from protobuf.wkt import Timestamp

from kit.call import current
from kit.masks import mask_mail, mask_phone
from kit.paging import decode, encode
from kit.unit import ATTEMPTS, Stale
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.notifications.v1 import dispatches_pb as pb
from proto.gen.minzheng.notifications.v1.dispatches_pb_grpc import DispatchesServiceService
from services.notifications.domain.contact import Contact
from services.notifications.domain.outward import letter, settled
from services.notifications.store import for_account
from services.notifications.store.contacts import Contacts
from services.notifications.store.dispatches import Dispatches

SIZE = 20
MASKS = {"SMS": mask_phone, "MAIL": mask_mail}


@dataclass(frozen=True, slots=True)
class DispatchesRpc(DispatchesServiceService):
    """The servicer."""

    dispatches: Dispatches
    contacts: Contacts

    async def list_dispatches(
        self, request: pb.ListDispatchesRequest, context: ServicerContext
    ) -> pb.ListDispatchesResponse:
        """The caller's own with text and mask; the administrator's of all, with neither."""
        who, page = current().who, request.page or PageRequest()
        size = page.size or SIZE
        after = decode(page.token, UUID)[0] if page.token else None
        owner = None if who.role is Role.SYS_ADMIN else who.subject
        rows = await self.dispatches.newest(owner, size + 1, after)
        token = encode(str(rows[size - 1]["dispatch_id"])) if len(rows) > size else ""
        if owner is None:
            shown = [shown_of(row) for row in rows[:size]]
        else:
            contact, _ = await self.contacts.load(who)
            shown = [await self._owned(row, contact) for row in rows[:size]]
        return pb.ListDispatchesResponse(dispatches=shown, page=PageResponse(next_token=token))

    async def _owned(self, row: Any, contact: Contact) -> pb.Dispatch:
        subject, body = letter(await self.dispatches.texts(row["dispatch_id"], row["account"]))
        found = shown_of(row)
        found.address = MASKS[row["channel"]](contact.address(row["channel"]))
        found.subject, found.body = subject, body
        return found

    async def open_dispatch(
        self, request: pb.OpenDispatchRequest, context: ServicerContext
    ) -> pb.OpenDispatchResponse:
        """Text and address for who sends it now; nothing of what is not to be sent."""
        row = await self.dispatches.find(UUID(request.dispatch_id))
        if row["state"] != "RELEASED":
            return pb.OpenDispatchResponse(state=pb.DispatchState[row["state"]])
        texts = await self.dispatches.texts(row["dispatch_id"], row["account"])
        contact, _ = await self.contacts.load(for_account(row["account"]))
        await self.dispatches.opened(row)
        subject, body = letter(texts)
        return pb.OpenDispatchResponse(
            state=pb.DispatchState.RELEASED,
            address=contact.address(row["channel"]),
            subject=subject,
            body=body,
            messages=len(texts),
        )

    async def report_dispatch(
        self, request: pb.ReportDispatchRequest, context: ServicerContext
    ) -> pb.ReportDispatchResponse:
        """Settle; the report itself is its own key, for repeating it changes nothing."""
        for _ in range(ATTEMPTS):
            row = await self.dispatches.find(UUID(request.dispatch_id))
            state = settled(row["state"], request.state.name)
            if state == row["state"]:
                break
            try:
                await self.dispatches.settle(row, state, request.reason)
                break
            except Stale:
                continue
        return pb.ReportDispatchResponse(state=pb.DispatchState[state])


def shown_of(row: Any) -> pb.Dispatch:
    """A dispatch without what it says and where it goes."""
    at = row["settled_at"]
    return pb.Dispatch(
        dispatch_id=str(row["dispatch_id"]),
        channel=pb.Channel[row["channel"]],
        state=pb.DispatchState[row["state"]],
        templates=row["templates"],
        due_at=Timestamp.from_datetime(row["due_at"]),
        attempts=row["attempts"],
        reason=row["reason"],
        settled_at=Timestamp.from_datetime(at) if at else None,
    )
