"""Facts that change what is public."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from gateway.subscriptions.domain.changes import event_type, expired, filed, renewed
from gateway.subscriptions.store.feed import Feed, PublicChange
from kit.ids import uuid7
from kit.reactions import Event
from kit.settings import settings
from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed, OrganizationFiled
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState

if TYPE_CHECKING:
    from kit.database import Connection

Fact = OrganizationFiled | FilingRenewed | FilingExpired


class Changes:
    """Writes public changes, each with one event id for every channel."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    async def on_fact(self, connection: "Connection", fact: Fact, event: Event) -> None:
        """What became of an organization becomes public."""
        await self.on_facts(connection, [(fact, event)])

    async def on_facts(self, connection: "Connection", told: Sequence[tuple[Fact, Event]]) -> None:
        """The same for several facts, in their order."""
        organizations = (fact.organization_id for fact, _ in told)
        states, changes = await self.feed.states_of(connection, organizations), []
        for fact, event in told:
            state = after(states.get(fact.organization_id), fact)
            states[fact.organization_id] = state
            changes.append(change_of(fact, state, event))
        await self.feed.put(connection, changes)


def after(before: OrganizationState | None, fact: Fact) -> OrganizationState:
    """The public state after a fact; facts come in order, so a filing was taken in before the others."""
    if isinstance(fact, OrganizationFiled):
        return filed(fact, before.sequence + 1 if before else 1)
    assert before is not None, "an organization becomes public by its filing"
    return renewed(before, fact) if isinstance(fact, FilingRenewed) else expired(before, fact)


def change_of(fact: Fact, state: OrganizationState, event: Event) -> PublicChange:
    """The change as it is kept: the state as it is now."""
    verb = "filed" if isinstance(fact, OrganizationFiled) else "changed"
    return PublicChange(
        organization=UUID(fact.organization_id),
        region_path=fact.region_path,
        sequence=state.sequence,
        state=state.to_binary(),
        event_id=uuid7(),
        type=event_type(settings().province, verb),
        traceparent=event.traceparent or "",
    )
