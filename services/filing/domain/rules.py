"""Setting rules: who may set which key, never for a day gone by, within the bounds above (PH1.1, T3.1)."""

from collections.abc import Iterable
from datetime import date

from kit.errors import Violation, conflict, invalid
from kit.regions import Level, Node
from kit.rules import Bound, RuleBook, Setting

OWN = ("FIL.", "CAL.")
"""Keys that are set here; other services set theirs."""
LEVELS = {"PROV_SO": {"province"}, "CITY_CA": {"city", "county"}, "COUNTY_APPROVE": {"county"}}
"""Lowest levels of the keys a role may set; for the others the province sets bounds."""
NUMBERS = ("int", "percent", "money_yuan")
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


def settable(book: RuleBook, setting: Setting, role: str, node: Node, today: date) -> Setting:
    """The setting, if this role may make it today; bounds are looked at by `expect_within`.

    Raises Refusal: another service's key, a level that is not the role's, a day gone by, or
    whatever the rule book refuses (type, region, basis, a second value for the day).
    """
    definition = book.definition(setting.key)
    _expect_own(setting.key)
    if definition.level not in LEVELS[role]:
        raise conflict("rule.not_this_level", "该项规则不由本级设定;可由上级设定或规定上下限。")
    if definition.level == "county" and node.level is Level.PROVINCE:
        raise conflict("rule.not_this_level", "该项规则由市、县设定,省级规定上下限。")
    expect_ahead(setting.effective_from, today)
    RuleBook.default([*book.settings(setting.key), setting])
    return setting


def _expect_own(key: str) -> None:
    if not key.startswith(OWN):
        raise invalid("rule.not_here", f"规则“{key}”不在备案服务中设定。")


def expect_ahead(day: date, today: date) -> None:
    """Nothing is backdated."""
    if day < today:
        sentence = "施行日期不得早于今天。"
        raise invalid("rule.backdated", sentence, Violation("effective_from", "past", sentence))


def expect_within(book: RuleBook, setting: Setting, bounds: Iterable[Bound]) -> None:
    """Refuse a number outside the newest bound of any region above."""
    if book.definition(setting.key).type not in NUMBERS:
        return
    for bound in binding(bounds, setting.region_path, setting.effective_from):
        if not bound.lowest <= int(setting.value) <= bound.highest:
            raise invalid(
                "rule.out_of_bounds",
                f"上级规定该项规则的范围为{bound.lowest}至{bound.highest}。",
                Violation("value", "bounds", f"应在{bound.lowest}至{bound.highest}之间。"),
            )


def binding(bounds: Iterable[Bound], path: str, on: date) -> list[Bound]:
    """The newest bound of each region above a path on a day."""
    newest: dict[str, Bound] = {}
    for bound in sorted(bounds, key=lambda one: one.effective_from):
        above = path.startswith(bound.region_path) and path != bound.region_path
        if above and bound.effective_from <= on:
            newest[bound.region_path] = bound
    return list(newest.values())


def boundable(book: RuleBook, bound: Bound, role: str, today: date) -> Bound:
    """The bound, if no value below lies outside it from its day on; the offenders are named."""
    definition = book.definition(bound.key)
    _expect_own(bound.key)
    if role == "COUNTY_APPROVE":
        raise conflict("rule.not_this_level", "规则的上下限由省级或市级规定。")
    if definition.type not in NUMBERS:
        raise invalid("rule.no_number", "只有数值类规则可以规定上下限。")
    if bound.lowest > bound.highest:
        raise invalid("rule.empty_bounds", "下限不得大于上限。")
    expect_ahead(bound.effective_from, today)
    _expect_nobody_outside(book, bound)
    return bound


def _expect_nobody_outside(book: RuleBook, bound: Bound) -> None:
    below = [
        setting
        for setting in book.settings(bound.key)
        if setting.region_path.startswith(bound.region_path)
        and setting.region_path != bound.region_path
    ]
    for setting in below:
        later = any(
            other.region_path == setting.region_path
            and other.lowered_class == setting.lowered_class
            and setting.effective_from < other.effective_from <= bound.effective_from
            for other in below
        )
        if not later and not bound.lowest <= int(setting.value) <= bound.highest:
            raise conflict(
                "rule.bound_contradicted",
                f"{setting.region_path.rstrip('/').rpartition('/')[2]} 已设定为{setting.value},"
                "与拟定的上下限不符,请先调整。",
            )
