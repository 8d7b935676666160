"""Working days, limits with pauses and alarms."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calendar import (
    ZONE,
    Alarm,
    Due,
    Moment,
    QuietHours,
    Term,
    WorkingCalendar,
    alarm,
    alarm_level,
    business_date,
)

CALENDAR = WorkingCalendar()
OVERLAYS = {"none": CALENDAR, "demo_overlay": WorkingCalendar(frozenset({date(2026, 4, 20)}))}

with (Path(__file__).parent / "data" / "workday_vectors.csv").open(encoding="utf-8") as file:
    VECTORS = list(csv.DictReader(file))

DAYS = st.dates(date(2020, 1, 1), date(2028, 12, 31))
LIMITS = st.integers(0, 70)


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["note"])
def test_workday_vector(row: dict[str, str]) -> None:
    calendar = OVERLAYS[row["local_overlay"]]
    start, n = date.fromisoformat(row["start_date"]), int(row["working_days"])
    due = calendar.add_working_days(start, n)
    assert due == Due(date.fromisoformat(row["due_date"]), provisional=False)
    assert calendar.working_days_between(start, due.on) == n


def test_a_limit_into_an_unpublished_year_is_provisional() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 22), 60).provisional
    assert CALENDAR.add_working_days(date(2027, 3, 5), 1) == Due(date(2027, 3, 8), True)
    assert not CALENDAR.add_working_days(date(2026, 12, 28), 3).provisional


def test_make_up_sunday_works_and_a_local_holiday_does_not() -> None:
    assert CALENDAR.is_working(date(2026, 2, 14))
    assert not WorkingCalendar(frozenset({date(2026, 2, 14)})).is_working(date(2026, 2, 14))


def test_calendar_days_count_every_day() -> None:
    assert CALENDAR.add_days(date(2026, 2, 14), 30) == Due(date(2026, 3, 16))


@pytest.mark.parametrize("count", [CALENDAR.add_days, CALENDAR.add_working_days])
def test_no_limit_is_negative(count: object) -> None:
    with pytest.raises(ValueError, match="negative"):
        count(date(2026, 3, 2), -1)  # type: ignore[operator]


def test_business_date_is_the_day_in_shanghai() -> None:
    evening = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert business_date(evening, 0) == date(2026, 3, 2)
    assert business_date(evening.astimezone(ZONE), 30) == date(2026, 4, 1)
    with pytest.raises(ValueError, match="without zone"):
        business_date(datetime(2026, 3, 1), 0)  # noqa: DTZ001


def test_days_of_a_correction_do_not_count() -> None:
    """Received Monday, notice Wednesday, back on Friday: Thursday and Friday are free."""
    term = Term(date(2026, 3, 2), 5, ((date(2026, 3, 4), date(2026, 3, 6)),))
    assert term.due(CALENDAR, date(2026, 3, 9)).on == date(2026, 3, 11)


def test_an_open_pause_moves_the_due_date_day_by_day() -> None:
    term = Term(date(2026, 3, 2), 5, ((date(2026, 3, 4), None),))
    assert term.due(CALENDAR, date(2026, 3, 4)).on == date(2026, 3, 9)
    assert term.due(CALENDAR, date(2026, 3, 6)).on == date(2026, 3, 11)


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="pause"):
        Term(date(2026, 3, 2), 5, ((date(2026, 3, 4), date(2026, 3, 3)),))


@pytest.mark.parametrize(
    ("today", "level", "expected"),
    [(4, 0, Alarm.NORMAL), (6, 50, Alarm.NORMAL), (9, 80, Alarm.NEAR), (11, 100, Alarm.NEAR)],
)
def test_alarm(today: int, level: int, expected: Alarm) -> None:
    start, due = date(2026, 3, 1), date(2026, 3, 11)
    assert alarm_level(due, start, date(2026, 3, today)) == level
    assert alarm(due, start, date(2026, 3, today)) is expected


def test_alarm_after_the_due_day() -> None:
    assert alarm(date(2026, 3, 11), date(2026, 3, 1), date(2026, 3, 12)) is Alarm.OVERDUE
    assert Alarm.OVERDUE.value == "超期"


def test_a_limit_of_no_days_is_near_at_once() -> None:
    day = date(2026, 3, 2)
    assert CALENDAR.add_working_days(day, 0) == Due(day)
    assert alarm(day, day, day) is Alarm.NEAR


@given(DAYS, LIMITS, st.integers(0, 10), st.integers(0, 10))
def test_due_dates_are_monotone(start: date, n: int, later: int, more: int) -> None:
    due = CALENDAR.add_working_days(start, n).on
    assert due <= CALENDAR.add_working_days(start + timedelta(days=later), n + more).on


@given(DAYS, LIMITS)
def test_counting_back_gives_the_limit(start: date, n: int) -> None:
    due = CALENDAR.add_working_days(start, n).on
    assert CALENDAR.working_days_between(start, due) == n
    assert n == 0 or CALENDAR.is_working(due)


PAUSES = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20)), max_size=4)


@given(DAYS, LIMITS, PAUSES, st.integers(0, 60))
def test_a_pause_never_makes_it_earlier(
    start: date, n: int, pauses: list[tuple[int, int | None]], age: int
) -> None:
    begun = [(start + timedelta(days=offset), length) for offset, length in pauses]
    spans = tuple(
        (day, None if length is None else day + timedelta(days=length)) for day, length in begun
    )
    today = start + timedelta(days=age)
    dues = [Term(start, n, spans[:k]).due(CALENDAR, today).on for k in range(len(spans) + 1)]
    assert dues[0] == CALENDAR.add_working_days(start, n).on
    assert dues == sorted(dues)


@pytest.mark.parametrize("text", ["08:00-21:00", "21:00-13:00", "21:00", "night", "21:00-21:00"])
def test_what_is_no_night_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        QuietHours.of(text)


def test_without_quiet_hours_nothing_is_quiet() -> None:
    now = datetime(2026, 3, 2, 3, tzinfo=ZONE)
    assert not QuietHours.of("").quiet(now, WorkingCalendar())
    assert QuietHours.of("21:00-08:00").over(now, WorkingCalendar()) == now.replace(hour=8)


def test_a_moment_is_the_day_in_hainan_moved_by_the_shift() -> None:
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert Moment.of(late, 0) == Moment(date(2026, 3, 2), late)
    assert Moment.of(late, 30).today == date(2026, 4, 1)
