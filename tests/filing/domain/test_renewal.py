"""Validity and renewal: due before the end, applied for, decided by two persons, expired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kit.errors import Refusal
from services.filing.domain import decision, renewal
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, State
from services.filing.domain.facts import (
    FilingExpired,
    FilingReminded,
    FilingRenewalApplied,
    FilingRenewed,
    RenewalDue,
)
from services.filing.domain.pledge import pledge_on
from services.filing.domain.reminders import timer_on
from services.filing.timers import due_step
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    LEAD,
    MONDAY,
    SYSTEM,
    finish,
    moment,
    proposed,
    rules,
)

OWNER = Actor(APPLICANT.account, "ORG_OWNER", "key-owner")
ENDS = date(2028, 3, 2)
FROM = date(2028, 2, 1)
"""Thirty days before."""
DAY = timedelta(days=1)


def filed(**values: str) -> Case:
    case = proposed(FIL__VALID_YEARS="2", **values)
    return finish(decision.decide(case, LEAD, moment(), True, "")).case


def due(**values: str) -> Case:
    return renewal.fall_due(filed(**values), SYSTEM, moment(FROM)).case


def applied(on: date = FROM, **values: str) -> Case:
    pinned = rules(on=on, **{"FIL__VALID_YEARS": "3"} | values)
    return renewal.apply(due(), OWNER, moment(on), pinned, pledge_on(on).version).case


def accepted(case: Case, on: date) -> Case:
    return decision.propose(case, CLERK, moment(on), "ACCEPT", (), "").case


def code(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.code


def test_a_filing_with_an_end_is_due_before_it_and_one_without_never() -> None:
    case = filed()
    assert (case.valid_to, case.renew_from) == (ENDS, FROM)
    assert timer_on(case, moment()) == FROM
    assert due_step(case, moment(FROM - DAY)) is None
    outcome = due_step(case, moment(FROM))
    assert outcome is not None
    assert (outcome.case.state, type(outcome.fact)) == (State.RENEW_DUE, RenewalDue)
    endless = finish(decision.decide(proposed(), LEAD, moment(), True, "")).case
    assert (endless.valid_to, endless.renew_from, timer_on(endless, moment())) == (None,) * 3
    assert due_step(endless, moment(date(2040, 1, 1))) is None


def test_the_owner_is_reminded_until_the_last_day_and_then_it_expires() -> None:
    case, seen = due(), []
    for number in range(32):
        while outcome := due_step(case, moment(FROM + number * DAY)):
            case = outcome.case
            if isinstance(outcome.fact, FilingReminded):
                seen.append((number, outcome.fact.clock, outcome.fact.level))
    assert seen == [(15, "RENEWAL", 50), (24, "RENEWAL", 80), (30, "RENEWAL", 100)]
    assert case.state is State.EXPIRED
    assert timer_on(case, moment(ENDS + DAY)) is None
    gone = due_step(due(), moment(ENDS + DAY))
    assert gone is not None
    assert isinstance(gone.fact, FilingExpired)
    assert (gone.fact.valid_to, gone.fact.expired_on) == ("2028-03-02", "2028-03-03")
    on_the_last_day = due_step(due(), moment(ENDS))
    assert on_the_last_day is not None
    assert on_the_last_day.case.state is State.RENEW_DUE


def test_a_renewal_is_applied_for_once_in_time_and_with_the_pledge() -> None:
    pinned, signed = rules(on=FROM), pledge_on(FROM).version
    late = moment(ENDS + DAY)
    assert code(renewal.apply, due(), OWNER, late, pinned, signed) == "filing.validity_over"
    now = moment(ENDS)
    assert code(renewal.apply, due(), OWNER, now, pinned, "") == "filing.pledge_not_signed"
    assert code(renewal.apply, applied(), OWNER, now, pinned, signed) == "filing.renewal_pending"
    outcome = renewal.apply(due(), OWNER, now, pinned, signed)
    assert isinstance(outcome.fact, FilingRenewalApplied)
    assert outcome.case.decide_due == date(2028, 3, 16)


def test_a_pending_renewal_does_not_expire_and_its_decision_has_alarms() -> None:
    case, levels = applied(ENDS), []
    for number in range(20):
        while outcome := due_step(case, moment(ENDS + number * DAY)):
            case = outcome.case
            assert isinstance(outcome.fact, FilingReminded)
            assert outcome.fact.renewal
            levels.append((outcome.fact.clock, outcome.fact.level))
    assert case.state is State.RENEW_DUE
    assert levels == [("DECISION", n) for n in (50, 80, 100, 101, 102, 103, 104)]


def test_two_persons_renew_by_the_rules_of_the_day_it_was_received() -> None:
    case, on = accepted(applied(), FROM + DAY), moment(FROM + DAY)
    assert code(decision.decide, case, replace(LEAD, account=CLERK.account), on, True, "") == (
        "filing.same_person"
    )
    outcome = finish(decision.decide(case, LEAD, on, True, ""))
    after = outcome.case
    assert isinstance(outcome.fact, FilingRenewed)
    assert (after.state, after.valid_to) == (State.FILED, date(2031, 3, 2))
    assert after.renew_from == date(2031, 1, 31)
    assert (after.filing_no, after.printed_no) == (case.filing_no, case.printed_no)
    assert after.decided_on == MONDAY
    assert (after.pinned["FIL.VALID_YEARS"], after.pending, after.proposal) == (3, None, None)
    again = renewal.fall_due(after, SYSTEM, moment(date(2031, 1, 31))).case
    third = renewal.apply(
        again, OWNER, moment(date(2031, 2, 3)), rules(on=FROM), pledge_on(FROM).version
    )
    endless = accepted(third.case, date(2031, 2, 4))
    last = finish(decision.decide(endless, LEAD, moment(date(2031, 2, 4)), True, "")).case
    assert (last.valid_to, last.renew_from) == (None, None), "the county dropped the end"


def test_a_renewal_is_accepted_or_sent_back_never_refused() -> None:
    on = FROM + DAY
    assert code(accepted, due(), on) == "filing.no_renewal"
    refuse = (applied(), CLERK, moment(on), "REFUSE", ("FOR_PROFIT",), "理由")
    assert code(decision.propose, *refuse) == "filing.renewal_not_refusable"
    back = finish(decision.decide(accepted(applied(), on), LEAD, moment(on), False, "再核")).case
    assert (back.state, back.proposal, back.pending is not None) == (State.RENEW_DUE, None, True)
    assert code(decision.decide, applied(), LEAD, moment(on), True, "") == "filing.nothing_proposed"


def test_who_applied_for_the_renewal_does_not_handle_it() -> None:
    case, on = applied(), moment(FROM + DAY)
    case = replace(case, renewal=replace(case.renewal, by="new-owner"))  # type: ignore[type-var]
    for actor in (
        replace(CLERK, account="new-owner"),
        replace(CLERK, person_key="key-owner"),
        replace(CLERK, account=APPLICANT.account),
    ):
        assert code(decision.propose, case, actor, on, "ACCEPT", (), "") == "filing.own_case"
    assert decision.propose(case, replace(CLERK, person_key=""), on, "ACCEPT", (), "")


def test_a_leap_day_ends_on_the_last_of_february() -> None:
    pinned = rules(FIL__VALID_YEARS="1")
    assert renewal.validity(date(2028, 2, 29), pinned)["valid_to"] == date(2029, 2, 28)
