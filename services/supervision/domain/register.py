"""The public register: every state of an organization holds from its day until the next one's."""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Any


class Status(Enum):
    """How an organization stands; names as in the contract."""

    ACTIVE = auto()
    EXPIRED = auto()
    RENEWAL_DUE = auto()


class Cause(Enum):
    """What made a state; names as in the contract."""

    FILED = auto()
    RENEWED = auto()
    EXPIRED = auto()
    RENEWAL_DUE = auto()


@dataclass(frozen=True, slots=True)
class State:
    """What everybody may know of an organization from `since` on; nothing of any person."""

    organization_id: str
    name: str
    organization_class: str
    category: str
    field_codes: tuple[str, ...]
    target_groups: tuple[str, ...]
    filing_no: str
    printed_no: str
    community_code: str
    authority_code: str
    filed_on: date
    valid_to: date | None
    since: date
    version: int = 1
    cause: Cause = Cause.FILED
    status: Status = Status.ACTIVE
    regime: str = "filed"
    """How the organization is managed."""


def renewed(before: State, on: date, valid_to: date | None) -> State:
    """The filing is valid on, all else as it was."""
    return _next(before, Cause.RENEWED, on, status=Status.ACTIVE, valid_to=valid_to)


def fell_due(before: State, on: date) -> State:
    """The filing is in force and near its end: renewal can be applied for."""
    return _next(before, Cause.RENEWAL_DUE, on, status=Status.RENEWAL_DUE)


def expired(before: State, on: date) -> State:
    """The filing holds no longer from that day on."""
    return _next(before, Cause.EXPIRED, on, status=Status.EXPIRED)


def _next(before: State, cause: Cause, on: date, **changes: Any) -> State:
    """The next state; none begins before the one it follows, so the last begun is the one in force."""
    since = max(on, before.since)
    return replace(before, version=before.version + 1, cause=cause, since=since, **changes)
