"""When and by which ways messages leave, as pure functions."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kit.calendar import ZONE, QuietHours, WorkingCalendar
from services.notifications.domain.outward import (
    CHANNELS,
    ENDS,
    GATHERED_AT,
    ORDER,
    Choice,
    due,
    letter,
    settled,
    ways,
)
from services.notifications.domain.templates.template import Weight

CALENDAR = WorkingCalendar()
HOURS = QuietHours.of("21:00-08:00")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
WAYS = st.lists(st.sampled_from(CHANNELS), unique=True).map(tuple)
CHOICES = st.builds(Choice, WAYS, WAYS, st.booleans(), st.booleans())
WEIGHTS = st.sampled_from(Weight)


@given(WEIGHTS, CHOICES, MOMENTS)
def test_nothing_but_the_urgent_comes_in_quiet_hours(
    weight: Weight, choice: Choice, now: datetime
) -> None:
    at = due(weight, choice, now, HOURS, CALENDAR)
    if weight is Weight.URGENT:
        assert at == now
        return
    assert not HOURS.quiet(at, CALENDAR)
    assert timedelta() <= at - now <= timedelta(hours=24)


@given(CHOICES, MOMENTS)
def test_a_duty_waits_only_while_it_is_quiet(choice: Choice, now: datetime) -> None:
    at = due(Weight.DUTY, choice, now, HOURS, CALENDAR)
    assert (at == now) == (not HOURS.quiet(now, CALENDAR))
    # No minute by day was let pass.
    minutes = int((at - now) / timedelta(minutes=1))
    for passed in range(0, minutes, 7):
        assert HOURS.quiet(now + timedelta(minutes=passed), CALENDAR)


@given(MOMENTS, MOMENTS)
def test_the_information_of_a_day_leaves_together(one: datetime, other: datetime) -> None:
    daily = Choice(daily=True)
    first, second = (due(Weight.INFORMATION, daily, now, HOURS, CALENDAR) for now in (one, other))
    assert {first.astimezone(ZONE).time(), second.astimezone(ZONE).time()} == {GATHERED_AT}
    since = timedelta(hours=6)
    assert (first == second) == (
        (one.astimezone(ZONE) + since).date() == (other.astimezone(ZONE) + since).date()
    )


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def test_mornings_of_working_and_free_days() -> None:
    monday, saturday = date(2026, 3, 2), date(2026, 3, 7)
    make_up = date(2026, 2, 14)
    for now, expected in (
        (at(monday, 7, 59), at(monday, 8)),
        (at(monday, 8), at(monday, 8)),
        (at(monday, 20, 59), at(monday, 20, 59)),
        (at(monday, 21), at(monday + timedelta(days=1), 8)),
        (at(saturday, 8), at(saturday, 9)),
        (at(saturday - timedelta(days=1), 23), at(saturday, 9)),
        (at(make_up, 7), at(make_up, 8)),
    ):
        assert due(Weight.DUTY, Choice(), now, HOURS, CALENDAR) == expected


@given(WEIGHTS, CHOICES)
def test_ways_have_an_address_and_duties_are_never_declined(weight: Weight, choice: Choice) -> None:
    found = ways(weight, choice)
    assert set(found) <= set(choice.given)
    if weight is not Weight.INFORMATION:
        assert bool(found) == bool(choice.given)
    elif choice.only_necessary:
        assert found == ()
    if choice.channels and set(found) - set(choice.channels):
        assert weight is not Weight.INFORMATION
        assert not set(choice.given) & set(choice.channels)


def test_one_message_is_itself_and_many_are_gathered() -> None:
    assert letter([("甲", "一")]) == ("甲", "一")
    subject, body = letter([("甲", "一"), ("乙", "二")])
    assert subject == "您有2条新消息"
    assert body == "1. 甲\n一\n\n2. 乙\n二"


@given(st.lists(st.sampled_from(ORDER[2:]), max_size=8), st.randoms())
def test_reports_in_any_order_and_number_end_alike(reports: list[str], chance: object) -> None:
    """An end stays; without one the furthest report stands, however often it came."""
    state = "RELEASED"
    for report in reports:
        before, state = state, settled(state, report)
        assert ORDER.index(state) >= ORDER.index(before)
        assert before not in ENDS or state == before
    ends = [report for report in reports if report in ENDS]
    furthest = max(("RELEASED", *reports), key=ORDER.index)
    assert state == furthest if not ends else state in ENDS


def test_what_is_not_released_has_no_report() -> None:
    assert all(settled("WAITING", report) == "WAITING" for report in ORDER)
