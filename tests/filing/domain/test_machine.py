"""SM-01 as a state machine: any order of steps by anybody keeps what must always hold."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit.errors import Refusal
from services.filing.domain import decision, draft, objections, reminders, review
from services.filing.domain.case import ENDED, Actor, Case, Finding, Material, State
from services.filing.domain.outcome import Numbered, Outcome
from services.filing.domain.requirements import mandatory
from tests.filing.builders import APPLICANT, MONDAY, SYSTEM, drafted, finish, moment, submitted

PERSONS = strategies.sampled_from(
    [APPLICANT, *(Actor(f"account-{n}", "STAFF", f"key-{n % 3}") for n in range(6))]
)
FINDINGS = strategies.sampled_from(["PRESENT", "PRESENT", "PRESENT", "ABSENT", "UNREADABLE"])
NOTICE = {"FIL__NOTICE_DAYS": "7"}


class Filing(RuleBasedStateMachine):
    """One case, steps by anybody on ever later days; a refused step must change nothing."""

    notice: dict[str, str] = {}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.day = MONDAY
        self.case: Case = submitted(drafted(), self.day, **self.notice)
        self.stated = 1
        self.proposer: Actor | None = None
        self.decider: Actor | None = None
        self.returned: set[str] = set()
        self.objectors = 0
        self.was_ended = False

    def step(self, act: Callable[[], Outcome | Numbered]) -> Outcome | None:
        """Apply a rule; its refusal leaves the case as it was."""
        try:
            outcome = finish(act(), 1)
        except Refusal:
            return None
        assert self.case.state not in ENDED, "no way from ended to living"
        assert outcome.case.version == self.case.version + 1
        if outcome.fact is not None:
            self.stated += 1
            assert outcome.fact.fact_version == self.stated
        self.case = outcome.case
        return outcome

    def alive(self) -> bool:
        return self.case.state not in ENDED

    @rule(days=strategies.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)
        if (
            self.case.state is State.VILLAGE_REVIEW
            and self.case.opinion_due
            and self.day > self.case.opinion_due
        ):
            self.step(lambda: review.opinion_silent(self.case, SYSTEM, moment(self.day)))
        if (
            self.case.state is State.CORRECTION
            and self.case.correction_due
            and self.day > self.case.correction_due
        ):
            self.step(lambda: review.lapse(self.case, SYSTEM, moment(self.day)))

        before = dict(self.case.reminded)
        self.step_if_due()
        for clock, level in self.case.reminded:
            assert level >= before.get(clock, 0) or clock == "CORRECTION"

    def step_if_due(self) -> None:
        """The platform's own look: nothing is left to remind of afterwards."""
        while (outcome := reminders.remind(self.case, SYSTEM, moment(self.day))) is not None:
            assert self.alive(), "an ended case rests"
            self.step(lambda: outcome)
        on = reminders.timer_on(self.case, moment(self.day))
        assert on is None or on > self.day

    @precondition(lambda self: self.case.state is State.NOTICE_PERIOD)
    @rule(ground=strategies.sampled_from(["FOR_PROFIT", "PROHIBITED", "OTHER"]))
    def resident_objects(self, ground: str) -> None:
        who = Actor(f"neighbor-{self.objectors}", "RESIDENT", f"neighbor-key-{self.objectors}")
        self.objectors += 1
        self.step(
            lambda: objections.object_to(
                self.case, who, moment(self.day), who.account, ground, "理由"
            )
        )

    @precondition(lambda self: self.case.state is State.NOTICE_PERIOD)
    @rule(who=PERSONS, what=strategies.sampled_from(["TAKEN_UP", "UNFOUNDED", "GROUND_REMOVED"]))
    def objection_handled(self, who: Actor, what: str) -> None:
        for item in objections.waiting(self.case)[:1]:
            self.step(
                lambda item=item: objections.handle(  # type: ignore[misc]
                    self.case, who, moment(self.day), item.objection_id, what, "答复"
                )
            )

    @precondition(lambda self: self.case.state is State.VILLAGE_REVIEW)
    @rule(who=PERSONS, opinion=strategies.sampled_from(["AGREE", "DISAGREE"]))
    def opinion(self, who: Actor, opinion: str) -> None:
        self.step(lambda: review.give_opinion(self.case, who, moment(self.day), opinion, "理由"))

    @precondition(lambda self: self.case.state is State.COMPLETENESS)
    @rule(who=PERSONS, found=strategies.data())
    def mark(self, who: Actor, found: strategies.DataObject) -> None:
        findings = [(code, found.draw(FINDINGS), "") for code in mandatory(self.case)]
        self.step(lambda: review.mark(self.case, who, findings))

    @precondition(lambda self: self.case.state is State.COMPLETENESS)
    @rule(who=PERSONS)
    def mark_complete(self, who: Actor) -> None:
        findings = [(code, "PRESENT", "") for code in mandatory(self.case)]
        self.step(lambda: review.mark(self.case, who, findings))

    @precondition(lambda self: self.case.state is State.COMPLETENESS)
    @rule(who=PERSONS)
    def send_for_correction(self, who: Actor) -> None:
        outcome = self.step(lambda: review.return_once(self.case, who, moment(self.day)))
        if outcome is not None:
            asked = set(outcome.case.correction_items)
            assert not self.returned or asked <= self.returned, "never a new item"
            self.returned = self.returned or asked

    @precondition(lambda self: self.case.state is State.CORRECTION)
    @rule(all_of_it=strategies.booleans())
    def answer_correction(self, all_of_it: bool) -> None:
        for code in self.case.correction_items[: None if all_of_it else 1]:
            self.step(
                lambda code=code: draft.attach(self.case, APPLICANT, Material(code, "new", "11"))
            )  # type: ignore[misc]
        self.step(lambda: review.resubmit(self.case, APPLICANT, moment(self.day)))

    @precondition(lambda self: self.case.state is State.COMPLETENESS)
    @rule(who=PERSONS)
    def notice_starts(self, who: Actor) -> None:
        self.step(lambda: decision.start_notice(self.case, who, moment(self.day)))

    @precondition(lambda self: self.case.state in (State.COMPLETENESS, State.NOTICE_PERIOD))
    @rule(who=PERSONS, what=strategies.sampled_from(["ACCEPT", "ACCEPT", "REFUSE"]))
    def propose(self, who: Actor, what: str) -> None:
        grounds = ("FOR_PROFIT",) if what == "REFUSE" else ()
        findings = tuple(
            Finding(item.objection_id, "UNFOUNDED", "查无此事")
            for item in self.case.objections
            if item.outcome == "TAKEN_UP"
        )
        done = self.step(
            lambda: decision.propose(
                self.case, who, moment(self.day), what, grounds, "理由", findings
            )
        )
        self.proposer = who if done else self.proposer

    @precondition(lambda self: self.case.state in (State.COMPLETENESS, State.NOTICE_PERIOD))
    @rule(who=PERSONS, agree=strategies.sampled_from([True, True, False]))
    def decide(self, who: Actor, agree: bool) -> None:
        done = self.step(lambda: decision.decide(self.case, who, moment(self.day), agree, "意见"))
        self.decider = who if done and self.case.state in ENDED else self.decider

    @precondition(alive)
    @rule(really=strategies.sampled_from([False, False, False, True]))
    def withdraw(self, really: bool) -> None:
        if really:
            self.step(lambda: draft.withdraw(self.case, APPLICANT, moment(self.day), ""))

    @invariant()
    def two_persons_decided(self) -> None:
        if self.decider is not None:
            assert self.proposer is not None
            assert self.decider.account != self.proposer.account
            assert self.decider.person_key != self.proposer.person_key
            assert APPLICANT.account not in (self.decider.account, self.proposer.account)

    @invariant()
    def the_clock_stands_still_during_correction(self) -> None:
        if self.alive():
            running = [pause for pause in self.case.pauses if pause.until is None]
            assert len(running) == (self.case.state is State.CORRECTION)

    @invariant()
    def a_filed_case_is_numbered_and_complete(self) -> None:
        filed = self.case.state is State.FILED
        assert bool(self.case.filing_no) == bool(self.case.printed_no) == filed
        if filed:
            assert review.complete(self.case)
            assert not self.case.pinned["FIL.NOTICE_DAYS"] or self.case.notice_ends is not None
            assert not self.case.notice_left, "the whole notice was held"
            answered = {"UNFOUNDED", "GROUND_REMOVED", "RECORDED"}
            assert {item.outcome for item in self.case.objections} <= answered

    @invariant()
    def facts_are_counted_without_holes(self) -> None:
        assert self.case.fact_version == self.stated


class WithNotice(Filing):
    """The same where the county asks for a public notice."""

    notice = NOTICE


@pytest.mark.parametrize("machine", [Filing, WithNotice])
def test_any_order_of_steps(machine: type[Filing]) -> None:
    case = machine.TestCase()
    case.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
    case.runTest()
