"""Setting rules: who may set which key, never for a day gone by, within the bounds above (PH1.1, T3.1)."""

from collections.abc import Iterable
from datetime import date

from kit.errors import Violation, conflict, invalid
from kit.regions import Level, Node, hainan
from kit.rules import NUMBERS, Bound, Definition, RuleBook, Setting, outside
from kit.rules.values import parse

OWN = ("FIL.", "CAL.")
"""Keys that are set here; other services set theirs."""
LEVELS = {"PROV_SO": {"province"}, "CITY_CA": {"city", "county"}, "COUNTY_APPROVE": {"county"}}
"""Lowest levels of the keys a role may set; for the others the province sets bounds."""
AUTHORITY = "FIL.AUTHORITY_LEVEL"
HOLIDAYS = "CAL.LOCAL_HOLIDAYS"
CLASSLESS = (AUTHORITY, HOLIDAYS)
"""Keys that hold before a case has a class."""
BELOW = {Level.PROVINCE: {"city", "county"}, Level.CITY: {"county"}}
"""Keys that somebody below a region of this level may set, so that a bound there binds."""
CLASSES = {
    "SHFW": "SERVICE", "SQSW": "HARMONY", "WTHD": "CULTURE", "GYCS": "CHARITY", "NCJS": "FARMING",
}  # fmt: skip
"""Class of lowered thresholds by the category of the form (policy item 3)."""
ELDERLY = "YL"


def lowered_class(category: str, field_codes: Iterable[str]) -> str:
    """The class a form belongs to; care for the elderly goes before its category, none is empty."""
    if category in ("SHFW", "GYCS") and ELDERLY in field_codes:
        return "ELDERLY"
    return CLASSES.get(category, "")


def own(key: str) -> bool:
    """A key that is set in this service."""
    return key.startswith(OWN)


def settable(book: RuleBook, setting: Setting, role: str, today: date) -> Setting:
    """The setting, if this role may make it today.

    Raises Refusal: another service's key, a level that is not the role's, a class where none can
    be, a day gone by, outside a bound on any day it would hold, or whatever the rule book refuses
    (type, region, basis, a second value for the day).
    """
    definition = book.definition(setting.key)
    _expect_own(setting.key)
    if definition.level not in LEVELS[role]:
        raise conflict("rule.not_this_level", "该项规则不由本级设定；可由上级设定或规定上下限。")
    if setting.lowered_class and setting.key in CLASSLESS:
        raise invalid("rule.no_class", "该项规则不能按活动类别设定。")
    _expect_ahead(setting.effective_from, today)
    settings = [*book.settings(setting.key), setting]
    RuleBook.default(settings)
    for found, bound in outside(settings, book.bounds(setting.key), today):
        if found == setting:
            sentence = f"上级规定该项规则应{_told(bound)}，自{bound.effective_from}起施行。"
            raise invalid(
                "rule.out_of_bounds", sentence, Violation("value", "bounds", f"应{_told(bound)}。")
            )
    return setting


def withdrawable(book: RuleBook, setting: Setting, today: date) -> Setting:
    """The setting, if it has not begun and what would hold in its place keeps the bounds.

    Raises Refusal: it is in force, or an older value outside a bound would live on.
    """
    if setting.effective_from <= today:
        raise conflict("rule.in_force", "该项规则已经施行，不能撤回；请另行设定新的值。")
    left = [other for other in book.settings(setting.key) if other != setting]
    _expect_within(outside(left, book.bounds(setting.key), today), "rule.older_out_of_bounds")
    return setting


def boundable(book: RuleBook, bound: Bound, role: str, node: Node, today: date) -> Bound:
    """The bound, if no value below lies outside it from its day on; the offenders are named.

    Raises Refusal: another service's key, nobody below to bind, ends or choices that do not fit
    the key, a day gone by, values below outside it.
    """
    definition = book.definition(bound.key)
    _expect_own(bound.key)
    if role == "COUNTY_APPROVE" or definition.level not in BELOW.get(node.level, ()):
        raise conflict(
            "rule.not_this_level", "规则的上下限由省级或市级规定，且只约束下级设定的值。"
        )
    _expect_fitting(definition, bound)
    _expect_ahead(bound.effective_from, today)
    bounds = [*book.bounds(bound.key), bound]
    found = outside(book.settings(bound.key), bounds, today)
    _expect_within(((s, b) for s, b in found if b == bound), "rule.bound_contradicted")
    return bound


def _expect_own(key: str) -> None:
    if not own(key):
        raise invalid("rule.not_here", f"规则“{key}”不在备案服务中设定。")


def _expect_ahead(day: date, today: date) -> None:
    """Nothing is backdated."""
    if day < today:
        sentence = "施行日期不得早于今天。"
        raise invalid("rule.backdated", sentence, Violation("effective_from", "past", sentence))


def _expect_fitting(definition: Definition, bound: Bound) -> None:
    if definition.type in NUMBERS:
        if bound.choices:
            raise invalid("rule.no_choices", "数值类规则应规定上下限，不能列举取值。")
        if bound.lowest > bound.highest:
            raise invalid("rule.empty_bounds", "下限不得大于上限。")
        return
    if definition.type != "bool" and not definition.type.startswith("enum:"):
        raise invalid("rule.no_bounds", "该项规则不能规定上下限。")
    try:
        chosen = [parse(definition.type, choice) for choice in bound.choices]
    except ValueError as error:
        raise invalid("rule.bad_value", "可选取值不符合该项规则的类型。") from error
    if not chosen or bound.lowest or bound.highest:
        raise invalid("rule.no_number", "该项规则不是数值，请列举可选取值。")


def _expect_within(offenders: Iterable[tuple[Setting, Bound]], code: str) -> None:
    broken = [
        Violation(
            "effective_from",
            "outside",
            f"{_name(setting)}设定为{setting.value}，应{_told(bound)}。",
        )
        for setting, bound in offenders
    ]
    if broken:
        raise conflict(code, "下列设定超出上级规定的范围，请先调整。", *broken)


def _told(bound: Bound) -> str:
    if bound.choices:
        return f"在“{'、'.join(bound.choices)}”中选择"
    return f"在{bound.lowest}至{bound.highest}之间"


def _name(setting: Setting) -> str:
    node = hainan().get(setting.region_path.rstrip("/").rpartition("/")[2])
    return f"{node.full_name}自{setting.effective_from}起"


def basis_of(title: str, document_no: str, issuer: str, issued_on: date, today: date) -> str:
    """The basis document as quoted with a value (PH1.1). Raises Refusal for blanks or a day ahead."""
    parts = [part.strip() for part in (issuer, title, document_no)]
    if not all(parts):
        raise invalid("rule.no_basis", "请填写依据文件的名称、文号和发文机关。")
    if issued_on > today:
        raise invalid("rule.basis_ahead", "依据文件的印发日期不得晚于今天。")
    return "{}《{}》（{}）".format(*parts)


def authority_of(community: str, level: str, on: date) -> Node:
    """Who files for a community: its township, or the county that set the level so (T11.2).

    Raises Refusal region.*: no community in force, or nobody named.
    """
    return hainan().filing_authority(community, on, at_county=level == "county")
