"""P15: a place is found by name, by code, by initials; the nearest fit stands first."""

import pytest

from gateway.portal.finding import COMMUNITY, code_of, exactly, found
from gateway.portal.places import typed_or_chosen
from kit.regions import Level

DATONGLI, DATONG, LONGHUA = "460106004002", "460106004000", "460106000000"


@pytest.mark.parametrize("typed", ["大同里", "460106004002", "dtl", "DTL", "龙华 大同里", "lh dtl", "大tl", "大同里社区"])  # fmt: skip
def test_a_community_is_found_in_each_way(typed: str) -> None:
    assert DATONGLI in [one.code for one in found(typed, COMMUNITY)]


def test_the_nearest_stands_first_and_only_communities_where_asked() -> None:
    assert found("dtjd")[0].code == DATONG
    assert found("海口市")[0].full_name == "海口市"
    assert found("大同", COMMUNITY)[0].name.startswith("大同")
    assert {one.level for one in found("大同", COMMUNITY)} == {Level.COMMUNITY}
    assert {one.name[:2] for one in found("cl", "", "460105000000")} >= {"长流"}


@pytest.mark.parametrize(
    "typed", ["", "  ", "没有这样的地方", ".*", "[", "460106004003x", "x" * 300]
)
def test_nothing_fits(typed: str) -> None:
    assert not found(typed)


def test_below_a_place_nothing_else_is_found() -> None:
    assert {one.path[:28] for one in found("sq", "", LONGHUA)} == {"/460000000000/460100000000/4"}
    assert not found("大同里", COMMUNITY, "460107000000")
    assert not found("大同里", COMMUNITY, "nowhere")


def test_what_is_said_in_full_is_meant_and_of_several_none() -> None:
    assert [one.code for one in exactly("海口市龙华区大同街道")] == [DATONG]
    assert code_of("海口市龙华区大同街道") == DATONG
    assert code_of(DATONG) == DATONG
    assert code_of("大同") == "大同"
    assert code_of("没有") == "没有"


def test_what_is_typed_goes_before_what_is_chosen_within_it() -> None:
    chosen = {"community_county": LONGHUA, "form": "x"}
    assert typed_or_chosen("community", "/g", chosen) == (LONGHUA, [])
    region, meant = typed_or_chosen("community", "/g", chosen | {"place": "dtl"})
    assert region == DATONGLI
    assert meant[0][1] == f"/g?community_county={LONGHUA}&form=x&community={DATONGLI}"
    region, meant = typed_or_chosen("community", "/g", chosen | {"place": "大同"})
    assert (region, len(meant) > 1) == (LONGHUA, True)
    assert typed_or_chosen("community", "/g", chosen | {"place": "牙叉"}) == (LONGHUA, [])
