"""Village opinion, completeness review, the one correction (T11.4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kit.errors import conflict, invalid
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Material, State
from services.filing.domain.clocks import paused, resumed, return_due, timed
from services.filing.domain.facts import (
    FilingLapsed,
    FilingOpinionRecorded,
    FilingResubmitted,
    FilingReturned,
    head,
)
from services.filing.domain.objections import objectors
from services.filing.domain.outcome import Outcome, day, independent, moved, stated
from services.filing.domain.reminders import started_anew
from services.filing.domain.requirements import OPEN, TITLES, mandatory, open_items


def give_opinion(case: Case, actor: Actor, moment: Moment, opinion: str, text: str) -> Outcome:
    """The opinion of the committees, recorded and never a veto; a disagreement states its reason."""
    independent(case, actor)
    if opinion == "DISAGREE" and not text.strip():
        raise invalid("filing.opinion_without_reason", "不同意的，请写明理由。")
    return _opinion(case, actor, moment, "give_village_opinion", opinion, text)


def opinion_silent(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """Silence after FIL.VILLAGE_OPINION_WD passes the case on as 未反馈."""
    return _opinion(case, actor, moment, "village_silent", "NO_REPLY", "")


def _opinion(
    case: Case, actor: Actor, moment: Moment, action: str, opinion: str, text: str
) -> Outcome:
    after, step = moved(
        case, actor, action, State.COMPLETENESS,
        reason=text,
        village_opinion=opinion,
        village_opinion_text=text,
        review_from=moment.today,
    )  # fmt: skip
    assert after.decide_due is not None
    due = after.decide_due.isoformat()
    fact = FilingOpinionRecorded(*head(case, actor.role), opinion, day(moment), due)
    return stated(after, step, fact)


def mark(case: Case, actor: Actor, findings: Sequence[tuple[str, str, str]]) -> Outcome:
    """Findings (material code, completeness, note) of the review; nothing else may be judged."""
    independent(case, actor)
    asked = set(mandatory(case)) | {item.code for item in case.materials}
    unknown = [code for code, _, _ in findings if code not in asked]
    if unknown:
        raise invalid("filing.material_not_on_file", f"本事项没有该材料：{TITLES[unknown[0]]}。")
    materials = {item.code: item for item in case.materials}
    for code, completeness, note in findings:
        on_file = materials.get(code, Material(code))
        materials[code] = replace(on_file, completeness=completeness, note=note)
    ordered = tuple(materials[code] for code in sorted(materials))
    return Outcome(*moved(case, actor, "mark_completeness", State.COMPLETENESS, materials=ordered))


def return_once(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """The one notice that names every open item, offered within FIL.CORRECT_WD of the review.

    A later return may only reopen the same notice for items still unreadable, with its remaining days.
    """
    independent(case, actor)
    items = open_items(case)
    if not items:
        raise conflict("filing.nothing_to_correct", "材料齐全，无需补正。")
    due = moment.today + (_reopened(case, items) if case.correction_items else _first(case, moment))
    after, step = moved(
        case, actor, "return_for_correction", State.CORRECTION,
        correction_items=items,
        correction_due=due,
        proposal=None,
    )  # fmt: skip
    after = timed(paused(started_anew(after, "CORRECTION"), moment.today), moment)
    missing = tuple(TITLES[code] for code in items)
    fact = FilingReturned(*head(case, actor.role), missing=missing, correction_due=due.isoformat())
    return stated(after, step, fact)


def _first(case: Case, moment: Moment) -> timedelta:
    if moment.today > return_due(case, moment):
        raise conflict("filing.correction_too_late", "已超过一次性告知补正的时限，不能再要求补正。")
    return timedelta(days=case.pinned["FIL.LAPSE_DAYS"])


def _reopened(case: Case, items: Sequence[str]) -> timedelta:
    if not set(items) <= set(case.correction_items):
        raise conflict("filing.correction_once", "补正只能一次性告知，不得提出新的补正事项。")
    return timedelta(days=case.correction_left)


def resubmit(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """The applicant hands the case back in time, every item of the notice supplied."""
    assert case.correction_due is not None
    left = (case.correction_due - moment.today).days
    if left < 0:
        raise conflict("filing.correction_over", "补正期限已过，本事项视为撤回。")
    unsupplied = [code for code in case.correction_items if _unsupplied(case, code)]
    if unsupplied:
        names = "、".join(TITLES[code] for code in unsupplied)
        raise conflict("filing.correction_incomplete", f"以下材料尚未补交：{names}。")
    after, step = moved(case, actor, "resubmit", State.COMPLETENESS, correction_left=left)
    after = timed(resumed(after, moment.today), moment)
    return stated(after, step, FilingResubmitted(*head(case, actor.role), day(moment)))


def _unsupplied(case: Case, code: str) -> bool:
    item = case.material(code)
    return item is None or item.completeness in OPEN


def lapse(case: Case, actor: Actor, moment: Moment) -> Outcome:
    """A correction not answered within FIL.LAPSE_DAYS counts as withdrawn."""
    after, step = moved(case, actor, "expire", State.LAPSED, decided_on=moment.today)
    fact = FilingLapsed(*head(case, actor.role), day(moment), objectors(case))
    return stated(after, step, fact)
