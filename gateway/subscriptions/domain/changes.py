"""What becomes public of a fact: the state of the organization now, and the name of the change."""

from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed, OrganizationFiled
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState

TEST = "test"
"""What happens to nobody: the change of a test event."""


def filed(fact: OrganizationFiled, sequence: int) -> OrganizationState:
    """State of an organization that was filed; nothing of any person (specification §3.2)."""
    return OrganizationState(
        organization_id=fact.organization_id,
        sequence=sequence,
        name=fact.name,
        regime="filed",
        organization_class=fact.organization_class.name,
        category=fact.category.name,
        filing_no=fact.filing_no,
        community_code=fact.community_code,
        authority_code=fact.authority_code,
        status="ACTIVE",
        effective_on=fact.filed_on,
        valid_to=fact.valid_to,
    )


def renewed(before: OrganizationState, fact: FilingRenewed) -> OrganizationState:
    """State of an organization whose filing was renewed: valid on, all else as it was."""
    return _changed(before, status="ACTIVE", effective_on=fact.renewed_on, valid_to=fact.valid_to)


def expired(before: OrganizationState, fact: FilingExpired) -> OrganizationState:
    """State of an organization whose filing holds no longer."""
    return _changed(before, status="EXPIRED", effective_on=fact.expired_on)


def _changed(before: OrganizationState, **values: str) -> OrganizationState:
    """The next state; `before` is the caller's own copy."""
    before.sequence += 1
    for name, value in values.items():
        setattr(before, name, value)
    return before


def event_type(province: str, verb: str) -> str:
    """Type of an event as departments know it; that of a test event ends in `.test`."""
    kind = f"cn.gov.{province}.organization"
    return f"{kind}.{TEST}" if verb == TEST else f"{kind}.{verb}.v1"
