"""The public register: what comes of facts, as of any day, found by any part of a name."""

import pytest

from kit.errors import Kind, Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import Category, OrganizationClass
from proto.gen.minzheng.supervision.v1 import register_pb as pb
from services.supervision.store import search
from tests.notifications.builders import COMMUNITY
from tests.supervision.service import Supervision

ORGANIZATION = "019a0000-0000-7000-8000-0000000000a1"
NAME = "海口市龙华区大同街道大同里社区{}合唱队"
SQBA = "SQBA4601060042026{:05}7"


def organization(number: int) -> str:
    """An id; later ones are newer, two of each age."""
    return f"019{number:x}0000-0000-7000-8000-{number:012}"


async def file(supervision: Supervision, number: int, brand: str, **said: object) -> None:
    """An organization is filed."""
    named = {"name": NAME.format(brand), "filing_no": SQBA.format(number)} | said
    await supervision.happen("OrganizationFiled", organization_id=organization(number), **named)


async def found(supervision: Supervision, **asked: object) -> list[str]:
    """Numbers of the organizations found."""
    answer = await supervision.call("SearchOrganizations", **asked)
    return [int(one.organization_id[-12:]) for one in answer.organizations]


async def life(supervision: Supervision) -> None:
    """Filed, due for renewal, renewed, expired."""
    await supervision.happen("OrganizationFiled", valid_to="2029-03-21")
    await supervision.happen("RenewalDue")
    await supervision.happen("FilingRenewed")
    await supervision.happen("FilingExpired", valid_to="2032-03-21", expired_on="2032-03-22")


async def test_a_filed_organization_is_shown_whole(supervision: Supervision) -> None:
    await supervision.happen(
        "OrganizationFiled",
        organization_class=OrganizationClass.BA_ST,
        category=Category.GYCS,
        field_codes=["CS"],
        target_groups=["ELDERLY"],
    )
    shown = (await supervision.call("GetOrganization", organization_id=ORGANIZATION)).organization
    assert (shown.name, shown.filing_no) == ("大同里社区合唱队", "SQBA4601060042026000017")
    assert (shown.organization_class, shown.category) == ("BA_ST", "GYCS")
    assert (shown.field_codes, shown.target_groups) == (["CS"], ["ELDERLY"])
    assert (shown.regime, shown.status) == ("filed", pb.OrganizationStatus.ACTIVE)
    assert (shown.filed_on, shown.since, shown.valid_to) == ("2026-03-21", "2026-03-21", "")
    assert shown.community.code == COMMUNITY
    assert shown.authority.full_name == "海口市龙华区大同街道"


@pytest.mark.parametrize(
    ("day", "version", "status", "valid_to"),
    [
        ("2026-03-21", 1, "ACTIVE", "2029-03-21"),
        ("2028-12-20", 1, "ACTIVE", "2029-03-21"),
        ("2028-12-21", 2, "RENEWAL_DUE", "2029-03-21"),
        ("2029-03-08", 2, "RENEWAL_DUE", "2029-03-21"),
        ("2029-03-09", 3, "ACTIVE", "2032-03-21"),
        ("2032-03-21", 3, "ACTIVE", "2032-03-21"),
        ("2032-03-22", 4, "EXPIRED", "2032-03-21"),
        ("", 4, "EXPIRED", "2032-03-21"),
    ],
)
async def test_as_of_a_day_the_state_of_that_day(
    supervision: Supervision, day: str, version: int, status: str, valid_to: str
) -> None:
    await life(supervision)
    answer = await supervision.call("GetOrganization", organization_id=ORGANIZATION, as_of=day)
    shown = answer.organization
    assert (shown.version, shown.status.name, shown.valid_to) == (version, status, valid_to)


@pytest.mark.parametrize(("day", "kind"), [("2026-03-20", Kind.NOT_FOUND), ("2026-02-30", Kind.INVALID)])  # fmt: skip
async def test_before_its_filing_nobody_knows_it(
    supervision: Supervision, day: str, kind: Kind
) -> None:
    await life(supervision)
    with pytest.raises(Refusal) as refused:
        await supervision.call("GetOrganization", organization_id=ORGANIZATION, as_of=day)
    assert refused.value.kind is kind


async def test_the_history_by_pages(supervision: Supervision) -> None:
    await life(supervision)
    page, causes = PageRequest(size=2), []
    while True:
        asked = {"organization_id": ORGANIZATION, "page": page}
        answer = await supervision.call("GetOrganizationHistory", **asked)
        causes += [(one.cause.name, one.since) for one in answer.states]
        if not answer.page.next_token:
            break
        page = PageRequest(size=2, token=answer.page.next_token)
    assert causes == [
        ("FILED", "2026-03-21"), ("RENEWAL_DUE", "2028-12-21"),
        ("RENEWED", "2029-03-09"), ("EXPIRED", "2032-03-22"),
    ]  # fmt: skip
    with pytest.raises(Refusal, match="not_found"):
        await supervision.call("GetOrganizationHistory", organization_id=organization(9))


async def test_a_fact_that_names_no_day_counts_from_the_day_it_was_stated(
    supervision: Supervision,
) -> None:
    await supervision.happen("OrganizationFiled", valid_to="2029-03-21")
    await supervision.happen("RenewalDue", due_on="")
    shown = (await supervision.call("GetOrganization", organization_id=ORGANIZATION)).organization
    assert shown.status is pb.OrganizationStatus.RENEWAL_DUE
    assert shown.since >= "2026-03-21"


async def test_found_by_any_part_of_the_name(supervision: Supervision) -> None:
    for number, brand in enumerate(("椰风", "晨光", "晨曦", "光")):
        await file(supervision, number, brand)
    assert await found(supervision) == [3, 2, 1, 0]
    assert await found(supervision, search="大同里") == [3, 2, 1, 0]
    assert await found(supervision, search="晨光") == [1]
    assert await found(supervision, search="区 光·合") == [3]
    assert await found(supervision, search="椰风合唱队") == [0]
    assert await found(supervision, search="舞蹈") == []
    assert await found(supervision, search=SQBA.format(2)) == [2]
    assert await found(supervision, search=SQBA.format(7)) == []


async def test_found_by_place_status_and_category(supervision: Supervision) -> None:
    await file(supervision, 0, "椰风", category=Category.GYCS)
    await file(supervision, 1, "晨光", community_code="460106004001", category=Category.WTHD)
    await file(supervision, 2, "晨曦", community_code="460202198001", authority_code="460202000000")
    await supervision.happen("FilingExpired", organization_id=organization(1))
    for region, there in (
        ("460000000000", [2, 1, 0]), ("460100000000", [1, 0]), ("460106000000", [1, 0]),
        ("460106004000", [1, 0]), (COMMUNITY, [0]), ("460202000000", [2]), ("460107000000", []),
    ):  # fmt: skip
        assert await found(supervision, region=region) == there, region
        assert await found(supervision, region=region, search="社区") == there, region
    active, ended = pb.OrganizationStatus.ACTIVE, pb.OrganizationStatus.EXPIRED
    assert await found(supervision, status=active) == [2, 0]
    assert await found(supervision, status=ended, search="晨光") == [1]
    assert await found(supervision, category="WTHD") == [1]


@pytest.mark.parametrize("steps", [1, 2, search.STEPS], ids=["index", "both", "walk"])
async def test_pages_follow_whichever_way_they_are_found(
    supervision: Supervision, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    shorter = search.WALKED.replace(f"LIMIT {search.STEPS})", f"LIMIT {steps})")
    monkeypatch.setattr(search, "WALKED", shorter)
    for number in range(7):
        await file(supervision, number, "晨光" if number == 3 else "椰风")
    page, seen = PageRequest(size=2), []
    while True:
        answer = await supervision.call("SearchOrganizations", search="椰风", page=page)
        seen += [int(one.organization_id[-12:]) for one in answer.organizations]
        if not answer.page.next_token:
            break
        page = PageRequest(size=2, token=answer.page.next_token)
    assert seen == [6, 5, 4, 2, 1, 0]


@pytest.mark.parametrize("words", ["椰", "·椰·", " · "])
async def test_one_character_finds_nothing(supervision: Supervision, words: str) -> None:
    with pytest.raises(Refusal, match="search_short"):
        await supervision.call("SearchOrganizations", search=words)
