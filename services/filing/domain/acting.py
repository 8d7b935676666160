"""Who acts on a case, and when."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is applied: legal day, time of the record, the calendar."""

    today: date
    at: datetime
    calendar: WorkingCalendar
    production: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account, role, blind index of the person's identity number (may be empty).

    Under a delegated post also in whose stead: the two are one chair at a case.
    """

    account: str
    role: str
    person_key: str = ""
    delegator: str = ""
    delegator_key: str = ""

    @property
    def chair(self) -> frozenset[str]:
        """Accounts and blind indexes that count as the one who acts."""
        who = (self.account, self.person_key, self.delegator, self.delegator_key)
        return frozenset(who) - {""}
