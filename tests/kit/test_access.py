"""The policy table as a function: default deny, a missing scope denies, states count."""

from dataclasses import replace

import pytest

from kit.access import Filter, Subject, decide, list_filter, may_call, require
from kit.contracts import rpc_by_path
from kit.errors import Kind, Refusal
from kit.identity import Caller
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import (
    Access,
    AccessRow,
    PersonalFields,
    Relation,
    Role,
)

TREE = hainan()
STREET = TREE.get("460106004000")
COMMUNITY = TREE.get("460106004002")
CASE = Subject("me", STREET.code, STREET.path, COMMUNITY.code, "COMPLETENESS", "org-1")


def at(role: Role, code: str, subject: str = "somebody") -> Caller:
    return Caller(subject, role, region_code=code, region_path=TREE.get(code).path)


def access(name: str) -> Access:
    return rpc_by_path()[f"/minzheng.filing.v1.FilingService/{name}"].access


@pytest.mark.parametrize(
    ("who", "allowed", "reason"),
    [
        (Caller("me", Role.RESIDENT), True, "row"),
        (Caller("other", Role.RESIDENT), False, "relation"),
        (Caller("", Role.RESIDENT), False, "relation"),
        (at(Role.TOWN_CLERK, "460106004000"), True, "row"),
        (at(Role.TOWN_CLERK, "460106001000"), False, "relation"),
        (Caller("x", Role.TOWN_CLERK), False, "relation"),
        (at(Role.COUNTY_CLERK, "460106000000"), True, "row"),
        (at(Role.COUNTY_CLERK, "460107000000"), False, "relation"),
        (at(Role.CITY_CA, "460100000000"), True, "row"),
        (at(Role.CITY_CA, "460200000000"), False, "relation"),
        (at(Role.PROV_SO, "460000000000"), True, "row"),
        (at(Role.VILLAGE, "460106004002"), True, "row"),
        (at(Role.EXPERT, "460000000000"), False, "role"),
    ],
)
def test_who_reads_a_case(who: Caller, allowed: bool, reason: str) -> None:
    decision = decide(access("GetFiling"), who, CASE)
    assert (decision.allowed, decision.reason) == (allowed, reason)


def test_a_draft_is_the_applicants_alone() -> None:
    draft = replace(CASE, state="DRAFT")
    clerk = at(Role.TOWN_CLERK, "460106004000")
    assert decide(access("GetFiling"), clerk, draft).reason == "state"
    assert decide(access("GetFiling"), Caller("me", Role.RESIDENT), draft).allowed


def test_personal_fields_follow_the_row() -> None:
    assert (
        decide(access("GetFiling"), Caller("me", Role.RESIDENT), CASE).personal_fields
        is PersonalFields.OWN
    )
    clerk = at(Role.TOWN_CLERK, "460106004000")
    assert decide(access("GetFiling"), clerk, CASE).personal_fields is PersonalFields.MASKED


def test_an_owner_is_known_by_the_organization() -> None:
    filed = replace(CASE, state="FILED")
    owner = Caller("x", Role.ORG_OWNER, organization_id="org-1")
    assert decide(access("GetFiling"), owner, filed).allowed
    assert not decide(access("GetFiling"), replace(owner, organization_id=""), filed).allowed
    nobody = replace(filed, organization_id="")
    assert not decide(access("GetFiling"), replace(owner, organization_id=""), nobody).allowed


def test_no_function_is_403_out_of_reach_is_404() -> None:
    with pytest.raises(Refusal) as refused:
        require(access("DecideFiling"), at(Role.TOWN_CLERK, "460106004000"), CASE)
    assert refused.value.kind is Kind.FORBIDDEN
    with pytest.raises(Refusal) as absent:
        require(access("DecideFiling"), at(Role.TOWN_LEAD, "460106001000"), CASE)
    assert absent.value.kind is Kind.NOT_FOUND


def test_a_rule_without_rows_or_relation_denies() -> None:
    assert not may_call(Access(action="x"), Role.PROV_SO)
    unspecified = Access(action="x", rows=[AccessRow(roles=[Role.RESIDENT])])
    assert decide(unspecified, Caller("me", Role.RESIDENT), CASE).reason == "relation"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (at(Role.TOWN_CLERK, "460106004000"), Filter("authority", "460106004000", (), ("DRAFT",))),
        (at(Role.COUNTY_CLERK, "460106000000"), Filter("county", "460106000000", (), ("DRAFT",))),
        (at(Role.COUNTY_CLERK, "460400499000"), Filter("county", "460400499000", (), ("DRAFT",))),
        (at(Role.CITY_CA, "460100000000"), Filter("city", "460100000000", (), ("DRAFT",))),
        (at(Role.PROV_SO, "460000000000"), Filter("province", "460000000000", (), ("DRAFT",))),
        (Caller("x", Role.COUNTY_CLERK), Filter(None)),
        (Caller("x", Role.RESIDENT), Filter(None)),
    ],
)
def test_the_filter_of_a_list(who: Caller, expected: Filter) -> None:
    assert list_filter(access("ListFilings"), who) == expected


def test_scopes_fail_closed() -> None:
    assert Caller("me", Role.RESIDENT).scope == "s:me"
    assert Caller("", Role.ANONYMOUS).scope == "s:"
    assert Caller("x", Role.TOWN_CLERK).scope == "r:"
    assert Caller("x", Role.ORG_OWNER, organization_id="o").scope == "o:o"
    assert Relation.UNSPECIFIED == 0
