"""The guide says what the rules do: materials, registration or filing, tracking codes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.regions import hainan
from kit.rules import RuleBook, RuleSet, Setting
from services.filing.domain import guide, tracking
from services.filing.domain.case import Member, Persons
from services.filing.domain.guide import Group, assess, materials
from services.filing.domain.requirements import TITLES, mandatory, problems
from services.filing.store.read import KEYS
from tests.filing.builders import DATONGLI, MONDAY, drafted, form, moment, rules


def book(**values: str) -> RuleSet:
    """The rules of the guide at 大同里."""
    path = hainan().get("460000000000").path
    settings = [Setting(key.replace("__", "."), path, value, MONDAY, "测试依据") for key, value in values.items()]  # fmt: skip
    return RuleBook.default(settings).pin((*KEYS, *guide.REGISTRATION), hainan().get(DATONGLI).path, MONDAY)  # fmt: skip


def test_materials_are_those_an_application_must_show() -> None:
    found = {one.code: one for one in materials(book())}
    asked = {code for code, one in found.items() if one.mandatory and one.source != "PLATFORM"}
    assert asked == set(mandatory(drafted()))
    assert set(found) <= set(TITLES)
    assert found["B09"].condition
    assert "B07" in found
    assert "B07" not in {one.code for one in materials(book(FIL__VILLAGE_OPINION="none"))}


@pytest.mark.parametrize(
    ("group", "advice"),
    [
        (Group("SOCIAL_BODY", individuals=50, fund_yuan=30_000), "REGISTRATION"),
        (Group("SOCIAL_BODY", individuals=49, fund_yuan=30_000), "FILING"),
        (Group("SOCIAL_BODY", individuals=50, fund_yuan=29_999), "FILING"),
        (Group("SOCIAL_BODY", units=30, fund_yuan=30_000), "REGISTRATION"),
        (Group("SOCIAL_BODY", units=29, fund_yuan=30_000), "FILING"),
        (Group("SOCIAL_BODY", individuals=5, units=30, fund_yuan=30_000), "REGISTRATION"),
        (Group("SOCIAL_BODY", individuals=30, units=20, fund_yuan=30_000), "REGISTRATION"),
        (Group("SOCIAL_BODY", individuals=30, units=19, fund_yuan=30_000), "FILING"),
        (Group("SOCIAL_BODY", individuals=10), "FILING"),
        (Group("SOCIAL_BODY", individuals=9), "GUIDANCE"),
        (Group("SERVICE_BODY", staff=1, fund_yuan=30_000), "REGISTRATION"),
        (Group("SERVICE_BODY", staff=2, fund_yuan=29_999), "FILING"),
        (Group("SERVICE_BODY", staff=1, fund_yuan=29_999), "GUIDANCE"),
    ],
)
def test_registration_filing_or_guidance_at_each_threshold(group: Group, advice: str) -> None:
    found = assess(group, book())
    assert found.advice == advice
    assert all(check.basis for check in (*found.registration, *found.filing))
    assert ("应不少于" in found.reason) == (advice != "REGISTRATION")


def test_a_county_that_lowers_a_threshold_changes_the_advice() -> None:
    group = Group("SOCIAL_BODY", individuals=9)
    assert assess(group, book(FIL__MEMBERS_MIN__BA_ST="8")).advice == "FILING"


@given(members=st.integers(0, 30), least=st.integers(0, 30), fund=st.integers(0, 200), need=st.integers(0, 200))  # fmt: skip
def test_what_the_guide_calls_enough_is_enough_at_submission(members: int, least: int, fund: int, need: int) -> None:  # fmt: skip
    values = {"FIL__MEMBERS_MIN__BA_ST": str(least), "FIL__FUND_MIN": str(need)}
    told = assess(Group("SOCIAL_BODY", individuals=members, fund_yuan=fund), book(**values))
    people = tuple(Member(f"成员{number}", False, DATONGLI) for number in range(members))
    case = drafted()
    case = replace(
        case,
        form=form(fund_fen=fund * 100),
        persons=Persons(case.persons.principals, people),
    )
    broken = {one.rule for one in problems(case, rules(**values), moment())}
    enough = not broken & {"members_min", "fund_min"}
    assert all(check.met for check in told.filing) == enough


DIGESTS = ("0f" * 16, "a7" * 16)


@pytest.mark.parametrize("way", [str, str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "").replace("0", "O")])  # fmt: skip
def test_a_code_fits_however_it_is_typed(way) -> None:
    assert tracking.fits(way(tracking.code_of(DIGESTS[0])), DIGESTS)


def test_another_code_does_not() -> None:
    code = tracking.code_of(DIGESTS[0])
    assert len(code) == 14
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    assert not tracking.fits(wrong, DIGESTS)
    assert not tracking.fits(code[:-1], DIGESTS)
    assert not tracking.fits(code, DIGESTS[1:])
