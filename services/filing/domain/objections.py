"""Objections of the public notice: raised by residents, answered by the authority (SM-01, T12.3).

One that names a listed ground keeps the case from being accepted until it is found unfounded or
its ground is gone; anything else is recorded and blocks nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from kit.errors import conflict, invalid, not_found
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Finding, Objection, State
from services.filing.domain.clocks import notice_interrupted, timed
from services.filing.domain.facts import (
    FilingObjected,
    FilingObjectionAnswered,
    FilingObjectionRaised,
    head,
)
from services.filing.domain.outcome import Outcome, day, independent, moved, stated

TAKEN_UP, RECORDED, OTHER = "TAKEN_UP", "RECORDED", "OTHER"


def object_to(
    case: Case, actor: Actor, moment: Moment, objection_id: str, ground: str, text: str
) -> Outcome:
    """An objection raised within the notice; one per person."""
    if case.concerns(actor.chair):
        raise conflict("filing.own_case_objection", "申请人和负责人不能对本事项提出异议。")
    if case.notice_ends is None or moment.today > case.notice_ends:
        raise conflict("filing.notice_over", "公示期已满，不能再提出异议。")
    if any(item.by == actor.account for item in case.objections):
        raise conflict("filing.objected_already", "您已对本事项提出过异议。")
    raised = Objection(
        objection_id, ground, text, moment.today, actor.account, actor.person_key,
        outcome=RECORDED if ground == OTHER else "",
    )  # fmt: skip
    after, step = moved(case, actor, "object", case.state, objections=(*case.objections, raised))
    return stated(after, step, FilingObjectionRaised(*head(case, actor.role), ground, day(moment)))


def handle(
    case: Case, actor: Actor, moment: Moment, objection_id: str, outcome: str, answer: str
) -> Outcome:
    """Answer an objection, or take it up: the notice is interrupted and the review goes on."""
    independent(case, actor)
    objection = found(case, objection_id)
    if actor.chair & {objection.by, objection.by_person}:
        raise conflict("filing.own_objection", "提出异议的人不能处理该异议。")
    if objection.outcome:
        raise conflict("filing.objection_answered", "该异议已经处理。")
    answered = replace(objection, outcome=outcome, answer=answer, answered_on=moment.today)
    if outcome != TAKEN_UP:
        return _answered(case, actor, moment, answered)
    return _taken_up(case, actor, moment, answered)


def _answered(case: Case, actor: Actor, moment: Moment, objection: Objection) -> Outcome:
    after, step = moved(
        case, actor, "handle_objection", case.state,
        reason=objection.answer,
        objections=_with(case, objection),
    )  # fmt: skip
    fact = FilingObjectionAnswered(
        *head(case, actor.role), objection.outcome, day(moment), objection.by
    )
    return stated(after, step, fact)


def _taken_up(case: Case, actor: Actor, moment: Moment, objection: Objection) -> Outcome:
    after, step = moved(
        case, actor, "handle_objection", State.COMPLETENESS,
        reason=objection.answer,
        objections=_with(case, objection),
        proposal=None,
    )  # fmt: skip
    after = timed(notice_interrupted(after, moment.today), moment)
    fact = FilingObjected(*head(case, actor.role), objection.ground, day(moment), objection.by)
    return stated(after, step, fact)


def found(case: Case, objection_id: str) -> Objection:
    """The objection of that id; Refusal NOT_FOUND when the case has none."""
    for item in case.objections:
        if item.objection_id == objection_id:
            return item
    raise not_found()


def _with(case: Case, changed: Objection) -> tuple[Objection, ...]:
    return tuple(
        changed if item.objection_id == changed.objection_id else item for item in case.objections
    )


def waiting(case: Case) -> tuple[Objection, ...]:
    """Objections nobody has answered yet."""
    return tuple(item for item in case.objections if not item.outcome)


def objectors(case: Case) -> tuple[str, ...]:
    """Accounts that still wait for what becomes of their objections: the end of the case answers them."""
    return tuple(item.by for item in case.objections if item.outcome in ("", TAKEN_UP))


def expect_settled(case: Case, findings: Sequence[Finding]) -> None:
    """Refuse an acceptance while an objection with a ground stands without a finding."""
    if waiting(case):
        raise conflict("filing.objection_open", "尚有未处理的异议，不能准予备案。")
    taken_up = {item.objection_id for item in case.objections if item.outcome == TAKEN_UP}
    named = [finding.objection_id for finding in findings]
    if not set(named) <= taken_up or len(set(named)) != len(named):
        raise invalid(
            "filing.objection_finding", "异议处理意见只能针对已转入审核的异议，每项一条。"
        )
    if taken_up - set(named):
        raise conflict("filing.objection_unanswered", "对转入审核的每项异议都应当写明处理意见。")


def settled(case: Case, findings: Sequence[Finding], moment: Moment) -> tuple[Objection, ...]:
    """The objections with the findings of the decision."""
    by_id = {finding.objection_id: finding for finding in findings}
    return tuple(
        replace(item, outcome=by_id[item.objection_id].outcome,
                answer=by_id[item.objection_id].answer, answered_on=moment.today)
        if item.objection_id in by_id
        else item
        for item in case.objections
    )  # fmt: skip
