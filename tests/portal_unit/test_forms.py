"""Forms from the contract: posted texts become messages, violations find their fields, no text is lost."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.portal.forms import (
    Control,
    Faults,
    Field,
    Form,
    Rows,
    add_refusal,
    read,
    show,
    texts_of,
)
from gateway.portal.forms.shown import Shown, ShownRows
from kit.contracts import ContractError
from kit.errors import Violation, conflict, invalid
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.notifications.v1 import notifications_pb as notes
from tests.portal_unit.hostile import HOSTILE, UNSTORABLE

FIELDS = {"YL": "养老服务", "ZY": "志愿服务", "JK": "健康服务", "HJ": "环境保护"}
FORM = Form(
    pb.UpdateDraftRequest,
    Field("form.name", "组织名称", hint="写全称"),
    Field("form.category", "业务类别"),
    Field("form.organizationClass", "组织类别"),
    Field("form.fieldCodes", "重点领域", choices=FIELDS),
    Field("form.purpose", "宗旨", control=Control.TEXTAREA),
    Field("form.fundFen", "活动资金", control=Control.MONEY),
    Field("form.staffFull", "专职人数", zero="0"),
    Field("form.premises.address", "活动地址"),
    Field("form.premises.tenure", "取得方式"),
    Field("form.charter.hasPartyClause", "载明党建内容"),
    Field("form.charter.adoptedOn", "通过日期", control=Control.DATE),
    Rows(
        "form.principals",
        "负责人",
        (
            Field("name", "姓名", autocomplete="name"),
            Field("position", "职务", initial="负责人"),
            Field("idNumber", "身份证号码", control=Control.IDENTITY),
            Field("isOfficial", "公职人员"),
        ),
        least=2,
    ),
)
POSTED = [
    ("form.name", " 大同里社区暖心队　"),
    ("form.category", "GYCS"),
    ("form.organizationClass", "BA_ST"),
    ("form.fieldCodes", "YL"),
    ("form.fieldCodes", "ZY"),
    ("form.purpose", "邻里互助\r\n服务老人"),
    ("form.fundFen", "５００．５"),
    ("form.staffFull", "3"),
    ("form.premises.address", "大同里１号"),
    ("form.premises.tenure", "FREE_USE"),
    ("form.charter.hasPartyClause", "true"),
    ("form.charter.adoptedOn", "20260301"),
    ("form.principals[0].name", "符甲"),
    ("form.principals[0].position", "负责人"),
    ("form.principals[0].idNumber", "46990019900101001x"),
    ("form.principals[0].isOfficial", "true"),
    ("form.principals[2].name", "王乙"),
    ("form.principals[2].position", "副职"),
    ("form.principals[2].idNumber", ""),
]


def empty() -> Any:
    return pb.UpdateDraftRequest(
        filing_id="018f3c5e-7b1a-7c3d-9e2f-0123456789ab",
        request_id="018f3c5e-7b1a-7c3d-9e2f-0123456789ab",
        form=pb.Form(),
    )


def put(name: str, *texts: str) -> list[tuple[str, str]]:
    return [*((n, t) for n, t in POSTED if n != name), *((name, text) for text in texts)]


def test_posted_texts_become_the_message() -> None:
    posted = put("form.principals[0].idNumber", "")
    form = read(FORM, posted, empty()).message.form  # type: ignore[attr-defined]
    assert form == pb.Form(
        name="大同里社区暖心队",
        category=pb.Category.GYCS,
        organization_class=pb.OrganizationClass.BA_ST,
        field_codes=["YL", "ZY"],
        purpose="邻里互助\n服务老人",
        fund_fen=50_050,
        staff_full=3,
        premises=pb.Premises(address="大同里1号", tenure=pb.Tenure.FREE_USE),
        charter=pb.Charter(has_party_clause=True, adopted_on="2026-03-01"),
        principals=[
            pb.Principal(name="符甲", position="负责人", is_official=True),
            pb.Principal(name="王乙", position="副职"),
        ],
    )


def test_what_goes_to_texts_comes_back_as_the_same_message() -> None:
    message = read(FORM, put("form.principals[0].idNumber", ""), empty()).message
    again = [(name, text) for name, texts in texts_of(FORM, message).items() for text in texts]
    assert read(FORM, again, empty()).message == message


def test_an_empty_form_reads_as_nothing_and_shows_its_rows() -> None:
    reading = read(FORM, [], empty())
    assert not reading.faults
    page = show(FORM, reading.texts)
    rows = page["form.principals"]
    assert isinstance(rows, ShownRows)
    assert [row.items[1].text for row in rows.rows] == ["负责人", "负责人"]


def test_fields_outside_the_form_stay_as_they_were() -> None:
    base = empty()
    base.form.business_scope = "探访"
    base.form.members = [pb.Member(name="丙")]
    form = read(FORM, POSTED, base).message.form  # type: ignore[attr-defined]
    assert (form.business_scope, len(form.members)) == ("探访", 1)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("form.name", "长" * 101, "组织名称不得超过 100 个字。"),
        ("form.category", "NONE", "业务类别请从列出的选项中选择。"),
        ("form.fundFen", "-1", "活动资金应在 0 至 100000000000 之间。"),
        ("form.fundFen", "多", "活动资金应为金额，单位为元，例如 5000 或 5000.50。"),
        ("form.staffFull", "一人", "专职人数应为整数，例如 12。"),
        ("form.charter.adoptedOn", "2026-02-30", "通过日期不是日历上的日期，请核对年月日。"),
        ("form.principals[0].idNumber", "469900199001010011", "负责人 1：身份证号码应为 18 位居民身份证号码，请逐位核对。"),
        ("form.principals[0].name", "长" * 51, "负责人 1：姓名不得超过 50 个字。"),
    ],
)  # fmt: skip
def test_each_fault_lands_at_its_control_with_the_typed_text(
    name: str, text: str, sentence: str
) -> None:
    posted = put(name, text)
    if name != "form.principals[0].idNumber":
        posted = [(n, t) for n, t in posted if not n.endswith("idNumber")]
    reading = read(FORM, posted, empty())
    assert list(reading.faults.by_name) == [name]
    assert reading.faults.at(name) == sentence
    assert reading.texts[name] == (text,)
    assert show(FORM, reading.texts, reading.faults).summary[0][1] == sentence


def test_a_fourth_choice_lands_at_the_list() -> None:
    reading = read(FORM, put("form.fieldCodes", "YL", "ZY", "JK", "HJ"), empty())
    assert reading.faults.at("form.fieldCodes") == "重点领域不得超过 3 项。"


def test_all_faults_are_told_at_once_in_the_order_of_the_page() -> None:
    posted = [*put("form.name", "长" * 101), ("form.charter.adoptedOn", "昨天")]
    posted = [(n, t) for n, t in posted if (n, t) != ("form.charter.adoptedOn", "20260301")]
    reading = read(FORM, posted, empty())
    summary = show(FORM, reading.texts, reading.faults).summary
    assert [place for place, _ in summary] == [
        "form.name", "form.charter.adoptedOn", "form.principals[0].idNumber",
    ]  # fmt: skip


def test_violations_of_a_service_land_at_fields_rows_and_the_whole() -> None:
    faults = Faults()
    refusal = invalid(
        "filing.incomplete",
        "申请内容不完整。",
        Violation("form.premises.address", "required", "请填写活动地址。"),
        Violation("form.principals[1].idNumber", "id_number", "身份证号码不正确。"),
        Violation("form.principals[0].unknown", "x", "甲。"),
        Violation("form.fieldCodes[2]", "x", "乙。"),
        Violation("materials", "material_missing", "缺少材料。"),
    )
    add_refusal(FORM, faults, refusal)
    assert {name: faults.at(name) for name in faults.by_name} == {
        "form.premises.address": "请填写活动地址。",
        "form.principals[1].idNumber": "负责人 2：身份证号码不正确。",
        "form.principals": "第 1 项：甲。",
        "form.fieldCodes": "第 3 项：乙。",
        "": "缺少材料。",
    }


def test_a_refusal_without_violations_speaks_for_the_whole_form() -> None:
    faults = Faults()
    add_refusal(FORM, faults, conflict("filing.pledge_not_signed", "请先签署承诺书。"))
    assert show(FORM, {}, faults).summary == (("", "请先签署承诺书。"),)


def test_rules_choices_and_controls_come_from_the_contract() -> None:
    page = show(FORM, {})
    name, category = page["form.name"], page["form.category"]
    assert isinstance(name, Shown)
    assert isinstance(category, Shown)
    assert (name.control, name.max_length, name.required) == (Control.TEXT, 100, False)
    assert category.control is Control.SELECT
    assert category.choices[0] == ("SHFW", "生活服务类")
    assert page["form.organizationClass"].control is Control.RADIO  # type: ignore[union-attr]
    opinion = Form(pb.GiveVillageOpinionRequest, Field("opinion", "意见"), Field("text", "理由"))
    assert show(opinion, {})["opinion"].required  # type: ignore[union-attr]
    assert [code for code, _ in show(opinion, {})["opinion"].choices] == ["AGREE", "DISAGREE"]  # type: ignore[union-attr]
    reason = Form(pb.WriteGuidanceRequest, Field("text", "意见"))
    assert show(reason, {})["text"].required  # type: ignore[union-attr]


def test_lists_of_enums_are_ticked() -> None:
    form = Form(notes.SaveContactRequest, Field("contact.channels", "渠道"))
    assert show(form, {})["contact.channels"].control is Control.CHECKBOXES  # type: ignore[union-attr]
    posted = [("contact.channels", "SMS"), ("contact.channels", "MAIL")]
    known = [code for code, _ in show(form, {})["contact.channels"].choices]  # type: ignore[union-attr]
    posted = [("contact.channels", code) for code in known]
    reading = read(form, posted, notes.SaveContactRequest(contact=notes.Contact()))
    assert texts_of(form, reading.message)["contact.channels"] == tuple(known)


@pytest.mark.parametrize("path", ["form.nothing", "form.name.more", "form.members.name"])
def test_a_path_the_contract_does_not_know_stops_the_start(path: str) -> None:
    with pytest.raises(ContractError):
        Form(pb.UpdateDraftRequest, Field(path, "甲"))


def test_no_control_hides_a_property_of_the_form() -> None:
    form = Form(pb.CheckNameRequest, Field("name", "名称"))
    assert show(form, {})["name_"].name == "name_"
    reading = read(form, [("name_", "长" * 101)], pb.CheckNameRequest(community_code="4" * 12))
    assert list(reading.faults.by_name) == ["name_"]


TEXTS = st.one_of(st.text(max_size=200), st.sampled_from((*HOSTILE, *UNSTORABLE)))
NAMES = [field.name for field in FORM.fields()] + [
    f"form.principals[{at}].{name}"
    for at in range(3)
    for name in ("name", "position", "idNumber", "isOfficial")
]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=30))
def test_whatever_is_posted_is_read_or_told_and_nothing_is_lost(
    posted: list[tuple[str, str]],
) -> None:
    reading = read(FORM, posted, empty())
    kept = [text for texts in reading.texts.values() for text in texts]
    for name, text in posted:
        if not name.startswith("form.principals"):
            assert text in reading.texts[name]
        elif text.strip() not in ("", "false", "负责人"):
            assert text in kept
    if not reading.faults:
        again = [(n, t) for n, texts in texts_of(FORM, reading.message).items() for t in texts]
        assert read(FORM, again, empty()).message == reading.message
        reading.message.to_binary()


@pytest.mark.parametrize("text", [*HOSTILE, *UNSTORABLE], ids=range(len(HOSTILE) + len(UNSTORABLE)))
def test_hostile_texts_are_kept_as_typed_in_every_field(text: str) -> None:
    reading = read(FORM, [(name, text) for name in NAMES], empty())
    shown = show(FORM, reading.texts, reading.faults)
    for item in shown.items:
        if isinstance(item, Shown):
            assert item.texts == (text,)
    reading.message.to_binary()


def test_signs_that_cannot_be_stored_are_told_at_their_field() -> None:
    for text in UNSTORABLE:
        assert "无法显示" in read(FORM, [("form.name", text)], empty()).faults.at("form.name")
