"""Submission: what is asked, what is pinned, what the clocks say."""

from dataclasses import replace
from datetime import date

import pytest

from kit.errors import Refusal
from kit.regions import hainan
from services.filing.domain import submission
from services.filing.domain.case import State
from services.filing.domain.facts import FilingSubmitted
from services.filing.domain.names import check_name
from services.filing.domain.place import place_of
from tests.filing.builders import (
    APPLICANT,
    MONDAY,
    drafted,
    finish,
    form,
    moment,
    persons,
    rules,
    submitted,
)

PLEDGE = "CN-2021-01"


def test_a_complete_application_is_received() -> None:
    result = submission.submit(drafted(), APPLICANT, moment(), rules(), PLEDGE, False)
    outcome = finish(result, 7)
    assert outcome.case.state is State.VILLAGE_REVIEW
    assert outcome.case.application_no == "SB202603024601060007"
    assert outcome.case.opinion_due == date(2026, 3, 5)
    assert outcome.case.decide_due == date(2026, 3, 16)
    assert (outcome.case.size_class, outcome.case.member_mix) == ("SMALL", "RESIDENTS")
    assert isinstance(outcome.fact, FilingSubmitted)
    assert (outcome.fact.fact_version, outcome.case.fact_version) == (1, 1)
    assert outcome.fact.opinion_due == "2026-03-05"


def test_without_village_opinion_the_review_begins_at_once() -> None:
    case = submitted(FIL__VILLAGE_OPINION="none")
    assert case.state is State.COMPLETENESS
    assert case.review_from == MONDAY
    assert case.opinion_due is None


def test_everything_missing_is_named_at_once() -> None:
    case = replace(
        drafted(), form=form(name="", purpose="", premises=form().premises), materials=()
    )
    with pytest.raises(Refusal) as refused:
        submission.submit(case, APPLICANT, moment(), rules(), PLEDGE, False)
    fields = [violation.field for violation in refused.value.violations]
    assert fields == ["form.name", "form.purpose", "materials.B02", "materials.B05"]
    assert refused.value.code == "filing.incomplete"


def test_a_draft_is_told_beforehand_what_submission_would_find() -> None:
    case = replace(drafted(), materials=(), form=form(name="天涯区暖心志愿服务队"))
    found = submission.missing(case, moment(), rules(), name_taken=True)
    with pytest.raises(Refusal) as refused:
        submission.submit(case, APPLICANT, moment(), rules(), PLEDGE, True)
    assert found == refused.value.violations
    assert [one.rule for one in found] == [
        "name.division", "name.duplicate", "material_missing", "material_missing",
    ]  # fmt: skip
    assert submission.missing(drafted(), moment(), rules(), name_taken=False) == ()


def test_no_pledge_no_submission() -> None:
    with pytest.raises(Refusal) as refused:
        submission.submit(drafted(), APPLICANT, moment(), rules(), "CN-1999-01", False)
    assert refused.value.code == "filing.pledge_not_signed"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"form": form(charter=replace(form().charter, has_party_clause=False))}, "charter_clause"),
        ({"form": form(charter=replace(form().charter, adopted_on="2026-03-03"))}, "past_day"),
        ({"form": form(charter=replace(form().charter, agreed=13))}, "votes"),
        ({"form": form(field_codes=("XX",))}, "dictionary"),
        ({"form": form(premises=replace(form().premises, provider=""))}, "required"),
        ({"form": form(name="海口市龙华区大同街道大同里社区业主委员会")}, "name.excluded_body"),
        ({"form": form(name="天涯区暖心志愿服务队")}, "name.division"),
        ({"persons": persons(9)}, "members_min"),
        ({"form": form(organization_class="BA_FW", staff_part=1)}, "staff_min"),
        ({"persons": replace(persons(), principals=persons().principals[:1])}, "founders"),
    ],
)
def test_each_requirement_is_asked(changes: dict[str, object], rule: str) -> None:
    case = replace(drafted(), **changes)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        submission.submit(case, APPLICANT, moment(), rules(), PLEDGE, False)
    assert rule in [violation.rule for violation in refused.value.violations]


def test_a_person_is_checked_by_number_and_phone() -> None:
    broken = replace(persons().principals[0], id_number="46990019800101001X", phone="12")
    case = replace(
        drafted(), persons=replace(persons(), principals=(broken, *persons().principals))
    )
    with pytest.raises(Refusal) as refused:
        submission.submit(case, APPLICANT, moment(), rules(), PLEDGE, False)
    fields = [violation.field for violation in refused.value.violations]
    assert fields == ["form.principals[0].idNumber", "form.principals[0].phone"]


def test_production_refuses_synthetic_persons() -> None:
    now = replace(moment(), production=True)
    with pytest.raises(Refusal) as refused:
        submission.submit(drafted(), APPLICANT, now, rules(), PLEDGE, False)
    assert {v.rule for v in refused.value.violations} == {"id_number", "phone"}


def test_a_taken_name_blocks() -> None:
    with pytest.raises(Refusal) as refused:
        submission.submit(drafted(), APPLICANT, moment(), rules(), PLEDGE, True)
    assert [v.rule for v in refused.value.violations] == ["name.duplicate"]


@pytest.mark.parametrize("code", ["460106004002", "469005100001", "460400499001"])
def test_a_name_begins_with_its_county_and_never_with_the_province(code: str) -> None:
    tree = hainan()
    place = place_of(tree.get(code), tree.filing_authority(code, MONDAY))
    assert place.name_prefixes[-1] == tree.get(place.county_code).full_name
    assert not check_name(f"{place.name_prefixes[0]}暖心志愿服务队", place, False)


def test_rules_of_the_county_are_asked() -> None:
    strict = rules(FIL__MEMBERS_MIN__BA_ST="20", FIL__LOCAL_RESIDENT_SHARE_MIN="100")
    with pytest.raises(Refusal) as refused:
        submission.submit(drafted(), APPLICANT, moment(), strict, PLEDGE, False)
    assert [v.rule for v in refused.value.violations] == ["members_min"]
