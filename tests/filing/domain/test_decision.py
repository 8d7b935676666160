"""Notice, proposal, decision by two persons, numbers."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from kit.codes import filing_problem
from kit.errors import Refusal
from kit.facts import message_class
from services.filing.domain import decision, draft, facts
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, State
from services.filing.domain.facts import FilingRefused, FilingWithdrawn, Head, OrganizationFiled
from services.filing.domain.outcome import Numbered
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    LEAD,
    MONDAY,
    drafted,
    finish,
    in_review,
    marked,
    moment,
    proposed,
    submitted,
)


def refused_code(call: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments)  # type: ignore[operator]
    return refused.value.code


def decide(case: Case, who: Actor = LEAD, day: date = MONDAY, agree: bool = True) -> object:
    return decision.decide(case, who, moment(day), agree, "")


def test_an_acceptance_draws_a_number_and_files_the_organization() -> None:
    result = decide(proposed())
    assert isinstance(result, Numbered)
    assert result.gap_free
    assert result.counter == "460106004:2026"
    outcome = result.finish(1)
    assert outcome.case.state is State.FILED
    assert outcome.case.printed_no == "大同社备〔2026〕1号"
    assert outcome.case.filing_no == "SQBA4601060042026000017"
    assert filing_problem(outcome.case.filing_no) is None
    assert isinstance(outcome.fact, OrganizationFiled)
    assert outcome.fact.fact_version == 3


def test_two_persons_decide() -> None:
    assert refused_code(decide, proposed(), CLERK) == "filing.same_person"
    second_account = Actor("account-other", "TOWN_LEAD", CLERK.person_key)
    assert refused_code(decide, proposed(), second_account) == "filing.same_person"
    principal = replace(proposed(), person_keys=("key-lead",))
    assert refused_code(decide, principal) == "filing.own_case"
    assert (
        refused_code(decide, proposed(), replace(LEAD, account=APPLICANT.account))
        == "filing.own_case"
    )


def test_delegator_and_delegate_are_one_chair() -> None:
    """Neither proposes and decides by the hand of the other, nor by two hands."""
    stand_in = Actor("account-stand-in", "TOWN_LEAD", "key-stand-in")
    for_clerk = replace(stand_in, delegator=CLERK.account, delegator_key=CLERK.person_key)
    assert refused_code(decide, proposed(), for_clerk) == "filing.same_person"
    other_account = replace(for_clerk, delegator="account-2")
    assert refused_code(decide, proposed(), other_account) == "filing.same_person"
    by_stand_in = replace(for_clerk, role="TOWN_CLERK", delegator=LEAD.account, delegator_key="")
    case = decision.propose(marked(in_review()), by_stand_in, moment(), "ACCEPT", (), "").case
    assert refused_code(decide, case, LEAD) == "filing.same_person"
    second = Actor("account-third", "TOWN_LEAD", delegator=LEAD.account)
    assert refused_code(decide, case, second) == "filing.same_person"
    assert isinstance(decide(case, replace(LEAD, account="another", person_key="")), Numbered)


def test_nobody_acts_in_the_stead_of_the_applicant() -> None:
    for_applicant = replace(LEAD, delegator=APPLICANT.account)
    assert refused_code(decide, proposed(), for_applicant) == "filing.own_case"
    principal = replace(proposed(), person_keys=("key-lead-2",))
    assert (
        refused_code(decide, principal, replace(LEAD, delegator="a", delegator_key="key-lead-2"))
        == "filing.own_case"
    )


def test_nothing_is_decided_without_a_proposal() -> None:
    assert refused_code(decide, marked(in_review())) == "filing.nothing_proposed"


def test_an_incomplete_case_cannot_be_accepted() -> None:
    case = marked(in_review(), B05="ABSENT")
    code = refused_code(decision.propose, case, CLERK, moment(), "ACCEPT", (), "")
    assert code == "filing.not_complete"


def test_sending_back_needs_a_note_and_clears_the_proposal() -> None:
    assert refused_code(decide, proposed(), LEAD, MONDAY, False) == "filing.note_missing"
    outcome = finish(decision.decide(proposed(), LEAD, moment(), False, "请核对名册"))
    assert outcome.case.proposal is None
    assert outcome.case.state is State.COMPLETENESS


def test_refusal_needs_a_listed_ground_and_a_reason() -> None:
    case = in_review(FIL__REFUSAL_GROUNDS="FOR_PROFIT")
    propose = decision.propose
    assert (
        refused_code(propose, case, CLERK, moment(), "REFUSE", (), "x") == "filing.refusal_ground"
    )
    other = ("PROHIBITED",)
    assert (
        refused_code(propose, case, CLERK, moment(), "REFUSE", other, "x")
        == "filing.refusal_ground"
    )
    ground = ("FOR_PROFIT",)
    assert (
        refused_code(propose, case, CLERK, moment(), "REFUSE", ground, " ")
        == "filing.refusal_reason"
    )
    refusal = propose(case, CLERK, moment(), "REFUSE", ground, "收费培训").case
    outcome = finish(decision.decide(refusal, LEAD, moment(), True, ""))
    assert outcome.case.state is State.REFUSED
    assert isinstance(outcome.fact, FilingRefused)
    assert outcome.fact.grounds == ground


def test_a_notice_period_must_end_before_acceptance() -> None:
    case = marked(in_review(FIL__NOTICE_DAYS="7"))
    assert (
        refused_code(decision.propose, case, CLERK, moment(), "ACCEPT", (), "")
        == "filing.notice_not_over"
    )
    noticed = decision.start_notice(case, CLERK, moment()).case
    ends = MONDAY + timedelta(days=7)
    assert (noticed.state, noticed.notice_ends) == (State.NOTICE_PERIOD, ends)
    last = refused_code(decision.propose, noticed, CLERK, moment(ends), "ACCEPT", (), "")
    assert last == "filing.notice_not_over"
    after = moment(ends + timedelta(days=1))
    assert decision.propose(noticed, CLERK, after, "ACCEPT", (), "").case.proposal is not None
    assert noticed.decide_due == date(2026, 3, 23), "the notice's five working days do not count"


def test_no_notice_where_the_county_asks_for_none() -> None:
    code = refused_code(decision.start_notice, marked(in_review()), CLERK, moment())
    assert code == "filing.no_notice_here"


def test_validity_ends_on_the_same_day_of_a_later_year() -> None:
    outcome = finish(decision.decide(proposed(FIL__VALID_YEARS="3"), LEAD, moment(), True, ""))
    assert outcome.case.valid_to == date(2029, 3, 2)


def test_withdrawal_is_a_fact_only_after_submission() -> None:
    silent = draft.withdraw(drafted(), APPLICANT, moment(), "")
    assert (silent.case.state, silent.fact) == (State.WITHDRAWN, None)
    stated = draft.withdraw(submitted(), APPLICANT, moment(), "改由他人申请")
    assert isinstance(stated.fact, FilingWithdrawn)


def test_facts_have_the_fields_of_their_messages() -> None:
    kinds = [k for k in vars(facts).values() if isinstance(k, type) and issubclass(k, Head)]
    for kind in kinds:
        if kind is not Head:
            message = message_class("minzheng.filing.v1", kind.__name__)
            assert [f.name for f in fields(kind)] == [f.local_name for f in message.desc().fields]
