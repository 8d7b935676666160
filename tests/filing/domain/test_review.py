"""Opinion, completeness, correction: who, once, and what the clocks do."""

from datetime import date, timedelta

import pytest

from kit.errors import Refusal
from services.filing.domain import decision, draft, objections, review
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, Material, State
from services.filing.domain.facts import FilingLapsed, FilingReturned
from services.filing.domain.outcome import Outcome
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    MONDAY,
    SYSTEM,
    VILLAGE,
    in_review,
    marked,
    moment,
    submitted,
)


def returned(case: Case, day: date = MONDAY) -> Outcome:
    return review.return_once(marked(case, B05="UNREADABLE", B04="ABSENT"), CLERK, moment(day))


def supplied(case: Case) -> Case:
    for code in case.correction_items:
        case = draft.attach(case, APPLICANT, Material(code, f"new-{code}", "11")).case
    return case


def refused_code(call: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_an_opinion_never_blocks() -> None:
    case = review.give_opinion(submitted(), VILLAGE, moment(), "DISAGREE", "场地不足").case
    assert (case.state, case.village_opinion) == (State.COMPLETENESS, "DISAGREE")
    code = refused_code(review.give_opinion, submitted(), VILLAGE, moment(), "DISAGREE", " ")
    assert code == "filing.opinion_without_reason"


def test_silence_passes_on() -> None:
    case = review.opinion_silent(submitted(), SYSTEM, moment(date(2026, 3, 6))).case
    assert (case.state, case.village_opinion) == (State.COMPLETENESS, "NO_REPLY")
    assert case.review_from == date(2026, 3, 6)


def test_the_applicant_cannot_handle_the_own_case() -> None:
    assert refused_code(review.mark, in_review(), APPLICANT, []) == "filing.own_case"


def test_a_correction_names_everything_and_stops_the_clock() -> None:
    outcome = returned(in_review())
    assert isinstance(outcome.fact, FilingReturned)
    assert outcome.fact.missing == ("成员名册/从业人员名册", "活动场所使用证明")
    assert outcome.case.correction_due == MONDAY + timedelta(days=30)
    later = moment(MONDAY + timedelta(days=9))
    back = review.resubmit(supplied(outcome.case), APPLICANT, later).case
    assert back.decide_due == date(2026, 3, 25), "seven working days between notice and return"


def test_nothing_to_correct_when_complete() -> None:
    case = marked(in_review())
    assert refused_code(review.return_once, case, CLERK, moment()) == "filing.nothing_to_correct"


def test_correction_is_offered_only_within_its_limit() -> None:
    case = marked(in_review(), B05="ABSENT")
    assert review.return_once(case, CLERK, moment(date(2026, 3, 9))).case.state is State.CORRECTION
    late = refused_code(review.return_once, case, CLERK, moment(date(2026, 3, 10)))
    assert late == "filing.correction_too_late"


def test_every_item_must_be_supplied() -> None:
    case = returned(in_review()).case
    half = draft.attach(case, APPLICANT, Material("B05", "new", "11")).case
    assert (
        refused_code(review.resubmit, half, APPLICANT, moment()) == "filing.correction_incomplete"
    )
    other = refused_code(draft.attach, case, APPLICANT, Material("B02", "new", "11"))
    assert other == "filing.material_not_asked"


def test_a_notice_reopens_with_its_remaining_days_and_no_new_item() -> None:
    case = returned(in_review()).case
    tenth = MONDAY + timedelta(days=10)
    back = review.resubmit(supplied(case), APPLICANT, moment(tenth)).case
    again = review.return_once(marked(back, B05="UNREADABLE"), CLERK, moment(tenth))
    assert again.case.correction_due == tenth + timedelta(days=20)
    new = marked(back, B02="UNREADABLE")
    assert refused_code(review.return_once, new, CLERK, moment(tenth)) == "filing.correction_once"


def test_a_public_notice_takes_nothing_of_the_remaining_days() -> None:
    """Returned, answered, noticed, objected to, and unreadable after all."""
    case = returned(in_review(FIL__NOTICE_DAYS="7")).case
    tenth, day = MONDAY + timedelta(days=10), timedelta(days=1)
    back = marked(review.resubmit(supplied(case), APPLICANT, moment(tenth)).case)
    noticed = decision.start_notice(back, CLERK, moment(tenth)).case
    neighbor = Actor("account-neighbor", "RESIDENT")
    at = moment(tenth + 3 * day)
    objected = objections.object_to(noticed, neighbor, at, "o", "FOR_PROFIT", "理由").case
    taken = objections.handle(objected, CLERK, at, "o", "TAKEN_UP", "转入审核").case
    again = review.return_once(marked(taken, B05="UNREADABLE"), CLERK, at)
    assert again.case.correction_due == tenth + 3 * day + 20 * day


def test_after_its_last_day_a_correction_is_not_taken() -> None:
    case = supplied(returned(in_review()).case)
    assert case.correction_due is not None
    assert review.resubmit(case, APPLICANT, moment(case.correction_due)).case.correction_left == 0
    late = moment(case.correction_due + timedelta(days=1))
    assert refused_code(review.resubmit, case, APPLICANT, late) == "filing.correction_over"


def test_an_unanswered_correction_lapses() -> None:
    outcome = review.lapse(returned(in_review()).case, SYSTEM, moment(date(2026, 4, 2)))
    assert outcome.case.state is State.LAPSED
    assert isinstance(outcome.fact, FilingLapsed)


def test_only_materials_of_the_case_are_marked() -> None:
    code = refused_code(review.mark, in_review(), CLERK, [("B09", "ABSENT", "")])
    assert code == "filing.material_not_on_file"
