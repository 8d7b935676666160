"""Submission (收件): the rules of the day are pinned, the clocks start."""

from dataclasses import replace

from kit.codes import application_number
from kit.errors import Violation, invalid
from kit.regions import hainan
from kit.rules import RuleSet
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, State
from services.filing.domain.clocks import timed
from services.filing.domain.facts import FilingSubmitted, head
from services.filing.domain.names import Verdict, check_name, verdict
from services.filing.domain.outcome import Numbered, Outcome, day, moved, stated
from services.filing.domain.place import place_of
from services.filing.domain.pledge import expect_signed
from services.filing.domain.requirements import problems
from services.filing.domain.rules import AUTHORITY, authority_of


def submit(
    case: Case, actor: Actor, moment: Moment, rules: RuleSet, pledge_version: str, name_taken: bool
) -> Numbered:
    """The application as received; the application number is printed on it when drawn.

    Raises Refusal: pledge not signed, name blocked, or all violations of the form at once.
    """
    expect_signed(pledge_version, moment.today)
    case = _placed(case, rules, moment)
    broken = missing(case, moment, rules, name_taken)
    if broken:
        raise invalid(
            "filing.incomplete", "申请内容不完整或不符合备案条件，请按提示修改。", *broken
        )
    prefix = f"SB{moment.today:%Y%m%d}{case.place.authority_code[:6]}"
    return Numbered(
        prefix, False, lambda serial: _received(case, actor, moment, rules, pledge_version, serial)
    )


def missing(case: Case, moment: Moment, rules: RuleSet, name_taken: bool) -> tuple[Violation, ...]:
    """What keeps a draft from being received by these rules, but for the pledge."""
    return (*_name(case, name_taken), *problems(case, rules, moment))


def _placed(case: Case, rules: RuleSet, moment: Moment) -> Case:
    """With the authority of the day of receipt: the county may have taken filing upon itself since."""
    community, level = case.place.community_code, rules[AUTHORITY]
    authority = authority_of(community, level, moment.today)
    if authority.code == case.place.authority_code:
        return case
    return replace(case, place=place_of(hainan().get(community), authority))


def _name(case: Case, taken: bool) -> tuple[Violation, ...]:
    if not case.form.name:
        return ()
    findings = check_name(case.form.name, case.place, taken)
    if verdict(findings) is not Verdict.BLOCK:
        return ()
    return tuple(
        Violation("form.name", finding.rule, finding.message)
        for finding in findings
        if finding.verdict is Verdict.BLOCK
    )


def _received(
    case: Case, actor: Actor, moment: Moment, rules: RuleSet, pledge_version: str, serial: int
) -> Outcome:
    number = application_number(moment.today, case.place.authority_code[:6], serial)
    opinion_asked = rules["FIL.VILLAGE_OPINION"] == "required"
    to = State.VILLAGE_REVIEW if opinion_asked else State.COMPLETENESS
    opinion_due = (
        moment.calendar.add_working_days(moment.today, rules["FIL.VILLAGE_OPINION_WD"]).on
        if opinion_asked
        else None
    )
    after, step = moved(
        case, actor, "submit", to,
        application_no=number,
        received_on=moment.today,
        rules=rules,
        pledge_version=pledge_version,
        size_class=_size(case, rules),
        member_mix=_mix(case),
        opinion_due=opinion_due,
        review_from=None if opinion_asked else moment.today,
    )  # fmt: skip
    after = timed(after, moment)
    assert after.decide_due is not None
    fact = FilingSubmitted(
        *head(case, actor.role),
        application_no=number,
        received_on=day(moment),
        decide_due=after.decide_due.isoformat(),
        opinion_asked=opinion_asked,
        opinion_due=opinion_due.isoformat() if opinion_due else "",
    )
    return stated(after, step, fact)


def _size(case: Case, rules: RuleSet) -> str:
    members = len(case.persons.members)
    if members <= rules["FIL.SIZE_CLASS.SMALL_MAX"]:
        return "SMALL"
    return "MEDIUM" if members <= rules["FIL.SIZE_CLASS.MEDIUM_MAX"] else "LARGE"


def _mix(case: Case) -> str:
    units = sum(member.is_unit for member in case.persons.members)
    if units == 0:
        return "RESIDENTS"
    return "UNITS" if units == len(case.persons.members) else "MIXED"
