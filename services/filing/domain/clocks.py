"""The clocks of a filing: decision, village opinion, correction, notice (specification §3.1)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from kit.calendar import ZONE, Due, Term
from services.filing.domain.acting import Moment
from services.filing.domain.case import ENDED, Case, Pause, State


def decision_term(case: Case, limit_wd: int) -> Term:
    """Working days from the day after receipt, of a renewal from its own; pauses left out."""
    start = case.renewal.received_on if case.renewal else case.received_on
    assert start is not None
    paused = tuple((pause.since, pause.until) for pause in case.pauses)
    return Term(start, limit_wd, paused)


def decision_due(case: Case, moment: Moment) -> Due:
    """Last day for the decision (FIL.DECIDE_WD)."""
    return decision_term(case, case.pinned["FIL.DECIDE_WD"]).due(moment.calendar, moment.today)


def return_due(case: Case, moment: Moment) -> date:
    """Last day on which the one correction may still be asked for (FIL.CORRECT_WD)."""
    return review_day(case, moment, case.pinned["FIL.CORRECT_WD"])


def review_day(case: Case, moment: Moment, limit_wd: int) -> date:
    """The day on which so many working days of the review are over; nothing stops this clock."""
    assert case.review_from is not None
    return moment.calendar.add_working_days(case.review_from, limit_wd).on


def timed(case: Case, moment: Moment) -> Case:
    """The case with its decision date computed anew."""
    due = decision_due(case, moment)
    return replace(case, decide_due=due.on, provisional=due.provisional)


def paused(case: Case, since: date, until: date | None = None) -> Case:
    """The case with its decision clock stopped after `since`."""
    return replace(case, pauses=(*case.pauses, Pause(since, until)))


def resumed(case: Case, on: date) -> Case:
    """The case with the running pause ended on `on`."""
    *earlier, last = case.pauses
    return replace(case, pauses=(*earlier, replace(last, until=on)))


def notice_interrupted(case: Case, on: date) -> Case:
    """The case with its notice stopped on `on`; the days not yet held are kept for later."""
    assert case.notice_ends is not None
    left = (case.notice_ends - on).days
    if left <= 0:
        return case
    return replace(resumed(case, on), notice_left=left)


def notice_held(case: Case, today: date) -> bool:
    """The whole public notice lies behind."""
    return case.notice_ends is not None and not case.notice_left and today > case.notice_ends


def stopped(state: State, notice_ends: date | None, today: date) -> bool:
    """The decision clock stands still: a correction is awaited or the notice runs."""
    noticed = state is State.NOTICE_PERIOD and notice_ends is not None and today <= notice_ends
    return state is State.CORRECTION or noticed


def time_state(
    state: State, notice_ends: date | None, decide_due: date | None, level: int, today: date
) -> str:
    """How a case stands in its time, as a chip shows it; `level` is the last one reminded of."""
    if decide_due is None or state in ENDED:
        return ""
    if stopped(state, notice_ends, today):
        return "STOPPED"
    if today > decide_due:
        return "OVERDUE"
    return "NEAR" if level >= 80 else "NORMAL"


def limit(
    state: State, opinion_due: date | None, correction_due: date | None, decide_due: date | None
) -> date | None:
    """Last day of the limit a case stands under in its state; None once it has ended."""
    if state is State.VILLAGE_REVIEW:
        return opinion_due
    if state is State.CORRECTION:
        return correction_due
    return None if state in ENDED else decide_due


def hours_left(due: date | None, today: date, at: datetime) -> int:
    """Hours until a day is over, begun ones included; hours since then as a negative number.

    `today` is the legal day at the time `at`.
    """
    if due is None:
        return 0
    hour = datetime.combine(today, at.astimezone(ZONE).time())
    seconds = (datetime.combine(due + timedelta(days=1), time()) - hour).total_seconds()
    return -int(-seconds // 3600)
