"""Refusals in the language of the page: found by sentence or template, Chinese where nothing is known."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.forms import Control, Faults, Field, Form, Rows, add_refusal, read
from gateway.portal.forms.faults import add_violation
from gateway.portal.language import CHINESE, ENGLISH, current
from gateway.portal.named import OF_CONTRACT, named
from gateway.portal.wording import PLACE, about, pattern, templates, tongues, worded
from gateway.portal.words import known
from kit.errors import Violation, invalid
from proto.gen.minzheng.filing.v1.filing_pb import UpdateDraftRequest

HAN = re.compile("[\u4e00-\u9fff]")
PLACED = sorted(str(one.id) for one in known("refusals") if one.id and PLACE.search(str(one.id)))
ADJACENT = re.compile(r"\}\{\d+\}")
WORD = st.text("bcdfghkqvwxz黎苗阿榕琼", min_size=1, max_size=8)
"""What no template says itself."""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = current.set(ENGLISH)
    yield
    current.reset(before)


def test_a_sentence_is_told_in_english() -> None:
    assert (
        worded("请先阅读并签署现行版本的承诺书。")
        == "Read and sign the present version of the pledge first."
    )


def test_what_fills_a_sentence_stays() -> None:
    assert worded("成员不得少于10名。") == "At least 10 members are needed."
    assert worded("名称中不得使用“公司”。") == "The name must not use 公司."


def test_what_fills_a_sentence_is_told_in_english_where_it_is_known() -> None:
    assert worded("请选择业务类别。") == "Choose: Category."
    assert (
        worded("规则“FIL.X”只能由省级或市级设定。")
        == "Rule FIL.X can be set only by the province or a city."
    )
    assert worded("PDF 没有结尾，文件可能不完整或已损坏，请重新导出后再上传。").startswith(
        "The PDF has no end. The file may"
    )
    assert (
        worded("以下材料尚未补交：承诺书、备案申请表。")
        == "These materials are still missing: Pledge, Application form."
    )


def test_a_list_with_something_unknown_stays() -> None:
    assert (
        worded("名称应当以组织形式结尾，如社、队。")
        == "The name must end with the form of the organization, such as 社、队."
    )


def test_a_reason_of_the_guide_is_told_through() -> None:
    told = "尚未达到登记条件（个人会员12，应不少于50；活动资金（元）0，应不少于30000），已达到备案条件，可以申请备案。"
    assert worded(told) == (
        "The conditions for registration are not met (Individual members: 12 of at least 50; "
        "Funds (yuan): 0 of at least 30000); those for filing are. You can apply for filing."
    )


def test_what_nobody_knows_stays_chinese_and_says_so() -> None:
    assert worded("月亮不亮。") == "月亮不亮。"
    assert tongues("月亮不亮。") == [("月亮不亮。", CHINESE)]


def test_a_name_in_english_is_marked() -> None:
    parts = tongues("海口市龙华区不是村（社区），请选到村（社区）一级。")
    assert parts == [
        ("海口市龙华区", CHINESE),
        (" is not a village or community. Choose a village or community.", ""),
    ]


def test_chinese_pages_tell_what_the_service_told() -> None:
    current.set(CHINESE)
    assert worded("成员不得少于10名。") == "成员不得少于10名。"
    assert tongues("成员不得少于10名。") == [("成员不得少于10名。", "")]
    assert about("用途", "至少填写 5 个字。", "第 2 项") == "用途第 2 项至少填写 5 个字。"


def test_a_predicate_has_its_subject() -> None:
    assert about("用途", "至少填写 5 个字。") == "Purpose: must have at least 5 characters."
    assert (
        about("用途", "至少填写 5 个字。", "item 2")
        == "Purpose, item 2: must have at least 5 characters."
    )


@pytest.mark.parametrize(
    ("rule", "typed", "told"),
    [
        ("string.min_len", "", "Fill in: Purpose."),
        ("enum.not_in", "", "Choose: Purpose."),
        ("string.min_len", "x", "Purpose: must have at least 5 characters."),
    ],
)
def test_a_form_is_refused_in_english(rule: str, typed: str, told: str) -> None:
    refusal = invalid(
        OF_CONTRACT, "有 1 处内容不符合要求。", Violation("purpose", rule, "至少填写 5 个字。")
    )
    assert named(refusal, {"purpose": "用途"}, {"purpose": typed})[0].message == told


def test_sentences_of_a_control_are_parted() -> None:
    faults = Faults({"x": ["One.", "Two."]})
    assert faults.at("x") == "One. Two."


@given(st.sampled_from(PLACED), st.data())
def test_every_template_is_found_again_with_its_values(template: str, data: st.DataObject) -> None:
    count = len(PLACE.findall(template))
    values = [data.draw(WORD) for _ in range(count)]
    if ADJACENT.search(template):
        values[1] = str(data.draw(st.integers(0, 10**9)))
    text = template.format(*values)
    english = {one.pattern: told for one, told in templates()}[pattern(template).pattern]
    assert worded(text) == english.format(*values)
    assert worded(worded(text)) == worded(text)


@given(st.text() | st.text("a1 。，“”中文", max_size=20))
def test_no_text_breaks_it_and_parts_are_the_whole(text: str) -> None:
    assert "".join(one for one, _ in tongues(text)) == worded(text)
    assert not [one for one, tongue in tongues(text) if HAN.search(one) and tongue != CHINESE]


def test_faults_of_a_form_are_told_in_english() -> None:
    """In a row, in a list, of what was typed, and of a service."""
    form = Form(
        UpdateDraftRequest,
        Field("form.fieldCodes", "重点领域", choices={"YL": "养老服务"}),
        Field("form.fundFen", "活动资金", control=Control.MONEY),
        Rows("form.principals", "负责人", (Field("name", "姓名"),)),
    )
    posted = [("form.principals[0].name", "x" * 51), ("form.fundFen", "many")]
    faults = read(form, posted, UpdateDraftRequest()).faults
    add_violation(
        form, faults, Violation("form.fieldCodes[2]", "x", "不能使用该取值。"), predicate=True
    )
    add_refusal(form, faults, invalid("x", "请先阅读并签署现行版本的承诺书。"))
    assert faults.by_name == {
        "form.fundFen": ["Funds: must be an amount in yuan, for example 5000 or 5000.50."],
        "form.principals[0].name": [
            "Persons in charge, no. 1: Name: must not have more than 50 characters."
        ],
        "form.fieldCodes": ["Fields of work, item 3: this value cannot be used."],
        "": ["Read and sign the present version of the pledge first."],
    }
