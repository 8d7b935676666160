"""Who acts on a case, and when."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.acting import Actor
from kit.calendar import WorkingCalendar

__all__ = ["Actor", "Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is applied: legal day, time of the record, the calendar."""

    today: date
    at: datetime
    calendar: WorkingCalendar
    production: bool = False
