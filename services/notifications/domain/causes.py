"""Which messages a fact causes: one table, read from top to bottom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kit.regions import Level, hainan
from services.notifications.domain.templates import CURRENT
from services.notifications.domain.templates.template import Weight

LIMITS = {
    "OPINION": "出具意见", "CORRECTION": "补正", "DECISION": "作出备案决定", "NOTICE": "公示",
    "RETURN": "一次性告知补正", "RENEWAL": "申请换发",
}  # fmt: skip
FINDINGS = {"UNFOUNDED": "异议不成立", "GROUND_REMOVED": "异议所指情形已经消除"}
OPINIONS = {"AGREE": "同意", "DISAGREE": "不同意", "NO_REPLY": "逾期未反馈"}

STOPPERS = {
    "DEPARTMENT": "订阅部门", "AUTHORITY": "民政部门", "PLATFORM": "平台", "ENDPOINT": "接收端",
}  # fmt: skip

Values = Mapping[str, str]
"""Fields of a fact as text, lists joined by 、; empty where the fact says nothing or no."""

LAST_DAY = 100
"""Level of a reminder on the last day; above it the limit has passed."""

DAYS = ("_on", "_due", "_ends", "_to")
"""Endings of fields that hold a day."""


@dataclass(frozen=True, slots=True)
class Address:
    """A reader: an account, or whoever holds a role at a node."""

    account: str = ""
    role: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A message before it is kept; `about` names the thing, e.g. filings/<id>."""

    to: Address
    subject: str
    body: str
    template: str
    template_version: int
    about: str
    weight: Weight = Weight.DUTY


@dataclass(frozen=True, slots=True)
class Cause:
    """One message of a fact, or one to each of several: to whom, by which template, when."""

    to: Callable[[Values], Address | tuple[Address, ...]]
    template: str
    when: Callable[[Values], bool] = lambda _: True


def applicant(fact: Values) -> Address:
    """The account that applied."""
    return Address(account=fact["applicant_account"])


def objector(fact: Values) -> Address:
    """The account that raised the objection."""
    return Address(account=fact["objector_account"])


def objectors(fact: Values) -> tuple[Address, ...]:
    """The accounts whose objections the end of the case answers."""
    accounts = fact["objector_accounts"].split("、")
    return tuple(Address(account=account) for account in accounts if account)


def village(fact: Values) -> Address:
    """The committees of the community."""
    return Address(role="VILLAGE", node=fact["community_code"])


def clerk(fact: Values) -> Address:
    """The clerk of the filing authority."""
    return Address(role="TOWN_CLERK", node=fact["authority_code"])


def county(fact: Values) -> Address:
    """The civil affairs clerk of the county that manages the community."""
    tree = hainan()
    return Address(role="COUNTY_CLERK", node=tree.county_of(tree.get(fact["community_code"])).code)


def lead(fact: Values) -> Address:
    """The lead of the filing authority."""
    return Address(role="TOWN_LEAD", node=fact["authority_code"])


def city(fact: Values) -> Address:
    """The civil affairs bureau of the city; the province where a county lies directly under it."""
    tree = hainan()
    above = tree.ancestors(tree.get(fact["community_code"]))
    node = next((node for node in above if node.level is Level.CITY), None)
    return Address(role="CITY_CA", node=node.code) if node else province(fact)


def province(fact: Values) -> Address:
    """The provincial office for social organizations."""
    root = hainan().ancestors(hainan().get(fact["community_code"]))
    top = next(node for node in root if node.level is Level.PROVINCE)
    return Address(role="PROV_SO", node=top.code)


REMINDED = {
    "OPINION": village,
    "CORRECTION": applicant,
    "NOTICE": clerk,
    "RETURN": clerk,
    "RENEWAL": applicant,
}
UP = {101: lead, 102: county, 103: city, 104: province}
"""Who hears of an overdue decision: one level up a day."""


def reminded(fact: Values) -> Address:
    """Whose limit it is; an overdue decision goes to the next level up."""
    return REMINDED.get(fact["clock"], UP.get(int(fact["level"]), clerk))(fact)


def _template(fact: Values) -> str:
    """What a reminder says: by its clock, and whether the limit has passed."""
    clock, level = fact["clock"], int(fact["level"])
    if level > LAST_DAY:
        return "notice_over" if clock == "NOTICE" else "limit_passed"
    if clock == "RENEWAL":
        return "renewal_near"
    return "return_ends" if clock == "RETURN" and level == LAST_DAY else "limit_near"


def _reminder(template: str) -> Cause:
    return Cause(reminded, template, when=lambda fact: _template(fact) == template)


def _grounded(fact: Values) -> bool:
    return fact["ground"] != ""


def department(fact: Values) -> Address:
    """The department that subscribed."""
    return Address(account=fact["owner_account"])


def decider(fact: Values) -> Address:
    """Who approves in the region of a subscription: its county, above it the province."""
    tree = hainan()
    node = tree.get(fact["region_code"])
    above = (node, *tree.ancestors(node))
    county = next((one for one in above if one.level is Level.COUNTY), None)
    if county is not None:
        return Address(role="COUNTY_APPROVE", node=county.code)
    top = next(one for one in above if one.level is Level.PROVINCE)
    return Address(role="PROV_SO", node=top.code)


def _by_platform(fact: Values) -> bool:
    return fact["stopped_by"] == "PLATFORM"


def _asked(fact: Values) -> bool:
    return fact["opinion_asked"] != ""


REMINDERS = ("limit_near", "return_ends", "renewal_near", "limit_passed", "notice_over")

CAUSES: Mapping[str, tuple[Cause, ...]] = {
    "FilingSubmitted": (
        Cause(applicant, "filing_received"),
        Cause(village, "opinion_asked", when=_asked),
        Cause(clerk, "review_due", when=lambda fact: not _asked(fact)),
    ),
    "FilingOpinionRecorded": (Cause(clerk, "opinion_recorded"),),
    "FilingReturned": (Cause(applicant, "correction_asked"),),
    "FilingResubmitted": (Cause(clerk, "correction_made"),),
    "FilingLapsed": (
        Cause(applicant, "filing_lapsed"),
        Cause(clerk, "filing_lapsed_here"),
        Cause(objectors, "objection_ended"),
    ),
    "FilingNoticeStarted": (
        Cause(applicant, "notice_started"),
        Cause(village, "notice_in_community"),
    ),
    "OrganizationFiled": (
        Cause(applicant, "organization_filed"),
        Cause(village, "filed_in_community"),
        Cause(county, "filed_in_county"),
        Cause(objectors, "objection_and_filed"),
    ),
    "FilingObjectionRaised": (
        Cause(clerk, "objection_raised", when=_grounded),
        Cause(clerk, "objection_recorded", when=lambda fact: not _grounded(fact)),
    ),
    "FilingObjected": (
        Cause(applicant, "objection_taken_up"),
        Cause(objector, "objection_followed"),
    ),
    "FilingObjectionAnswered": (Cause(objector, "objection_answered"),),
    "FilingGuided": (Cause(clerk, "guidance_written"),),
    "FilingReminded": tuple(map(_reminder, REMINDERS)),
    "FilingRefused": (
        Cause(applicant, "filing_refused"),
        Cause(objectors, "objection_and_refused"),
    ),
    "FilingWithdrawn": (
        Cause(clerk, "filing_withdrawn"),
        Cause(objectors, "objection_ended"),
    ),
    "RenewalDue": (Cause(applicant, "renewal_due"),),
    "FilingRenewalApplied": (
        Cause(applicant, "renewal_received"),
        Cause(clerk, "renewal_to_decide"),
    ),
    "FilingRenewed": (
        Cause(applicant, "filing_renewed"),
        Cause(village, "renewed_in_community"),
    ),
    "FilingExpired": (
        Cause(applicant, "filing_expired"),
        Cause(clerk, "filing_expired_here"),
    ),
    "SubscriptionRequested": (Cause(decider, "subscription_requested"),),
    "SubscriptionApproved": (Cause(department, "subscription_approved"),),
    "SubscriptionRefused": (Cause(department, "subscription_refused"),),
    "SubscriptionPaused": (
        Cause(department, "subscription_paused"),
        Cause(decider, "subscription_paused_in_region", when=_by_platform),
    ),
    "SubscriptionEnded": (Cause(department, "subscription_ended"),),
}


def messages(name: str, fact: Values) -> tuple[Text, ...]:
    """The messages a fact causes, in their order.

    Raises KeyError for a fact that causes none, Refusal region.unknown for a place nobody knows.
    """
    values = words(fact)
    return tuple(
        _written(to, cause, fact, values)
        for cause in CAUSES[name]
        if cause.when(fact)
        for to in _readers(cause.to(fact))
    )


def _readers(to: Address | tuple[Address, ...]) -> tuple[Address, ...]:
    return to if isinstance(to, tuple) else (to,)


def _written(to: Address, cause: Cause, fact: Values, values: Values) -> Text:
    template = CURRENT[cause.template]
    subject, body = template.render(values)
    things = "subscriptions" if "subscription_id" in fact else "filings"
    about = f"{things}/{fact.get('subscription_id') or fact['filing_id']}"
    return Text(to, subject, body, template.name, template.version, about, template.weight)


def words(fact: Values) -> dict[str, str]:
    """What the templates may show: the fact's values, days in Chinese, names of places."""
    shown = {
        name: chinese_day(value) if name.endswith(DAYS) else value for name, value in fact.items()
    }
    shown |= {
        name: hainan().get(fact[f"{name}_code"]).name
        for name in ("authority", "community", "region")
        if f"{name}_code" in fact
    }
    limit = LIMITS.get(fact.get("clock", ""), "")
    shown["limit"] = "作出换发决定" if fact.get("renewal") else limit
    shown["matter"] = "换发申请" if fact.get("renewal") else "备案申请"
    shown["village_opinion"] = OPINIONS.get(fact.get("opinion", ""), "")
    shown["finding"] = FINDINGS.get(fact.get("outcome", ""), "")
    shown["stopper"] = STOPPERS.get(fact.get("stopped_by", ""), "")
    until = shown.get("valid_to", "")
    shown["validity"] = f"备案有效期至{until}。" if until else ""
    return shown


def chinese_day(day: str) -> str:
    """2026年3月2日 of 2026-03-02; empty stays empty. Raises ValueError for anything else."""
    if not day:
        return ""
    on = date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日"
