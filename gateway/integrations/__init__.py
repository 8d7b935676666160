"""Messages to the outside: SMS and mail, each by a worker of its own, started by a fact."""

import asyncio
from collections.abc import Sequence

from gateway.channels import Channels
from gateway.integrations.desk import NotificationsDesk
from gateway.integrations.far_ends import sms_gateway, transports
from gateway.integrations.reactions import Releases
from gateway.integrations.sms.receipts import Receipts
from gateway.integrations.store import Queue
from gateway.integrations.worker import Sender
from kit.calendar import QuietHours
from kit.database import Database
from kit.identity import Minter
from kit.operations.gauges import Measure
from kit.reactions import Reaction
from kit.server import Runtime, Worker
from kit.settings import settings
from kit.timers import Timer, keep
from proto.gen.minzheng.notifications.v1.facts_pb import DispatchReleased

ROOM = 16
"""Letters handed over side by side by one process and way."""
RECEIPTS_SECONDS = 5.0


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """What is released goes on its way."""
    return (Reaction(DispatchReleased, Releases(Queue(runtime.database)).on_dispatch_released),)


def workers(runtime: Runtime) -> Sequence[Worker]:
    """The one worker that runs all of it. Reads the secret file internal_key.pem."""
    return (Outward(runtime.database).run,)


def gauges(runtime: Runtime) -> Sequence[Measure]:
    """How far ends fare."""
    return (Queue(runtime.database).measure,)


class Outward:
    """A sender for every way, and what the SMS gateway says later; side by side, none waits for another."""

    def __init__(self, database: Database) -> None:
        config, self.database, self.channels = settings(), database, Channels()
        self.transports, self.provider = transports(config), sms_gateway(config)
        self.hours = QuietHours.of(config.quiet_hours)
        self.queue = Queue(database)
        minter = Minter.from_pem(config.secret("internal_key.pem"))
        self.desk = NotificationsDesk(self.channels, minter)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then everything is closed."""
        try:
            await asyncio.gather(*(sender.run(stop) for sender in self.senders()), self.fetch(stop))
        finally:
            for transport in self.transports.values():
                await transport.close()
            await self.channels.close()
            if self.provider is not None:
                await self.provider.close()

    def senders(self) -> Sequence[Sender]:
        """One a way, with room of its own."""
        return [
            Sender(channel, self.queue, self.desk, transport, self.hours, self.queue.now, room=ROOM)
            for channel, transport in self.transports.items()
        ]

    async def fetch(self, stop: asyncio.Event) -> None:
        """Fetch receipts, where there is whom to ask."""
        if self.provider is not None:
            receipts = Receipts(self.queue, self.desk, self.provider)
            timer = Timer("gateway.receipts", receipts.run, RECEIPTS_SECONDS)
            await keep(timer, self.database, stop)
