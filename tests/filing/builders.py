"""Cases for the tests of filing: a complete application of synthetic persons."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from kit.calendar import WorkingCalendar
from kit.codes import id_check
from kit.regions import hainan
from kit.rules import RuleBook, RuleSet, Setting
from services.filing.domain import decision, draft, review, submission
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import (
    Case,
    Charter,
    Form,
    Material,
    Member,
    Persons,
    Premises,
    Principal,
)
from services.filing.domain.outcome import Numbered, Outcome
from services.filing.domain.place import place_of
from services.filing.domain.pledge import pledge_on
from services.filing.domain.requirements import mandatory
from services.filing.store.read import KEYS

DATONGLI = "460106004002"
TIANYA = "460204198006"
YANGPU = "460400499001"
NAME = "海口市龙华区大同街道大同里社区暖心志愿服务队"
APPLICANT = Actor("account-applicant", "RESIDENT")
VILLAGE = Actor("account-village", "VILLAGE")
CLERK = Actor("account-clerk", "TOWN_CLERK", "key-clerk")
LEAD = Actor("account-lead", "TOWN_LEAD", "key-lead")
SYSTEM = Actor("system:filing", "SYSTEM")
MONDAY = date(2026, 3, 2)


def synthetic_id(serial: int) -> str:
    """An identity number of the unassigned address code 469900."""
    first17 = f"46990019800101{serial:03}"
    return first17 + id_check(first17)


def moment(day: date = MONDAY) -> Moment:
    """Noon of a legal day."""
    return Moment(day, datetime(day.year, day.month, day.day, 4, tzinfo=UTC), WorkingCalendar())


def rules(community: str = DATONGLI, on: date = MONDAY, **values: str) -> RuleSet:
    """The default rules, with these values set by the province."""
    path = hainan().get("460000000000").path
    settings = [
        Setting(key.replace("__", "."), path, value, date(2021, 6, 1), "测试依据")
        for key, value in values.items()
    ]
    return RuleBook.default(settings).pin(KEYS, hainan().get(community).path, on)


def form(**changes: Any) -> Form:
    """A complete form."""
    complete = Form(
        name=NAME,
        organization_class="BA_ST",
        category="GYCS",
        field_codes=("YL", "ZY"),
        target_groups=("LNR",),
        activity_scope="COMMUNITY",
        purpose="邻里互助，服务老人",
        business_scope="探访独居老人；节日慰问",
        fund_fen=50_000,
        staff_part=3,
        premises=Premises("大同里社区综合服务中心二楼", "FREE_USE", "大同里社区居委会"),
        charter=Charter(True, True, "2026-02-10", 12, 12),
    )
    return replace(complete, **changes)


def persons(members: int = 12) -> Persons:
    """Two principals and some members."""
    return Persons(
        tuple(
            Principal(name, post, synthetic_id(n), f"1200000{n:04}")
            for n, (name, post) in enumerate((("符小梅", "负责人"), ("陈大海", "副职")), start=1)
        ),
        tuple(Member(f"王成员{n}", home_community=DATONGLI) for n in range(members)),
    )


def drafted(community: str = DATONGLI, **changes: Any) -> Case:
    """A complete draft with its uploads."""
    tree = hainan()
    place = place_of(tree.get(community), tree.filing_authority(community, MONDAY))
    case = draft.create("f", "o", place, form(), persons(), APPLICANT).case
    for code in ("B02", "B05"):
        case = draft.attach(case, APPLICANT, Material(code, f"file-{code}", "00")).case
    return replace(case, **changes)


def finish(result: Outcome | Numbered, serial: int = 1) -> Outcome:
    """The outcome, with a number where it asks for one."""
    return result.finish(serial) if isinstance(result, Numbered) else result


def submitted(case: Case | None = None, day: date = MONDAY, **values: str) -> Case:
    """Received on a day under the county's rules."""
    case = case or drafted()
    pinned = rules(case.place.community_code, day, **values)
    version = pledge_on(day).version
    return finish(submission.submit(case, APPLICANT, moment(day), pinned, version, False)).case


def in_review(day: date = MONDAY, **values: str) -> Case:
    """With the village's opinion given the same day."""
    return review.give_opinion(
        submitted(None, day, **values), VILLAGE, moment(day), "AGREE", ""
    ).case


def marked(case: Case, completeness: str = "PRESENT", **others: str) -> Case:
    """Every mandatory material marked."""
    findings = [(code, others.get(code, completeness), "") for code in mandatory(case)]
    return review.mark(case, CLERK, findings).case


def proposed(day: date = MONDAY, **values: str) -> Case:
    """Acceptance proposed by the clerk."""
    case = marked(in_review(day, **values))
    return decision.propose(case, CLERK, moment(day), "ACCEPT", (), "").case
