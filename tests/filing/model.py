"""SM-01 once more, in the plainest words: which steps are refused and why, and what follows.

Written from the table of the domain and its clock rules, without a line of the service; days that
do not count are kept as intervals and every limit is counted day by day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from kit.calendar import WorkingCalendar
from tests.filing.states import STATES

OPINION_WD, CORRECT_WD, LAPSE_DAYS, DECIDE_WD, RENEW_BEFORE_D = 3, 5, 30, 10, 30
"""Limits of the table of rules."""
OPEN = ("ABSENT", "UNREADABLE")
DAY = timedelta(days=1)
Reasons = Iterator[str]


@dataclass(frozen=True)
class Who:
    """An account and the person behind it, who may be unknown."""

    account: str
    person: str = ""

    def same(self, other: "Who") -> bool:
        """One account, or two accounts of one person."""
        return self.account == other.account or bool(self.person and self.person == other.person)


@dataclass
class Model:
    """One case. `reasons` says what stands against a step; empty means that it must be accepted."""

    applicant: Who
    principals: frozenset[str]
    asked_for: tuple[str, ...]
    """Materials that must be there."""
    today: date
    notice_days: int = 0
    valid_years: int = 0
    state: str = "DRAFT"
    facts: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    received: date | None = None
    review_from: date | None = None
    opinion_due: date | None = None
    named: tuple[str, ...] = ()
    """Items of the one notice of correction."""
    correction_due: date | None = None
    correction_left: int = 0
    still: list[tuple[date, date | None]] = field(default_factory=list)
    """Days that do not count: after the first, up to and including the second."""
    notice_ends: date | None = None
    notice_left: int = 0
    objections: dict[str, tuple[Who, str]] = field(default_factory=dict)
    proposal: tuple[str, Who] | None = None
    valid_to: date | None = None
    renew_from: date | None = None
    renewal: tuple[date, Who] | None = None
    """The last application for renewal; `pending` until it is decided."""
    pending: bool = False

    def reasons(self, action: str, *given: object) -> set[str]:
        """Codes of everything that stands against a step; a hidden case answers nothing else."""
        if self.state not in STATES[action]:
            return {"common.not_found"}
        return set(getattr(self, f"_against_{action}")(*given))

    def working_days(self, start: date, limit: int) -> date:
        """Last day of a limit in working days; days that stand still do not count."""
        calendar, day = WorkingCalendar(), start
        while limit:
            day += DAY
            limit -= calendar.is_working(day) and not self._stands_still(day)
        return day

    def _stands_still(self, day: date) -> bool:
        return any(since < day <= (until or self.today) for since, until in self.still)

    def decide_due(self) -> date:
        """Last day for the decision."""
        start = self.renewal[0] if self.renewal else self.received
        assert start is not None
        return self.working_days(start, DECIDE_WD)

    def _concerned(self, who: Who) -> Reasons:
        if who.account == self.applicant.account or who.person in self.principals:
            yield "filing.own_case"
        if self.renewal and self.renewal[1].same(who):
            yield "filing.own_case"

    def open_items(self) -> set[str]:
        """Marked absent or unreadable."""
        return {code for code, mark in self.marks.items() if mark in OPEN}

    def _incomplete(self) -> Reasons:
        if any(self.marks.get(code) != "PRESENT" for code in self.asked_for):
            yield "filing.not_complete"

    def submit(self) -> None:
        """收件"""
        self.state, self.received, self.facts = "VILLAGE_REVIEW", self.today, 1
        self.opinion_due = self.working_days(self.today, OPINION_WD)

    def pass_days(self, today: date) -> Iterable[str]:
        """The calendar's own steps."""
        self.today = today
        if self.state == "VILLAGE_REVIEW" and self.opinion_due and today > self.opinion_due:
            self.give_opinion()
            yield "silence"
        if self.state == "CORRECTION" and self.correction_due and today > self.correction_due:
            self.state = "LAPSED"
            self.facts += 1
            yield "lapse"
        if self.state == "FILED" and self.renew_from and today >= self.renew_from:
            self.state = "RENEW_DUE"
            self.facts += 1
            yield "renewal due"
        over = self.valid_to is not None and today > self.valid_to
        if self.state == "RENEW_DUE" and not self.pending and over:
            self.state = "EXPIRED"
            self.facts += 1
            yield "expiry"

    def _against_give_opinion(self, who: Who, opinion: str, text: str) -> Reasons:
        yield from self._concerned(who)
        if opinion == "DISAGREE" and not text:
            yield "filing.opinion_without_reason"

    def give_opinion(self, *_: object) -> None:
        self.state, self.review_from = "COMPLETENESS", self.today
        self.facts += 1

    def _against_mark(self, who: Who, marks: Mapping[str, str]) -> Reasons:
        yield from self._concerned(who)

    def mark(self, who: Who, marks: Mapping[str, str]) -> None:
        self.marks |= marks

    def _against_send_for_correction(self, who: Who) -> Reasons:
        yield from self._concerned(who)
        assert self.review_from is not None
        if not self.open_items():
            yield "filing.nothing_to_correct"
        if self.named and not self.open_items() <= set(self.named):
            yield "filing.correction_once"
        last = WorkingCalendar().add_working_days(self.review_from, CORRECT_WD).on
        if not self.named and self.today > last:
            yield "filing.correction_too_late"

    def send_for_correction(self, who: Who) -> None:
        days = self.correction_left if self.named else LAPSE_DAYS
        self.named = tuple(sorted(self.open_items()))
        self.correction_due = self.today + days * DAY
        self.still.append((self.today, None))
        self.state, self.proposal = "CORRECTION", None
        self.facts += 1

    def supply(self, code: str) -> None:
        """A new file waits for its mark."""
        self.marks[code] = ""

    def _against_resubmit(self, who: Who) -> Reasons:
        if self.open_items() & set(self.named):
            yield "filing.correction_incomplete"

    def resubmit(self, who: Who) -> None:
        assert self.correction_due is not None
        self.correction_left = (self.correction_due - self.today).days
        self.still[-1] = (self.still[-1][0], self.today)
        self.state = "COMPLETENESS"
        self.facts += 1

    def _against_start_notice(self, who: Who) -> Reasons:
        yield from (*self._concerned(who), *self._incomplete())
        if not self.notice_days:
            yield "filing.no_notice_here"
        elif self.notice_ends and not self.notice_left:
            yield "filing.notice_done"

    def start_notice(self, who: Who) -> None:
        self.notice_ends = self.today + (self.notice_left or self.notice_days) * DAY
        self.notice_left = 0
        self.still.append((self.today, self.notice_ends))
        self.state = "NOTICE_PERIOD"
        self.facts += 1

    def _against_object_to(self, who: Who, key: str, ground: str) -> Reasons:
        assert self.notice_ends is not None
        if self.today > self.notice_ends:
            yield "filing.notice_over"
        if who.account == self.applicant.account or who.person in self.principals:
            yield "filing.own_case_objection"
        if any(by.account == who.account for by, _ in self.objections.values()):
            yield "filing.objected_already"

    def object_to(self, who: Who, key: str, ground: str) -> None:
        self.objections[key] = (who, "RECORDED" if ground == "OTHER" else "")
        self.facts += 1

    def _against_handle(self, who: Who, key: str, outcome: str) -> Reasons:
        yield from self._concerned(who)
        by, answered = self.objections[key]
        if by.same(who):
            yield "filing.own_objection"
        if answered:
            yield "filing.objection_answered"

    def handle(self, who: Who, key: str, outcome: str) -> None:
        self.objections[key] = (self.objections[key][0], outcome)
        self.facts += 1
        if outcome != "TAKEN_UP":
            return
        self.state, self.proposal = "COMPLETENESS", None
        assert self.notice_ends is not None
        if self.today < self.notice_ends:
            self.notice_left = (self.notice_ends - self.today).days
            self.still[-1] = (self.still[-1][0], self.today)

    def taken_up(self) -> list[str]:
        """Objections that the decision must answer."""
        return [key for key, (_, outcome) in self.objections.items() if outcome == "TAKEN_UP"]

    def _unacceptable(self, findings: Iterable[str]) -> Reasons:
        yield from self._incomplete()
        held = self.notice_ends and not self.notice_left and self.today > self.notice_ends
        if self.notice_days and not held:
            yield "filing.notice_not_over"
        if any(not outcome for _, outcome in self.objections.values()):
            yield "filing.objection_open"
        if set(findings) != set(self.taken_up()):
            yield "filing.objection_unanswered"

    def _against_propose(self, who: Who, decision: str, findings: Iterable[str]) -> Reasons:
        yield from self._concerned(who)
        if self.state == "RENEW_DUE":
            yield from self._not_renewable(decision)
        elif decision == "ACCEPT":
            yield from self._unacceptable(findings)

    def _not_renewable(self, decision: str) -> Reasons:
        if not self.pending:
            yield "filing.no_renewal"
        if decision != "ACCEPT":
            yield "filing.renewal_not_refusable"

    def propose(self, who: Who, decision: str, findings: Iterable[str]) -> None:
        self.proposal = (decision, who)

    def _against_decide(self, who: Who, agree: bool) -> Reasons:
        yield from self._concerned(who)
        if self.proposal is None:
            yield "filing.nothing_proposed"
            return
        decision, proposer = self.proposal
        if proposer.same(who):
            yield "filing.same_person"
        if agree and decision == "ACCEPT" and self.state != "RENEW_DUE":
            yield from self._unacceptable(self.taken_up())

    def decide(self, who: Who, agree: bool) -> None:
        assert self.proposal is not None
        decision, _ = self.proposal
        self.proposal = None
        if not agree:
            return
        self.facts += 1
        if decision == "ACCEPT":
            self._valid_from(self.valid_to or self.today)
        self.state, self.pending = "FILED" if decision == "ACCEPT" else "REFUSED", False

    def _valid_from(self, start: date) -> None:
        if self.valid_years:
            leap = (start.month, start.day) == (2, 29)
            day = start - DAY if leap else start
            self.valid_to = day.replace(year=day.year + self.valid_years)
            self.renew_from = self.valid_to - RENEW_BEFORE_D * DAY

    def _against_renew(self, who: Who) -> Reasons:
        if self.pending:
            yield "filing.renewal_pending"

    def renew(self, who: Who) -> None:
        self.renewal, self.pending = (self.today, who), True
        self.facts += 1

    def _against_withdraw(self, who: Who) -> Reasons:
        yield from ()

    def withdraw(self, who: Who) -> None:
        self.facts += self.state != "DRAFT"
        self.state, self.proposal = "WITHDRAWN", None
