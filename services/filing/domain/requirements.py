"""What an application must show to be received: completeness by the rules in force (T7.1, T11.2).

Each check yields the violations it finds; nothing here judges merits.
"""

from collections.abc import Iterable
from datetime import date

from kit.codes import id_problem, phone_problem
from kit.errors import Violation
from kit.rules import RuleSet, dictionary
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case

UPLOADED = ("B02", "B05")
FROM_FORM = ("B01", "B03", "B04", "B06")
"""Made from the form or checked online: application, identity of the head, roster, pledge."""
OFFICIAL = "B09"
TITLES = {
    "B01": "备案申请表",
    "B02": "章程（简易章程）",
    "B03": "负责人身份证明",
    "B04": "成员名册/从业人员名册",
    "B05": "活动场所使用证明",
    "B06": "承诺书",
    "B07": "村（社区）意见",
    "B08": "成立会议记录/成员大会决议",
    "B09": "公职人员兼职批准文件",
}


OPEN = ("ABSENT", "UNREADABLE")
"""Marks that ask for a correction."""


def mandatory(case: Case) -> tuple[str, ...]:
    """Codes of the materials the case must have."""
    official = any(person.is_official for person in case.persons.principals)
    return (*sorted((*UPLOADED, *FROM_FORM)), *((OFFICIAL,) if official else ()))


def uploads(case: Case) -> tuple[str, ...]:
    """Codes of the mandatory materials that no form makes."""
    return tuple(code for code in mandatory(case) if code not in FROM_FORM)


def open_items(case: Case) -> tuple[str, ...]:
    """Materials marked absent or unreadable."""
    return tuple(item.code for item in case.materials if item.completeness in OPEN)


def complete(case: Case) -> bool:
    """Every mandatory material is marked present and none is open."""
    present = {item.code for item in case.materials if item.completeness == "PRESENT"}
    return set(mandatory(case)) <= present and not open_items(case)


def problems(case: Case, rules: RuleSet, moment: Moment) -> tuple[Violation, ...]:
    """Everything that keeps the application from being received."""
    found: list[Violation] = []
    for check in (_fields, _charter, _premises, _materials):
        found += check(case, moment)
    found += _principals(case, rules, moment)
    found += _people(case, rules)
    return tuple(found)


CHOSEN = ("form.organizationClass", "form.category", "form.fieldCodes", "form.targetGroups", "form.activityScope")  # fmt: skip
"""Fields that are chosen from a list, not written."""


def _missing(field: str, what: str) -> Violation:
    return Violation(field, "required", f"请{'选择' if field in CHOSEN else '填写'}{what}。")


def _fields(case: Case, moment: Moment) -> Iterable[Violation]:
    form = case.form
    for field, value, what in (
        ("form.name", form.name, "组织名称"),
        ("form.organizationClass", form.organization_class, "组织类别"),
        ("form.category", form.category, "业务类别"),
        ("form.fieldCodes", form.field_codes, "重点领域"),
        ("form.targetGroups", form.target_groups, "服务对象"),
        ("form.activityScope", form.activity_scope, "活动地域"),
        ("form.purpose", form.purpose, "宗旨"),
        ("form.businessScope", form.business_scope, "业务范围"),
    ):
        if not value:
            yield _missing(field, what)
    for field, codes, name in (
        ("form.fieldCodes", form.field_codes, "FIELD"),
        ("form.targetGroups", form.target_groups, "TARGET"),
    ):
        if not set(codes) <= set(dictionary(name)):
            yield Violation(field, "dictionary", "选项不在目录内，请重新选择。")


def _charter(case: Case, moment: Moment) -> Iterable[Violation]:
    charter = case.form.charter
    if not charter.has_party_clause:
        yield Violation(
            "form.charter.hasPartyClause", "charter_clause", "章程应当载明党建工作内容。"
        )
    if not charter.has_core_values_clause:
        yield Violation(
            "form.charter.hasCoreValuesClause",
            "charter_clause",
            "章程应当载明践行社会主义核心价值观。",
        )
    adopted = _day(charter.adopted_on)
    if adopted is None or adopted > moment.today:
        yield Violation(
            "form.charter.adoptedOn", "past_day", "请填写章程通过日期，且不得晚于今天。"
        )
    if not 0 < charter.agreed <= charter.present:
        yield Violation("form.charter.agreed", "votes", "同意人数应当大于零且不超过到会人数。")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _premises(case: Case, moment: Moment) -> Iterable[Violation]:
    premises = case.form.premises
    if not premises.address:
        yield _missing("form.premises.address", "活动地址")
    if not premises.tenure:
        yield _missing("form.premises.tenure", "场所取得方式")
    elif premises.tenure != "OWN" and not premises.provider:
        yield _missing("form.premises.provider", "场所提供方")


def _materials(case: Case, moment: Moment) -> Iterable[Violation]:
    for code in uploads(case):
        if case.material(code) is None:
            yield Violation(f"materials.{code}", "material_missing", f"缺少材料：{TITLES[code]}。")


def _principals(case: Case, rules: RuleSet, moment: Moment) -> Iterable[Violation]:
    principals = case.persons.principals
    units = sum(member.is_unit for member in case.persons.members)
    need, units_enough = rules["FIL.FOUNDERS_MIN.NATURAL"], rules["FIL.FOUNDERS_MIN.LEGAL"]
    if not principals or (len(principals) < need and units < units_enough):
        yield Violation("form.principals", "founders", f"发起人（负责人）不得少于{need}人。")
    for index, person in enumerate(principals):
        at = f"form.principals[{index}]"
        if not person.name or not person.position:
            yield _missing(f"{at}.name", "负责人姓名和职务")
        if id_problem(person.id_number, today=moment.today, production=moment.production):
            yield Violation(f"{at}.idNumber", "id_number", "身份证号码不正确。")
        if phone_problem(person.phone, production=moment.production):
            yield Violation(f"{at}.phone", "phone", "手机号码不正确。")


def _people(case: Case, rules: RuleSet) -> Iterable[Violation]:
    form, members = case.form, case.persons.members
    if form.organization_class == "BA_ST" and len(members) < rules["FIL.MEMBERS_MIN.BA_ST"]:
        yield Violation(
            "form.members", "members_min", f"成员不得少于{rules['FIL.MEMBERS_MIN.BA_ST']}名。"
        )
    staff = form.staff_full + form.staff_part
    if form.organization_class == "BA_FW" and staff < rules["FIL.STAFF_MIN.BA_FW"]:
        yield Violation(
            "form.staffFull", "staff_min", f"从业人员不得少于{rules['FIL.STAFF_MIN.BA_FW']}名。"
        )
    if any(not member.name for member in members):
        yield _missing("form.members", "每名成员的姓名或单位名称")
    if form.fund_fen < rules["FIL.FUND_MIN"] * 100:
        yield Violation("form.fundFen", "fund_min", f"活动资金不得少于{rules['FIL.FUND_MIN']}元。")
    if form.premises.tenure == "SHARED" and not rules["FIL.SHARED_PREMISES"]:
        yield Violation("form.premises.tenure", "shared_premises", "本地不允许一址多社。")
    share = rules["FIL.LOCAL_RESIDENT_SHARE_MIN"]
    local = sum(member.home_community == case.place.community_code for member in members)
    if share and local * 100 < share * len(members):
        yield Violation("form.members", "local_share", f"本社区居民占成员的比例不得低于{share}%。")
