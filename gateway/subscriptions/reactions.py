"""Facts that change what is public."""

from typing import TYPE_CHECKING

from gateway.subscriptions.domain.changes import event_type, expired, filed, renewed
from gateway.subscriptions.store.feed import Feed
from kit.ids import uuid7
from kit.reactions import Event
from kit.settings import settings
from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed, OrganizationFiled
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState

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
        await self._put(connection, filed(fact, sequence), fact.region_path, "filed", event)

    async def on_filing_renewed(
        self, connection: "Connection", fact: FilingRenewed, event: Event
    ) -> None:
        """A renewed filing is valid on."""
        before = await self.feed.state(connection, fact.organization_id)
        await self._put(connection, renewed(before, fact), fact.region_path, "changed", event)

    async def on_filing_expired(
        self, connection: "Connection", fact: FilingExpired, event: Event
    ) -> None:
        """An expired filing holds no longer."""
        before = await self.feed.state(connection, fact.organization_id)
        await self._put(connection, expired(before, fact), fact.region_path, "changed", event)

    async def _put(
        self,
        connection: "Connection",
        state: OrganizationState,
        region_path: str,
        verb: str,
        event: Event,
    ) -> None:
        kind = event_type(settings().province, verb)
        trace = event.traceparent or ""
        await self.feed.put(connection, state, region_path, uuid7(), kind, trace)
