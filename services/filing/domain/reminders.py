"""Reminders before a limit passes: 50 %, 80 %, the last day, then one level up a day (§3.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, State
from services.filing.domain.clocks import decision_term, return_due, review_day, timed
from services.filing.domain.facts import FilingReminded, head
from services.filing.domain.outcome import Outcome, moved, stated
from services.filing.domain.requirements import complete

SHARES = (50, 80)
LAST_DAY = 100
LEVELS_UP = 4
"""Overdue rises to the lead, the county, the city, the province."""
DAY = timedelta(days=1)
DECIDED = (State.VILLAGE_REVIEW, State.COMPLETENESS, State.NOTICE_PERIOD, State.RENEW_DUE)
"""States in which a decision may be due; of a renewal once it is applied for."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that runs: its last day, and the day from which each level holds."""

    name: str
    due: date
    days: tuple[tuple[int, date], ...]

    def level(self, today: date) -> int:
        """Highest level that holds, 0 for none."""
        return max((level for level, day in self.days if day <= today), default=0)


def running(case: Case, moment: Moment) -> Iterator[Clock]:
    """The limits that run, the one whose end moves the case first."""
    if case.state is State.VILLAGE_REVIEW and case.opinion_due and case.received_on:
        yield _in_days("OPINION", case.received_on, case.opinion_due)
    if case.state is State.CORRECTION and case.correction_due:
        yield _in_days("CORRECTION", case.pauses[-1].since, case.correction_due)
    if case.state is State.NOTICE_PERIOD and case.notice_ends:
        notice = _in_days("NOTICE", case.pauses[-1].since, case.notice_ends)
        over = (LAST_DAY + 1, case.notice_ends + DAY)
        yield replace(notice, days=(*notice.days, over))
    if case.state is State.COMPLETENESS and not case.correction_items and not complete(case):
        yield _return(case, moment)
    if case.state is State.RENEW_DUE and not case.pending and case.renew_from and case.valid_to:
        yield _in_days("RENEWAL", case.renew_from, case.valid_to)
    if case.state in DECIDED and case.decide_due:
        yield _decision(case, case.decide_due, moment)


def _in_days(name: str, start: date, due: date) -> Clock:
    total = (due - start).days
    shares = [(share, start + timedelta(days=-(-total * share // 100))) for share in SHARES]
    return Clock(name, due, (*shares, (LAST_DAY, due)))


def _return(case: Case, moment: Moment) -> Clock:
    limit = case.pinned["FIL.CORRECT_WD"]
    shares = [(s, review_day(case, moment, -(-limit * s // 100))) for s in SHARES]
    due = return_due(case, moment)
    return Clock("RETURN", due, (*shares, (LAST_DAY, due)))


def _decision(case: Case, due: date, moment: Moment) -> Clock:
    limit = case.pinned["FIL.DECIDE_WD"]
    shares = [
        (share, decision_term(case, -(-limit * share // 100)).due(moment.calendar, moment.today).on)
        for share in SHARES
    ]
    over = [(LAST_DAY + n, due + n * DAY) for n in range(1, LEVELS_UP + 1)]
    return Clock("DECISION", due, (*shares, (LAST_DAY, due), *over))


def remind(case: Case, actor: Actor, moment: Moment) -> Outcome | None:
    """The next reminder that is due, of the highest level that holds; None when there is none."""
    known = dict(case.reminded)
    for clock in running(case, moment):
        level = clock.level(moment.today)
        if level <= known.get(clock.name, 0):
            continue
        reminded = tuple(sorted((known | {clock.name: level}).items()))
        after, step = moved(case, actor, "remind", case.state, reminded=reminded)
        fact = FilingReminded(
            *head(case, actor.role),
            clock=clock.name,
            level=level,
            clock_due=clock.due.isoformat(),
            renewal=case.state is State.RENEW_DUE,
        )
        return stated(timed(after, moment) if after.decide_due else after, step, fact)
    return None


def started_anew(case: Case, clock: str) -> Case:
    """The case without reminders of a clock that begins again."""
    return replace(case, reminded=tuple(item for item in case.reminded if item[0] != clock))


def timer_on(case: Case, moment: Moment) -> date | None:
    """First day on which the platform itself acts: a reminder, or a limit that has passed."""
    known = dict(case.reminded)
    days = [
        day
        for clock in running(case, moment)
        for level, day in clock.days
        if level > known.get(clock.name, 0)
    ]
    if case.state is State.VILLAGE_REVIEW and case.opinion_due:
        days.append(case.opinion_due + DAY)
    if case.state is State.CORRECTION and case.correction_due:
        days.append(case.correction_due + DAY)
    if case.state is State.FILED and case.renew_from:
        days.append(case.renew_from)
    if case.state is State.RENEW_DUE and not case.pending and case.valid_to:
        days.append(case.valid_to + DAY)
    return min(days, default=None)
