"""Rules of granting and revoking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.posts.domain import (
    Asked,
    Holdings,
    Outcome,
    Post,
    PostChanged,
    confirm,
    own,
    propose,
    revoke,
)
from gateway.posts.persons import Holder
from kit.acting import Actor
from kit.calendar import Moment
from kit.errors import Refusal
from kit.regions import hainan

TODAY = date(2026, 3, 2)
NOW = Moment(TODAY, datetime(2026, 3, 2, 1, tzinfo=UTC))
ADMIN, SECOND = Actor("admin"), Actor("second")
PROVINCE, HAIKOU, LONGHUA = "460000000000", "460100000000", "460106000000"
DATONG, COMMUNITY = "460106004000", "460106004002"
DANZHOU, YANGPU, TIANYA = "460400000000", "460400499000", "460204000000"


def granted(role: str, region: str, holdings: Holdings | None = None, **more: object) -> Outcome:
    asked = replace(Asked("p9", role, region), **more)  # type: ignore[arg-type]
    return propose(holdings or Holdings("anna"), asked, ADMIN, NOW, hainan())


def code_of(role: str, region: str, holdings: Holdings | None = None, **more: object) -> str:
    with pytest.raises(Refusal) as refusal:
        granted(role, region, holdings, **more)
    return refusal.value.code


def held(role: str, region: str, **more: object) -> Post:
    node = hainan().get(region)
    return replace(
        Post(
            "p1",
            "anna",
            role,
            region,
            node.path,
            TODAY,
            "admin",
            NOW.at,
            confirmed_at=NOW.at,
            confirmed_by="second",
        ),
        **more,  # type: ignore[arg-type]
    )


def test_a_proposal_changes_nothing_yet() -> None:
    outcome = granted("TOWN_CLERK", DATONG, Holdings("anna", 4))
    assert outcome.fact is None
    assert outcome.post.region_path == hainan().get(DATONG).path
    assert outcome.post.valid_from == TODAY
    assert (outcome.post.granted_by, outcome.post.state) == ("admin", "PROPOSED")
    assert not outcome.post.in_force(TODAY)


def waiting(**more: object) -> Post:
    return held("DEPT", LONGHUA, **{"confirmed_at": None, "confirmed_by": ""} | more)


def second(post: Post, actor: Actor = SECOND, *others: Post, today: date = TODAY) -> Outcome:
    holdings = Holdings("anna", 4, (post, *others))
    return confirm(holdings, post, actor, replace(NOW, today=today))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refusal:
        work()
    return refusal.value.code


def test_a_second_administrator_puts_it_in_force_and_states_it() -> None:
    outcome = second(waiting())
    assert outcome.fact == PostChanged("anna", 5, 5)
    assert outcome.post.in_force(TODAY)
    assert (outcome.before, outcome.post.confirmed_by) == ("PROPOSED", "second")


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (ADMIN, "posts.same_administrator"),
        (Actor("other", person_key="admins-key"), "posts.same_administrator"),
        (Actor("anna"), "posts.own_grant"),
        (Actor("other", person_key="annas-key"), "posts.own_grant"),
    ],
)
def test_nobody_confirms_what_they_proposed_or_what_is_theirs(actor: Actor, code: str) -> None:
    post = waiting(granted_key="admins-key", person_keys=("annas-key",))
    assert refused(lambda: second(post, actor)) == code


def test_a_post_is_confirmed_once_and_not_after_its_end() -> None:
    assert refused(lambda: second(second(waiting()).post)) == "posts.already_confirmed"
    declined = revoke(Holdings("anna", 4, (waiting(),)), waiting(), ADMIN, "重复", NOW).post
    assert refused(lambda: second(declined)) == "posts.already_revoked"
    over = waiting(valid_to=TODAY)
    assert refused(lambda: second(over, today=TODAY + timedelta(1))) == "posts.over"
    assert refused(lambda: second(waiting(import_id="i"))) == "posts.of_import"


def test_what_was_granted_meanwhile_counts_at_the_confirmation() -> None:
    twin = held("DEPT", LONGHUA, post_id="p2")
    assert refused(lambda: second(waiting(), SECOND, twin)) == "posts.already_held"
    first = held("SEC_ADMIN", PROVINCE, post_id="p2")
    admin = replace(waiting(), role="SYS_ADMIN", region_code=PROVINCE)
    assert refused(lambda: second(admin, SECOND, first)) == "posts.one_administrator"
    other = waiting(post_id="p2")
    assert second(waiting(), SECOND, other).post.granted


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("VILLAGE", COMMUNITY),
        ("TOWN_LEAD", DATONG),
        ("TOWN_CLERK", TIANYA),
        ("TOWN_CLERK", YANGPU),
        ("TOWN_LEAD", LONGHUA),
        ("COUNTY_APPROVE", LONGHUA),
        ("COUNTY_CLERK", DANZHOU),
        ("COUNTY_FIN", YANGPU),
        ("CITY_CA", HAIKOU),
        ("PARTY_SW", HAIKOU),
        ("PROV_SO", PROVINCE),
        ("AUDITOR", PROVINCE),
        ("SEC_ADMIN", PROVINCE),
        ("DEPT", LONGHUA),
        ("DEPT", COMMUNITY),
        ("EXPERT", HAIKOU),
    ],
)
def test_a_role_is_held_at_its_level(role: str, region: str) -> None:
    assert granted(role, region).post.region_code == region


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("VILLAGE", DATONG),
        ("TOWN_CLERK", COMMUNITY),
        ("TOWN_CLERK", HAIKOU),
        ("TOWN_CLERK", PROVINCE),
        ("PARTY_TOWN", LONGHUA),
        ("COUNTY_CLERK", HAIKOU),
        ("COUNTY_FIN", DATONG),
        ("CITY_CA", LONGHUA),
        ("CITY_CA", DANZHOU),
        ("PROV_GC", HAIKOU),
        ("AUDITOR", LONGHUA),
        ("SYS_ADMIN", HAIKOU),
    ],
)
def test_a_role_is_not_held_at_another_level(role: str, region: str) -> None:
    assert code_of(role, region) == "posts.wrong_level"


def test_an_unknown_place_is_refused() -> None:
    assert code_of("DEPT", "999999999999") == "region.unknown"


def test_a_placeholder_holds_no_post() -> None:
    node = next(n for n in hainan()._nodes.values() if n.placeholder)
    assert code_of("DEPT", node.code) == "region.not_usable"


def test_nobody_grants_to_oneself() -> None:
    assert code_of("DEPT", LONGHUA, Holdings("admin")) == "posts.own_grant"


def test_nobody_grants_to_another_account_of_the_same_person() -> None:
    other = Holdings("anna", 1, (held("DEPT", HAIKOU, person_keys=("k",)),))
    asked = Asked("p9", "DEPT", LONGHUA)
    with pytest.raises(Refusal, match=r"posts\.own_grant"):
        propose(other, asked, Actor("admin", person_key="k"), NOW, hainan())
    assert propose(other, asked, Actor("admin", person_key="j"), NOW, hainan())
    assert propose(other, asked, ADMIN, NOW, hainan())


def stating(*keys: str) -> Asked:
    return Asked("p9", "DEPT", LONGHUA, holder=Holder(b"cell", keys))


def test_nobody_grants_to_oneself_by_a_number_that_is_stated_now() -> None:
    assert refused(lambda: propose(Holdings("anna"), stating("k"), Actor("admin", person_key="k"), NOW, hainan())) == "posts.own_grant"  # fmt: skip


def test_an_account_is_one_person() -> None:
    known = Holdings("anna", 1, (held("DEPT", HAIKOU, person_keys=("1.k", "2.k")),))
    with pytest.raises(Refusal, match=r"posts\.other_person"):
        propose(known, stating("1.other"), ADMIN, NOW, hainan())
    assert propose(known, stating("2.k", "3.k"), ADMIN, NOW, hainan()).post.person_keys
    post = waiting(person_keys=("1.other",))
    assert refused(lambda: second(post, SECOND, *known.posts)) == "posts.other_person"


def test_a_number_counts_once_two_administrators_agree() -> None:
    assert Holdings("anna", 1, (waiting(person_keys=("k",)),)).person_key == ""
    assert Holdings("anna", 1, (held("DEPT", HAIKOU, person_keys=("k", "l")),)).person_key == "k"


@pytest.mark.parametrize("role", ["ORG_OWNER", "ORG_STAFF"])
def test_posts_at_organizations_are_not_granted(role: str) -> None:
    assert code_of(role, COMMUNITY) == "posts.organization_role"


@pytest.mark.parametrize("second", ["SYS_ADMIN", "AUDIT_ADMIN", "SEC_ADMIN"])
def test_administrators_are_three_persons(second: str) -> None:
    first = held("SEC_ADMIN", PROVINCE)
    assert code_of(second, PROVINCE, Holdings("anna", 1, (first,))) == "posts.one_administrator"
    ended = replace(first, revoked_at=NOW.at, revoked_by="x")
    assert granted(second, PROVINCE, Holdings("anna", 2, (ended,)))


def test_the_same_post_is_not_held_twice() -> None:
    post = held("DEPT", LONGHUA)
    assert code_of("DEPT", LONGHUA, Holdings("anna", 1, (post,))) == "posts.already_held"
    over = replace(post, valid_from=TODAY - timedelta(9), valid_to=TODAY - timedelta(1))
    assert granted("DEPT", LONGHUA, Holdings("anna", 1, (over,)))


@pytest.mark.parametrize(
    "dates",
    [
        {"valid_from": TODAY - timedelta(1)},
        {"valid_to": TODAY - timedelta(1)},
        {"valid_from": TODAY + timedelta(5), "valid_to": TODAY + timedelta(4)},
    ],
)
def test_days_run_forward(dates: dict[str, date]) -> None:
    assert code_of("DEPT", LONGHUA, **dates) == "posts.dates"


def test_a_post_is_in_force_from_its_first_to_its_last_day() -> None:
    post = held("DEPT", LONGHUA, valid_to=TODAY + timedelta(1))
    days = [post.in_force(TODAY + timedelta(n)) for n in (-1, 0, 1, 2)]
    assert days == [False, True, True, False]


def test_a_post_is_revoked_once() -> None:
    post = held("DEPT", LONGHUA)
    holdings = Holdings("anna", 1, (post,))
    outcome = revoke(holdings, post, ADMIN, "调离", NOW)
    assert outcome.fact == PostChanged("anna", 2, 2)
    assert not outcome.post.in_force(TODAY)
    with pytest.raises(Refusal, match=r"posts\.already_revoked"):
        revoke(holdings, outcome.post, ADMIN, "调离", NOW)


def test_the_post_at_an_organization_is_given_once() -> None:
    post = held("ORG_OWNER", COMMUNITY, organization_id="o1")
    outcome = own(Holdings("anna"), post)
    assert outcome is not None
    assert outcome.fact == PostChanged("anna", 1, 1)
    held_already = Holdings("anna", 1, (replace(post, post_id="other"),))
    assert own(held_already, post) is None
    assert own(Holdings("anna", 1, (replace(post, revoked_at=NOW.at),)), post) is None
