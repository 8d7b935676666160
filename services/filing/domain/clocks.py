"""The clocks of a filing: decision, village opinion, correction, notice (specification §3.1)."""

from dataclasses import replace
from datetime import date, timedelta

from kit.calendar import Due, Term
from services.filing.domain.case import Case, Moment, Pause


def decision_due(case: Case, moment: Moment) -> Due:
    """Last day for the decision: FIL.DECIDE_WD from the day after receipt, pauses left out."""
    assert case.received_on is not None
    paused = tuple((pause.since, pause.until) for pause in case.pauses)
    term = Term(case.received_on, case.pinned["FIL.DECIDE_WD"], paused)
    return term.due(moment.calendar, moment.today)


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


def correction_left(case: Case) -> timedelta:
    """Days of the correction notice that were left when the applicant resubmitted."""
    assert case.correction_due is not None
    resubmitted = case.pauses[-1].until
    assert resubmitted is not None
    return case.correction_due - resubmitted


def timer_on(case: Case) -> date | None:
    """Day after which the platform itself moves the case on; None when it waits for a person."""
    match case.state.name:
        case "VILLAGE_REVIEW":
            return case.opinion_due
        case "CORRECTION":
            return case.correction_due
        case _:
            return None
