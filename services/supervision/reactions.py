"""Facts of filing that change the public register."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from kit.calendar import business_date
from kit.reactions import Event, Reaction
from kit.reactions.rebuild import ReadSide
from proto.gen.minzheng.filing.v1.facts_pb import (
    FilingExpired,
    FilingRenewed,
    OrganizationFiled,
    RenewalDue,
)
from services.supervision.domain.register import State, expired, fell_due, renewed
from services.supervision.store.register import LACKING, present, put

if TYPE_CHECKING:
    from kit.database import Connection


async def on_organization_filed(
    connection: "Connection", fact: OrganizationFiled, event: Event
) -> None:
    """A filed organization enters the register."""
    filed_on = date.fromisoformat(fact.filed_on)
    state = State(
        organization_id=fact.organization_id,
        name=fact.name,
        organization_class=fact.organization_class.name,
        category=fact.category.name,
        field_codes=tuple(fact.field_codes),
        target_groups=tuple(fact.target_groups),
        filing_no=fact.filing_no,
        printed_no=fact.printed_no,
        community_code=fact.community_code,
        authority_code=fact.authority_code,
        filed_on=filed_on,
        valid_to=_day(fact.valid_to),
        since=filed_on,
    )
    await put(connection, state)


async def on_renewal_due(connection: "Connection", fact: RenewalDue, event: Event) -> None:
    """A filing near its end shows that it is to be renewed."""
    before = await present(connection, fact.organization_id)
    # Facts of older releases name no day.
    on = _day(fact.due_on) or business_date(event.occurred_at, 0)
    await put(connection, fell_due(before, on))


async def on_filing_renewed(connection: "Connection", fact: FilingRenewed, event: Event) -> None:
    """A renewed filing is valid on."""
    before = await present(connection, fact.organization_id)
    on = date.fromisoformat(fact.renewed_on)
    await put(connection, renewed(before, on, _day(fact.valid_to)))


async def on_filing_expired(connection: "Connection", fact: FilingExpired, event: Event) -> None:
    """An expired filing holds no longer; the organization stays in the register."""
    before = await present(connection, fact.organization_id)
    await put(connection, expired(before, date.fromisoformat(fact.expired_on)))


REGISTER = ReadSide(
    tables=("organization", "register_state"),
    reactions=(
        Reaction(OrganizationFiled, on_organization_filed),
        Reaction(RenewalDue, on_renewal_due),
        Reaction(FilingRenewed, on_filing_renewed),
        Reaction(FilingExpired, on_filing_expired),
    ),
    lacking=LACKING,
)
"""The register as what it is: a read side, each fact of which made one state."""


def reactions() -> Sequence[Reaction]:
    """What the register hears."""
    return REGISTER.listening()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
