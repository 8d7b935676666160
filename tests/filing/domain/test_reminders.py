"""Reminders by day: levels of the three clocks, over year ends and pauses."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Refusal
from services.filing.domain import decision, reminders, review
from services.filing.domain.case import Case, State
from services.filing.domain.facts import FilingReminded
from tests.filing.builders import CLERK, MONDAY, SYSTEM, in_review, marked, moment, submitted


def levels(case: Case, days: int = 60) -> list[tuple[int, str, int]]:
    """(day, clock, level) of every reminder when the platform looks once a day."""
    found = []
    for number in range(days):
        now = moment(MONDAY + timedelta(days=number))
        while outcome := reminders.remind(case, SYSTEM, now):
            assert isinstance(outcome.fact, FilingReminded)
            found.append((number, outcome.fact.clock, outcome.fact.level))
            case = outcome.case
    return found


def test_the_decision_is_reminded_of_at_half_most_last_day_and_above() -> None:
    case = marked(in_review())
    assert case.decide_due == date(2026, 3, 16)
    assert levels(case) == [
        (7, "DECISION", 50),
        (10, "DECISION", 80),
        (14, "DECISION", 100),
        (15, "DECISION", 101),
        (16, "DECISION", 102),
        (17, "DECISION", 103),
        (18, "DECISION", 104),
    ]


def test_the_village_and_the_applicant_are_reminded_too() -> None:
    waiting = [line for line in levels(submitted()) if line[1] == "OPINION"]
    assert waiting == [(2, "OPINION", 50), (3, "OPINION", 100)]
    returned = review.return_once(marked(in_review(), B05="ABSENT"), CLERK, moment()).case
    assert levels(returned) == [
        (15, "CORRECTION", 50),
        (24, "CORRECTION", 80),
        (30, "CORRECTION", 100),
    ], "the decision's clock stands still meanwhile"


def test_the_clerk_is_reminded_of_the_one_correction_while_it_is_offered() -> None:
    open_case = marked(in_review(), B05="ABSENT")
    for case in (in_review(), open_case):
        assert [line for line in levels(case) if line[1] == "RETURN"] == [
            (3, "RETURN", 50),
            (4, "RETURN", 80),
            (7, "RETURN", 100),
        ]
    last = MONDAY + timedelta(days=7)
    assert review.return_once(open_case, CLERK, moment(last)).case.state is State.CORRECTION
    with pytest.raises(Refusal, match=r"filing\.correction_too_late"):
        review.return_once(open_case, CLERK, moment(last + timedelta(days=1)))
    for case in (marked(in_review()), review.return_once(open_case, CLERK, moment()).case):
        assert "RETURN" not in {clock for _, clock, _ in levels(case)}


def test_the_clerk_is_reminded_of_a_notice_and_told_that_it_is_over() -> None:
    case = marked(in_review(FIL__NOTICE_DAYS="7"))
    noticed = decision.start_notice(case, CLERK, moment()).case
    assert [line for line in levels(noticed) if line[1] == "NOTICE"] == [
        (4, "NOTICE", 50),
        (6, "NOTICE", 80),
        (7, "NOTICE", 100),
        (8, "NOTICE", 101),
    ]


def test_only_the_highest_level_is_reminded_of_after_a_long_sleep() -> None:
    late = moment(MONDAY + timedelta(days=40))
    outcome = reminders.remind(marked(in_review()), SYSTEM, late)
    assert outcome is not None
    assert isinstance(outcome.fact, FilingReminded)
    assert outcome.fact.level == 104
    assert reminders.remind(outcome.case, SYSTEM, late) is None
    assert reminders.timer_on(outcome.case, late) is None


def test_an_ended_case_rests() -> None:
    for state in (State.FILED, State.REFUSED, State.WITHDRAWN, State.LAPSED):
        ended = replace(in_review(), state=state)
        assert reminders.timer_on(ended, moment()) is None
        assert reminders.remind(ended, SYSTEM, moment(MONDAY + timedelta(days=99))) is None


@given(start=st.dates(date(2026, 2, 11), date(2027, 3, 1)), limit=st.integers(1, 40))
def test_the_timer_names_exactly_the_next_day_something_is_due(start: date, limit: int) -> None:
    case = marked(in_review(start, FIL__DECIDE_WD=str(limit)))
    for _ in range(9):
        on = reminders.timer_on(case, moment(start))
        if on is None:
            break
        assert reminders.remind(case, SYSTEM, moment(on - timedelta(days=1))) is None
        outcome = reminders.remind(case, SYSTEM, moment(on))
        assert outcome is not None
        case = outcome.case
    assert dict(case.reminded) == {"DECISION": 104}
