"""Notifications and the gateway's queue on their databases, with workers whose clock is the test's."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from gateway.integrations.letter import Transport
from gateway.integrations.reactions import Releases
from gateway.integrations.store import Queue
from gateway.integrations.worker import Sender
from kit.calendar import QuietHours
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.errors import Refusal
from kit.identity import Caller, system
from kit.interceptor import parse
from kit.outbox import Doorbell
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.notifications.v1 import dispatches_pb as pb
from proto.gen.minzheng.notifications.v1 import notifications_pb
from proto.gen.minzheng.notifications.v1.facts_pb import DispatchReleased
from services.notifications.rpc.dispatches import DispatchesRpc
from services.notifications.rpc.messages import NotificationsRpc
from services.notifications.store.contacts import Contacts
from services.notifications.store.dispatches import Dispatches
from services.notifications.store.messages import Messages
from services.notifications.timers import DueDispatches
from tests.notifications.builders import APPLICANT
from tests.notifications.builders import event as heading
from tests.notifications.conftest import KEYRING
from tests.notifications.events import happen

DISPATCHES = "/minzheng.notifications.v1.DispatchesService"
RESIDENT = Caller(APPLICANT, Role.RESIDENT)
OPERATOR = Caller("operator", Role.SYS_ADMIN, "post", "460000000000", "/460000000000/")
PHONE, MAIL = "12000001234", "fu@home.example"
OUTBOX = "SELECT payload FROM kit.outbox WHERE type LIKE '%DispatchReleased' ORDER BY id"


@dataclass
class ServicerDesk:
    """The desk without a wire between: the servicer called as the door calls it."""

    rpc: DispatchesRpc
    away: bool = False
    opened: int = 0
    reports: list[tuple[str, str]] = field(default_factory=list)

    def _act(self, name: str) -> None:
        if self.away:
            raise ConnectionError("notifications is away")
        path = f"{DISPATCHES}/{name}"
        enter(Call(system("gateway"), path, rpc_by_path()[path].access))

    async def open(self, dispatch_id: str) -> pb.OpenDispatchResponse:
        """Take out."""
        self._act("OpenDispatch")
        self.opened += 1
        return await self.rpc.open_dispatch(pb.OpenDispatchRequest(dispatch_id=dispatch_id), None)

    async def report(self, dispatch_id: str, state: pb.DispatchState, reason: str) -> bool:
        """Report."""
        self._act("ReportDispatch")
        told = pb.ReportDispatchRequest(dispatch_id=dispatch_id, state=state, reason=reason)
        try:
            parse(rpc_by_path()[f"{DISPATCHES}/ReportDispatch"], told.to_binary())
            await self.rpc.report_dispatch(told, None)
        except Refusal:
            return False
        self.reports.append((state.name, reason))
        return True


@dataclass
class Office:
    """All of it."""

    notifications: Database
    gateway: Database
    transports: Mapping[str, Transport]
    hours: QuietHours = field(default_factory=QuietHours)
    ahead: timedelta = timedelta()
    senders: dict[str, Sender] = field(init=False)

    def __post_init__(self) -> None:
        unit = Unit(self.notifications, Doorbell(), KEYRING)
        self.contacts = Contacts(self.notifications, unit, KEYRING)
        self.dispatches = Dispatches(self.notifications, unit)
        self.inbox = NotificationsRpc(Messages(self.notifications, unit), self.contacts, unit)
        self.desk = ServicerDesk(DispatchesRpc(self.dispatches, self.contacts))
        self.queue = Queue(self.gateway)
        self.senders = {channel: self.another(channel) for channel in self.transports}
        self.taken = 0

    def another(self, channel: str) -> Sender:
        """A worker as a second gateway has one."""
        return Sender(
            channel, self.queue, self.desk, self.transports[channel], self.hours, self.now, room=8
        )

    async def now(self) -> datetime:
        """The time of the schedule."""
        return await self.queue.now() + self.ahead

    async def contact(self, **given: Any) -> None:
        """The applicant gives details and wishes."""
        path = "/minzheng.notifications.v1.NotificationsService/SaveContact"
        enter(Call(RESIDENT, path, rpc_by_path()[path].access))
        asked = notifications_pb.SaveContactRequest(
            request_id=str(uuid4()), contact=notifications_pb.Contact(**given)
        )
        await self.inbox.save_contact(asked, None)

    async def happen(self, name: str) -> None:
        """A fact comes in; what is due of it is released and put on its way."""
        await happen(self.notifications, name)
        await self.release()

    async def release(self) -> int:
        """What is due is stated, and taken in by the gateway."""
        released = await DueDispatches(self.dispatches).run()
        rows = (await self.notifications.pool.fetch(OUTBOX))[self.taken :]
        self.taken += len(rows)
        releases = Releases(self.queue)
        async with self.gateway.transaction() as connection:
            for row in rows:
                fact = DispatchReleased.from_binary(bytes(row["payload"]))
                await releases.on_dispatch_released(connection, fact, heading(uuid4()))
        return released

    async def settle(self, *channels: str) -> None:
        """Hand over what is due, until nothing is due and nothing is under way."""
        for channel in channels or tuple(self.senders):
            sender = self.senders[channel]
            while await sender.round() or sender.running:
                if sender.running:
                    await asyncio.wait(sender.running)

    async def shown(self, who: Caller = RESIDENT) -> list[pb.Dispatch]:
        """Dispatches as somebody sees them, newest first."""
        path = f"{DISPATCHES}/ListDispatches"
        enter(Call(who, path, rpc_by_path()[path].access))
        answer = await self.desk.rpc.list_dispatches(pb.ListDispatchesRequest(), None)
        return list(answer.dispatches)

    async def states(self) -> dict[str, list[str]]:
        """States by way, oldest first."""
        found: dict[str, list[str]] = {}
        for one in reversed(await self.shown()):
            found.setdefault(one.channel.name, []).append(one.state.name)
        return found

    async def left(self) -> int:
        """Sendings that have not ended."""
        return int(await self.gateway.pool.fetchval("SELECT count(*) FROM sending"))

    async def die(self) -> None:
        """Claims run out, as those of a process that died a while ago."""
        await self.gateway.pool.execute(
            "UPDATE sending SET claimed_until = clock_timestamp() - interval '1 second'"
            " WHERE claim IS NOT NULL"
        )
