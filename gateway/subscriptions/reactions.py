"""Facts that change what is public."""

from typing import TYPE_CHECKING

from gateway.subscriptions.domain import event_type, filed
from gateway.subscriptions.store import Feed
from kit.ids import uuid7
from kit.reactions import Event
from kit.settings import settings
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled

if TYPE_CHECKING:
    from kit.database import Connection


class Changes:
    """Writes public changes, each with one event id for every channel."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    async def on_organization_filed(
        self, connection: "Connection", fact: OrganizationFiled, event: Event
    ) -> None:
        """A filed organization becomes public."""
        sequence = await self.feed.next_sequence(connection, fact.organization_id)
        await self.feed.put(
            connection,
            filed(fact, sequence),
            fact.region_path,
            uuid7(),
            event_type(settings().province, "filed"),
            event.traceparent or "",
        )
