"""Objections of the notice: who may raise one, what it blocks, how it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kit.errors import Refusal
from services.filing.domain import decision, draft, objections
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, Finding, State
from services.filing.domain.facts import (
    FilingObjected,
    FilingObjectionAnswered,
    FilingObjectionRaised,
    FilingWithdrawn,
    OrganizationFiled,
)
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    LEAD,
    MONDAY,
    finish,
    in_review,
    marked,
    moment,
)

NEIGHBOR = Actor("account-neighbor", "RESIDENT", "key-neighbor")
ENDS = MONDAY + timedelta(days=7)
AFTER = ENDS + timedelta(days=1)


def noticed() -> Case:
    case = marked(in_review(FIL__NOTICE_DAYS="7"))
    return decision.start_notice(case, CLERK, moment()).case


def objected(ground: str = "FOR_PROFIT", day: date = MONDAY) -> Case:
    return objections.object_to(noticed(), NEIGHBOR, moment(day), "o1", ground, "收费").case


def handled(case: Case, outcome: str, day: date = MONDAY) -> Case:
    return objections.handle(case, CLERK, moment(day), "o1", outcome, "已核实").case


def code(call: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments)  # type: ignore[operator]
    return refused.value.code


def propose(case: Case, day: date, *findings: Finding) -> Case:
    return decision.propose(case, CLERK, moment(day), "ACCEPT", (), "", findings).case


def test_an_objection_is_raised_within_the_notice_only() -> None:
    assert objected(day=ENDS).objections[0].outcome == ""
    late = (noticed(), NEIGHBOR, moment(AFTER), "o1", "FOR_PROFIT", "收费")
    assert code(objections.object_to, *late) == "filing.notice_over"


def test_the_applicant_and_principals_do_not_object() -> None:
    own = (noticed(), APPLICANT, moment(), "o1", "FOR_PROFIT", "收费")
    assert code(objections.object_to, *own) == "filing.own_case_objection"
    principal = (replace(noticed(), person_keys=("key-neighbor",)), NEIGHBOR, *own[2:])
    assert code(objections.object_to, *principal) == "filing.own_case_objection"


def test_one_objection_a_person() -> None:
    again = (objected(), NEIGHBOR, moment(), "o2", "PROHIBITED", "再提")
    assert code(objections.object_to, *again) == "filing.objected_already"


def test_without_a_listed_ground_it_is_recorded_and_blocks_nothing() -> None:
    case = objected("OTHER")
    assert case.objections[0].outcome == "RECORDED"
    assert propose(case, AFTER).proposal


def test_an_open_objection_blocks_the_acceptance() -> None:
    assert code(propose, objected(), AFTER) == "filing.objection_open"
    for outcome in ("UNFOUNDED", "GROUND_REMOVED"):
        assert propose(handled(objected(), outcome), AFTER).proposal


def test_an_objection_is_answered_once_and_not_by_the_objector() -> None:
    case = handled(objected(), "UNFOUNDED")
    assert code(handled, case, "TAKEN_UP") == "filing.objection_answered"
    objector = Actor("account-neighbor", "TOWN_CLERK")
    own = (objected(), objector, moment(), "o1", "UNFOUNDED", "已核实")
    assert code(objections.handle, *own) == "filing.own_objection"
    same_person = replace(objector, account="other", person_key="key-neighbor")
    assert code(objections.handle, own[0], same_person, *own[2:]) == "filing.own_objection"


def test_an_unknown_objection_is_not_found() -> None:
    assert code(handled, noticed(), "UNFOUNDED") == "common.not_found"


def test_taken_up_interrupts_the_notice_and_the_clock_runs_on() -> None:
    on = MONDAY + timedelta(days=2)
    before = objected(day=on)
    outcome = objections.handle(before, CLERK, moment(on), "o1", "TAKEN_UP", "转入审核")
    case = outcome.case
    assert case.state is State.COMPLETENESS
    assert isinstance(outcome.fact, FilingObjected)
    assert (case.notice_left, case.pauses[-1].until) == (5, on)
    assert case.decide_due < before.decide_due  # type: ignore[operator]
    assert code(propose, case, AFTER) == "filing.notice_not_over"
    again = decision.start_notice(case, CLERK, moment(on)).case
    assert (again.notice_ends, again.notice_left) == (on + timedelta(days=5), 0)
    assert again.decide_due == before.decide_due


def test_taken_up_after_the_notice_needs_no_second_one() -> None:
    case = handled(objected(), "TAKEN_UP", AFTER)
    finding = Finding("o1", "UNFOUNDED", "查无此事")
    assert code(propose, case, AFTER) == "filing.objection_unanswered"
    assert code(propose, case, AFTER, finding, finding) == "filing.objection_finding"
    wrong = Finding("o9", "UNFOUNDED", "无")
    assert code(propose, case, AFTER, finding, wrong) == "filing.objection_finding"
    proposed = propose(case, AFTER, finding)
    assert proposed.objections[0].outcome == "TAKEN_UP", "another person still decides"
    filed = finish(decision.decide(proposed, LEAD, moment(AFTER), True, "")).case
    assert filed.state is State.FILED
    assert (filed.objections[0].outcome, filed.objections[0].answer) == ("UNFOUNDED", "查无此事")
    assert code(decision.start_notice, case, CLERK, moment(AFTER)) == "filing.notice_done"


def test_a_proposal_falls_when_an_objection_is_taken_up() -> None:
    case = replace(objected(), proposal=propose(noticed(), AFTER).proposal)
    assert handled(case, "TAKEN_UP", AFTER).proposal is None


def test_raising_and_answering_are_stated_without_text_and_person() -> None:
    raised = objections.object_to(noticed(), NEIGHBOR, moment(), "o1", "FOR_PROFIT", "收费")
    assert isinstance(raised.fact, FilingObjectionRaised)
    assert raised.case.fact_version == noticed().fact_version + 1
    for outcome in ("UNFOUNDED", "GROUND_REMOVED"):
        fact = objections.handle(raised.case, CLERK, moment(), "o1", outcome, "查无").fact
        assert isinstance(fact, FilingObjectionAnswered)
        assert (fact.outcome, fact.objector_account) == (outcome, NEIGHBOR.account)
        assert "查无" not in str(fact)
    assert "收费" not in str(raised.fact)


def test_the_end_of_the_case_names_who_still_waits_for_an_answer() -> None:
    taken = handled(objected(), "TAKEN_UP", AFTER)
    proposed = propose(taken, AFTER, Finding("o1", "UNFOUNDED", "查无此事"))
    filed = finish(decision.decide(proposed, LEAD, moment(AFTER), True, "")).fact
    assert isinstance(filed, OrganizationFiled)
    assert filed.objector_accounts == (NEIGHBOR.account,)
    for case, waiting in (
        (objected(), (NEIGHBOR.account,)),
        (handled(objected(), "UNFOUNDED"), ()),
        (objected("OTHER"), ()),
    ):
        ended = draft.withdraw(case, APPLICANT, moment(), "").fact
        assert isinstance(ended, FilingWithdrawn)
        assert ended.objector_accounts == waiting
