"""Legal time in days of Asia/Shanghai (specification 3.1): working days, limits, pauses, alarms.

The day after an event counts as day 1. Nothing here reads a clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import count, islice
from zoneinfo import ZoneInfo

from chinese_calendar import holidays, workdays

from kit.errors import Violation, invalid

ZONE = ZoneInfo("Asia/Shanghai")

_PUBLISHED = range(min(holidays).year, max(holidays).year + 1)
"""Years whose official calendar is known; outside them Monday to Friday is assumed."""


def business_date(now: datetime, shift_days: int) -> date:
    """Date of the business clock: the day in Asia/Shanghai, moved by the shift of a demo or test.

    Raises ValueError for a naive time.
    """
    if now.tzinfo is None:
        raise ValueError("a time without zone has no date")
    return now.astimezone(ZONE).date() + timedelta(days=shift_days)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is applied: legal day and time of the record."""

    today: date
    at: datetime

    @classmethod
    def of(cls, now: datetime, shift_days: int) -> "Moment":
        """A time of the database with the shift of its business clock (`kit.sql.MOMENT`)."""
        return cls(business_date(now, shift_days), now)


def day_of(field: str, text: str) -> date | None:
    """The day a request names, `YYYY-MM-DD`; None for none. Refusal common.day where there is none such."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        sentence = "没有这一天，请按“年-月-日”填写。"
        raise invalid("common.day", sentence, Violation(field, "day", sentence)) from error


@dataclass(frozen=True, slots=True)
class Due:
    """A due date; provisional where it leans on a year whose calendar is not published."""

    on: date
    provisional: bool = False


def published_years() -> range:
    """Years whose official calendar is known."""
    return _PUBLISHED


def published(day: date) -> bool:
    """The official calendar of that year is known."""
    return day.year in _PUBLISHED


def days_after(start: date) -> Iterator[date]:
    """The days after `start`, without end."""
    return (start + timedelta(days=number) for number in count(1))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days of the country, less the holidays of the province."""

    local_holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Official working day, make-up days included; a provincial holiday never is one."""
        if day in self.local_holidays:
            return False
        return day in workdays or (day.weekday() < 5 and day not in holidays)

    def add_working_days(self, start: date, n: int) -> Due:
        """Due date of n working days after `start`. Raises ValueError when n is negative."""
        return self.count_working_days(start, n, lambda _: True)

    def count_working_days(self, start: date, n: int, counts: Callable[[date], bool]) -> Due:
        """The same, where a working day also has to pass `counts`."""
        if n < 0:
            raise ValueError("a limit is not negative")
        if n == 0:
            return Due(start)
        counted = (day for day in days_after(start) if self.is_working(day) and counts(day))
        last = next(islice(counted, n - 1, None))
        return Due(last, not (published(start + timedelta(days=1)) and published(last)))

    def add_days(self, start: date, n: int) -> Due:
        """Due date of n calendar days after `start`. Raises ValueError when n is negative."""
        if n < 0:
            raise ValueError("a limit is not negative")
        return Due(start + timedelta(days=n))

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 when `end` is not later."""
        days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
        return sum(self.is_working(day) for day in days)


@dataclass(frozen=True, slots=True)
class Term:
    """A limit in working days from the receipt, with the pauses of corrections.

    A pause runs from its notice to the resubmission (None: still waiting); the days after the
    notice up to and including the resubmission do not count.
    """

    received: date
    limit_wd: int
    paused: tuple[tuple[date, date | None], ...] = ()

    def __post_init__(self) -> None:
        if any(end is not None and end < start for start, end in self.paused):
            raise ValueError("a pause ends after it began")

    def due(self, calendar: WorkingCalendar, today: date) -> Due:
        """Due date; while a pause is open, as if it ended today."""
        return calendar.count_working_days(
            self.received, self.limit_wd, lambda day: not self._pauses(day, today)
        )

    def _pauses(self, day: date, today: date) -> bool:
        return any(start < day <= (end or today) for start, end in self.paused)


class Alarm(Enum):
    """How near a due date is, as a person reads it."""

    NORMAL = "正常"
    NEAR = "临期"
    OVERDUE = "超期"


ALARM_LEVELS = (50, 80, 100)
"""Percent of the time used up at which a reminder goes out."""


def alarm_level(due: date, start: date, today: date) -> int:
    """Highest level reached of 50, 80 and 100 (the last day), else 0; calendar days."""
    total, used = (due - start).days, (today - start).days
    return max((level for level in ALARM_LEVELS if used * 100 >= level * total), default=0)


def alarm(due: date, start: date, today: date) -> Alarm:
    """Normal below 80 %, near up to and including the due day, then overdue."""
    if today > due:
        return Alarm.OVERDUE
    return Alarm.NEAR if alarm_level(due, start, today) >= 80 else Alarm.NORMAL


LIE_IN = timedelta(hours=1)
"""On days that are no working days quiet hours end so much later."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the night in which nobody is disturbed, in Asia/Shanghai; both None: there are none."""

    begin: time | None = None
    end: time | None = None

    @classmethod
    def of(cls, text: str) -> "QuietHours":
        """From `21:00-08:00`; an empty text is none. ValueError for what is no night."""
        if not text:
            return cls()
        begin, end = (time.fromisoformat(part) for part in text.split("-"))
        if not end < begin or end.hour >= 12:
            raise ValueError(f"{text} is no night")
        return cls(begin, end)

    def over(self, now: datetime, calendar: WorkingCalendar) -> datetime:
        """`now` where it is not quiet, else the end of the quiet hours it lies in."""
        if self.begin is None or self.end is None:
            return now
        local = now.astimezone(ZONE)
        day = local.date() + timedelta(days=local.time() >= self.begin)
        end = datetime.combine(day, self.end, ZONE)
        if not calendar.is_working(day):
            end += LIE_IN
        return max(now, end) if local.time() >= self.begin or local < end else now

    def quiet(self, now: datetime, calendar: WorkingCalendar) -> bool:
        """Nobody is to be disturbed now."""
        return self.over(now, calendar) > now
