"""Public notice, proposal and decision by two persons (T11.2)."""

from collections.abc import Sequence
from dataclasses import replace

from kit.codes import filing_number, nine_digits, printed_number
from kit.errors import conflict, invalid
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Finding, Proposal, State
from services.filing.domain.clocks import notice_held, paused, timed
from services.filing.domain.facts import FilingNoticeStarted, FilingRefused, OrganizationFiled, head
from services.filing.domain.objections import expect_settled, objectors, settled
from services.filing.domain.outcome import Numbered, Outcome, day, independent, moved, stated
from services.filing.domain.reminders import started_anew
from services.filing.domain.renewal import expect_renewable, renewed, validity
from services.filing.domain.requirements import complete

ACCEPT, REFUSE = "ACCEPT", "REFUSE"


def start_notice(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """Public notice of FIL.NOTICE_DAYS, or what is left of one that was interrupted.

    The decision clock stands still meanwhile.
    """
    independent(case, actor)
    _expect_complete(case)
    ends = moment.calendar.add_days(moment.today, _notice_days(case)).on
    after, step = moved(
        case, actor, "start_notice", State.NOTICE_PERIOD, notice_ends=ends, notice_left=0
    )
    after = timed(paused(started_anew(after, "NOTICE"), moment.today, ends), moment)
    return stated(after, step, FilingNoticeStarted(*head(case, actor.role), ends.isoformat()))


def _notice_days(case: Case) -> int:
    days: int = case.pinned["FIL.NOTICE_DAYS"]
    if days == 0:
        raise conflict("filing.no_notice_here", "本地备案不需要公示。")
    if case.notice_ends is None:
        return days
    if not case.notice_left:
        raise conflict("filing.notice_done", "本事项已经公示。")
    return case.notice_left


def _expect_complete(case: Case) -> None:
    if not complete(case):
        raise conflict("filing.not_complete", "材料尚未全部标注为齐全，不能继续办理。")


def propose(
    case: Case,
    actor: Actor,
    moment: Moment,
    decision: str,
    grounds: tuple[str, ...],
    reason: str,
    findings: tuple[Finding, ...] = (),
) -> Outcome:
    """What the clerk proposes: acceptance of a complete case, or refusal on a listed ground.

    An acceptance says what is found on every objection that was taken up. Of a renewal that is
    pending, acceptance only.
    """
    independent(case, actor)
    if case.state is State.RENEW_DUE:
        expect_renewable(case, decision)
        grounds, findings = (), ()
    elif decision == ACCEPT:
        _expect_acceptable(case, moment, findings)
        grounds = ()
    else:
        _expect_grounds(case, grounds, reason)
        findings = ()
    proposal = Proposal(
        decision, grounds, reason, actor.account, actor.person_key, findings,
        by_chair=tuple(sorted(actor.chair)),
    )  # fmt: skip
    return Outcome(
        *moved(case, actor, "propose_decision", case.state, reason=reason, proposal=proposal)
    )


def _expect_acceptable(case: Case, moment: Moment, findings: Sequence[Finding]) -> None:
    _expect_complete(case)
    if case.pinned["FIL.NOTICE_DAYS"] and not notice_held(case, moment.today):
        raise conflict("filing.notice_not_over", "公示期未满，不能准予备案。")
    expect_settled(case, findings)


def _expect_grounds(case: Case, grounds: tuple[str, ...], reason: str) -> None:
    if not grounds or not set(grounds) <= set(case.pinned["FIL.REFUSAL_GROUNDS"]):
        raise invalid("filing.refusal_ground", "不予备案应当有本地规则列明的理由。")
    if not reason.strip():
        raise invalid("filing.refusal_reason", "不予备案应当写明理由说明。")


def decide(case: Case, actor: Actor, moment: Moment, agree: bool, note: str) -> Outcome | Numbered:
    """The decision of another person on the proposal; not agreeing sends it back to the clerk.

    An acceptance needs the next number of the authority and year, drawn gap-free; a renewal keeps
    its number.
    """
    independent(case, actor)
    proposal = _proposed_by_another(case, actor)
    if not agree:
        return _sent_back(case, actor, note)
    if case.state is State.RENEW_DUE:
        return renewed(case, actor, moment)
    if proposal.decision == REFUSE:
        return _refused(case, actor, moment, proposal)
    _expect_acceptable(case, moment, proposal.findings)
    counter = f"{nine_digits(case.place.authority_code)}:{moment.today.year}"
    return Numbered(counter, True, lambda serial: _filed(case, actor, moment, proposal, serial))


def _proposed_by_another(case: Case, actor: Actor) -> Proposal:
    proposal = case.proposal
    if proposal is None:
        raise conflict("filing.nothing_proposed", "经办人尚未提出拟办意见。")
    if actor.chair & proposal.chair:
        raise conflict("filing.same_person", "提出拟办意见的人不能作出决定，须由另一人审核。")
    return proposal


def _sent_back(case: Case, actor: Actor, note: str) -> Outcome:
    if not note.strip():
        raise invalid("filing.note_missing", "退回经办时请写明意见。")
    return Outcome(*moved(case, actor, "send_back", case.state, reason=note, proposal=None))


def _refused(case: Case, actor: Actor, moment: Moment, proposal: Proposal) -> Outcome:
    after, step = moved(
        case, actor, "decide", State.REFUSED,
        reason=proposal.reason,
        decision=REFUSE,
        refusal_grounds=proposal.grounds,
        proposal=None,
        decided_on=moment.today,
    )  # fmt: skip
    after = replace(after, reason=proposal.reason)
    fact = FilingRefused(*head(case, actor.role), proposal.grounds, day(moment), objectors(case))
    return stated(after, step, fact)


def _filed(case: Case, actor: Actor, moment: Moment, proposal: Proposal, serial: int) -> Outcome:
    year, authority = moment.today.year, case.place.authority_code
    after, step = moved(
        case, actor, "decide", State.FILED,
        decision=ACCEPT,
        proposal=None,
        objections=settled(case, proposal.findings, moment),
        decided_on=moment.today,
        filing_no=filing_number(nine_digits(authority), year, serial),
        printed_no=printed_number(case.place.authority_word, year, serial),
        **validity(moment.today, case.pinned),
    )  # fmt: skip
    return stated(after, step, _filed_fact(case, after, actor, moment))


def _filed_fact(case: Case, after: Case, actor: Actor, moment: Moment) -> OrganizationFiled:
    return OrganizationFiled(
        *head(case, actor.role),
        filing_no=after.filing_no,
        printed_no=after.printed_no,
        organization_class=case.form.organization_class,
        category=case.form.category,
        filed_on=day(moment),
        valid_to=after.valid_to.isoformat() if after.valid_to else "",
        community_name=case.place.community_name,
        authority_name=case.place.authority_name,
        size_class=case.size_class,
        member_mix=case.member_mix,
        field_codes=case.form.field_codes,
        target_groups=case.form.target_groups,
        objector_accounts=objectors(case),
    )
