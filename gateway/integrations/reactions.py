"""What is released to go outward is put on its way."""

from typing import TYPE_CHECKING
from uuid import UUID

from gateway.integrations.store import Queue
from kit.reactions import Event
from proto.gen.minzheng.notifications.v1.facts_pb import DispatchReleased

if TYPE_CHECKING:
    from kit.database import Connection


class Releases:
    """Fills the queue."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    async def on_dispatch_released(
        self, connection: "Connection", fact: DispatchReleased, event: Event
    ) -> None:
        """The dispatch is to be sent."""
        await self.queue.put(connection, UUID(fact.dispatch_id), fact.channel.name, fact.urgent)
