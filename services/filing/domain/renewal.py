"""Validity and renewal where the region sets an end (FIL.VALID_YEARS, SM-01): due, applied for, renewed, expired."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kit.errors import conflict
from kit.rules import RuleSet
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Renewal, State
from services.filing.domain.clocks import timed
from services.filing.domain.facts import (
    FilingExpired,
    FilingRenewalApplied,
    FilingRenewed,
    RenewalDue,
    head,
)
from services.filing.domain.outcome import Outcome, day, moved, stated
from services.filing.domain.pledge import expect_signed
from services.filing.domain.reminders import started_anew

COOLING_OFF = timedelta(days=365)
"""The name of an organization that is no more stays taken for a year (specification §5.8)."""


def validity(start: date, rules: RuleSet) -> dict[str, Any]:
    """End of validity and first day for renewal, counted from a day; none where the rules set no end."""
    years = rules["FIL.VALID_YEARS"]
    if not years:
        return {"valid_to": None, "renew_from": None}
    ends = _years_on(start, years)
    return {
        "valid_to": ends,
        "renew_from": ends - timedelta(days=rules["FIL.RENEW_BEFORE_D"]),
    }


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def fall_due(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """FIL.RENEW_BEFORE_D days before its end a filing is due for renewal; no decision is awaited yet."""
    after, step = moved(
        case, actor, "expire_soon", State.RENEW_DUE, decide_due=None, provisional=False
    )
    fact = RenewalDue(*head(case, actor.role), case.filing_no, _end(case), day(moment))
    return stated(started_anew(after, "RENEWAL"), step, fact)


def apply(case: Case, actor: Actor, moment: Moment, rules: RuleSet, pledge_version: str) -> Outcome:
    """The organization asks for renewal and pledges anew; the clock of the decision starts.

    Raises Refusal: one is pending, the validity is over, the pledge is not signed.
    """
    if case.pending:
        raise conflict("filing.renewal_pending", "换发申请正在办理，请勿重复申请。")
    if case.valid_to is None or moment.today > case.valid_to:
        raise conflict("filing.validity_over", "备案有效期已满，不能再申请换发。")
    expect_signed(pledge_version, moment.today)
    renewal = Renewal(moment.today, rules, actor.account, actor.person_key)
    after, step = moved(
        case, actor, "renew", State.RENEW_DUE, renewal=renewal, pledge_version=pledge_version
    )
    after = timed(started_anew(after, "DECISION"), moment)
    assert after.decide_due is not None
    due = after.decide_due.isoformat()
    fact = FilingRenewalApplied(*head(case, actor.role), case.filing_no, day(moment), due)
    return stated(after, step, fact)


def expect_renewable(case: Case, decision: str) -> None:
    """Refuse whatever is no acceptance of a pending application: the table knows no other end."""
    if case.pending is None:
        raise conflict("filing.no_renewal", "该组织尚未申请换发。")
    if decision != "ACCEPT":
        raise conflict(
            "filing.renewal_not_refusable", "换发不适用不予备案；应当取消备案的，另行办理。"
        )


def renewed(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """Valid on from its former end by the rules of the day the renewal was received; number kept."""
    pending = case.pending
    assert pending is not None
    assert case.valid_to is not None
    after, step = moved(
        case, actor, "decide", State.FILED,
        proposal=None,
        renewal=replace(pending, decided_on=moment.today),
        **validity(case.valid_to, pending.rules),
    )  # fmt: skip
    fact = FilingRenewed(*head(case, actor.role), case.filing_no, day(moment), _end(after))
    return stated(after, step, fact)


def expire(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """The validity has passed and nobody asked for renewal: the filing holds no longer."""
    after, step = moved(case, actor, "end", State.EXPIRED)
    fact = FilingExpired(*head(case, actor.role), case.filing_no, _end(case), day(moment))
    return stated(after, step, fact)


def _end(case: Case) -> str:
    return case.valid_to.isoformat() if case.valid_to else ""
