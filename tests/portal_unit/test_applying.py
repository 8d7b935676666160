"""What the pages of an application make of texts: rosters, places, answers to be read over."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.portal.aside import account_of, whose
from gateway.portal.forms import answers, begun, read, texts_of
from gateway.portal.forms.answers import differing
from gateway.portal.pages.apply.forms import BASIC, CHARTER, people
from gateway.portal.pages.apply.places import meant
from gateway.portal.pages.apply.roster import roster
from kit.errors import Refusal
from kit.secrets import Keyring
from proto.gen.minzheng.filing.v1.filing_pb import Form, Member, Principal, UpdateDraftRequest

HERE, THERE = "460106004002", "460106004001"
WAY = roster(HERE)
KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
NAMES = st.text(st.characters(categories=("Lo", "Ll")), min_size=1, max_size=20)
MEMBERS = st.builds(
    Member, name=NAMES, is_unit=st.booleans(), home_community=st.sampled_from(("", HERE, THERE))
)


def test_a_line_is_a_member() -> None:
    typed = "王芳\n 李明 , 外社区\r\n\n椰风物业，单位\n符甲\t460106004001"
    assert WAY.read([typed]) == [
        Member(name="王芳", home_community=HERE),
        Member(name="李明"),
        Member(name="椰风物业", is_unit=True),
        Member(name="符甲", home_community=THERE),
    ]


@pytest.mark.parametrize(
    "line", ["王芳，不明", "，单位", "王芳，单位，外社区", "王芳、符甲", "王芳；符甲"]
)
def test_a_remark_nobody_can_read_names_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="第 2 行"):
        WAY.read([f"李明\n{line}"])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(MEMBERS, max_size=20))
def test_a_roster_comes_back(members: list[Member]) -> None:
    kept = [Member(name=one.name, is_unit=True) if one.is_unit else one for one in members]
    assert WAY.read(WAY.show(kept)) == kept


def test_a_place_is_meant_by_code_name_or_parts() -> None:
    for typed in (HERE, "大同里社区居民委员会", "龙华 大同里"):
        assert [node.code for node in meant({"place": typed})] == [HERE], typed
    assert len(meant({"place": "新村"})) > 1
    assert [node.code for node in meant({"place": "新村", "picked": HERE})] == [HERE]
    for nothing in ({}, {"place": "没有这个地方"}, {"place": "<script>"}):
        with pytest.raises(Refusal) as refused:
            meant(nothing)
        assert refused.value.violations[0].field == "place"


def test_a_fresh_charter_has_its_clauses_ticked_and_a_saved_one_what_was_said() -> None:
    clause = "form.charter.hasPartyClause"
    fresh = texts_of(CHARTER, UpdateDraftRequest(form=Form()))
    assert begun(CHARTER, fresh)[clause] == ("true",)
    saved = texts_of(CHARTER, UpdateDraftRequest(form=Form(purpose="邻里互助")))
    assert begun(CHARTER, saved)[clause] != ("true",)


def test_answers_are_words_and_rosters_one_line() -> None:
    form = Form(
        name="暖心队", field_codes=["YL", "ZY"], fund_fen=50_050,
        members=[Member(name="王芳", home_community=HERE), Member(name="李明")],
        principals=[Principal(name="符甲", is_official=True)],
    )  # fmt: skip
    found = {one.label: one.text for one in answers(BASIC, UpdateDraftRequest(form=form))}
    assert (found["重点领域"], found["活动资金"], found["专职人数"]) == (
        "养老服务、志愿服务",
        "500.50 元",
        "0 人",
    )
    found = {one.label: one.text for one in answers(people(HERE), UpdateDraftRequest(form=form))}
    assert (found["成员名册"], found["负责人 1 · 现任公职人员"]) == ("王芳、李明，外社区", "是")


def test_what_differs_is_named_by_its_label() -> None:
    stored = UpdateDraftRequest(form=Form(purpose="旧", business_scope="同"))
    typed = read(
        CHARTER,
        [("form.purpose", "新"), ("form.businessScope", "同")],
        UpdateDraftRequest(form=Form()),
    ).texts
    assert differing(CHARTER, stored, typed) == [("宗旨", "旧", "新")]


def test_a_form_says_whose_it_is_to_us_alone() -> None:
    value = whose(KEYRING, "account-1")
    assert "account" not in value
    assert account_of(KEYRING, value) == "account-1"
    other = Keyring({1: b"x" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
    for forged in ("", "%%%", value[:-4] + "AAAA", whose(other, "account-1")):
        assert account_of(KEYRING, forged) == ""
