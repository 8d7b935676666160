"""The guide: what an application shows at a place, and whether a group may register or file (T3.1, T11.2).

Read from the rules that judge applications; nothing here is decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kit.rules import RuleSet
from services.filing.domain.requirements import FROM_FORM, OFFICIAL, UPLOADED

REGISTRATION = (
    "REG.ST.MEMBERS.INDIVIDUAL", "REG.ST.MEMBERS.UNIT", "REG.ST.MEMBERS.MIXED",
    "REG.ST.CAPITAL_MIN", "REG.MF.CAPITAL_MIN",
)  # fmt: skip
"""Thresholds of registration; set elsewhere, here with what the law says."""
OPINION = "B07"
BODY = "SOCIAL_BODY"


@dataclass(frozen=True, slots=True)
class Needed:
    """A material of the guide."""

    code: str
    mandatory: bool
    source: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What a group says of itself; money in yuan."""

    form: str
    individuals: int = 0
    units: int = 0
    staff: int = 0
    fund_yuan: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """A threshold against what the group has."""

    key: str
    what: str
    needed: int
    given: int
    basis: str

    @property
    def met(self) -> bool:
        """It suffices."""
        return self.given >= self.needed


@dataclass(frozen=True, slots=True)
class Assessment:
    """Advice with its reasons."""

    advice: str
    reason: str
    registration: tuple[Check, ...]
    filing: tuple[Check, ...]


def materials(rules: RuleSet) -> tuple[Needed, ...]:
    """Materials by code, as the rules of the place ask for them."""
    found = [Needed(code, True, "UPLOAD") for code in UPLOADED]
    found += [Needed(code, True, "FORM") for code in FROM_FORM]
    if rules["FIL.VILLAGE_OPINION"] == "required":
        found.append(Needed(OPINION, True, "PLATFORM"))
    found.append(Needed(OFFICIAL, False, "UPLOAD", "负责人为公职人员的"))
    return tuple(sorted(found, key=lambda one: one.code))


def assess(group: Group, rules: RuleSet) -> Assessment:
    """Registration where its thresholds are met, else filing, else guidance by the village."""
    registration, filing = tuple(_registration(group, rules)), tuple(_filing(group, rules))
    if all(check.met for check in registration):
        return Assessment("REGISTRATION", _REGISTER, registration, filing)
    lacking = _lacking(registration)
    if all(check.met for check in filing):
        return Assessment("FILING", _FILE.format(lacking), registration, filing)
    return Assessment("GUIDANCE", _GUIDE.format(_lacking(filing)), registration, filing)


_REGISTER = "已达到登记条件，可以向县级民政部门申请登记。"
_FILE = "尚未达到登记条件（{}），已达到备案条件，可以申请备案。"
_GUIDE = "尚未达到备案条件（{}），可先由社区党组织领导、村（居）民委员会指导开展活动，达到条件后再申请备案。"


def _lacking(checks: Iterable[Check]) -> str:
    short = (f"{one.what}{one.given}，应不少于{one.needed}" for one in checks if not one.met)
    return "；".join(short)


def _check(rules: RuleSet, key: str, what: str, given: int) -> Check:
    return Check(key, what, rules[key], given, rules.basis(key))


def _registration(group: Group, rules: RuleSet) -> Iterable[Check]:
    if group.form == BODY:
        yield _membership(group, rules)
        yield _check(rules, "REG.ST.CAPITAL_MIN", "活动资金（元）", group.fund_yuan)
    else:
        yield _check(rules, "REG.MF.CAPITAL_MIN", "开办资金（元）", group.fund_yuan)


def _membership(group: Group, rules: RuleSet) -> Check:
    """Persons or units alone may be enough; where there are both, all of them may."""
    persons = _check(rules, "REG.ST.MEMBERS.INDIVIDUAL", "个人会员", group.individuals)
    units = _check(rules, "REG.ST.MEMBERS.UNIT", "单位会员", group.units)
    together = group.individuals + group.units
    mixed = _check(rules, "REG.ST.MEMBERS.MIXED", "会员总数", together)
    if not group.units:
        return persons
    ways = (units,) if not group.individuals else (persons, units, mixed)
    return next((way for way in ways if way.met), ways[-1])


def _filing(group: Group, rules: RuleSet) -> Iterable[Check]:
    """As `requirements` holds an application to them."""
    if group.form == BODY:
        members = group.individuals + group.units
        yield _check(rules, "FIL.MEMBERS_MIN.BA_ST", "成员", members)
    else:
        yield _check(rules, "FIL.STAFF_MIN.BA_FW", "从业人员", group.staff)
    yield _check(rules, "FIL.FUND_MIN", "活动资金（元）", group.fund_yuan)
