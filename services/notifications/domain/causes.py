"""Which messages a fact causes: one table, read from top to bottom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kit.regions import hainan
from services.notifications.domain.templates import CURRENT

Values = Mapping[str, str]
"""Fields of a fact as text, lists joined by 、; empty where the fact says nothing or no."""

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


@dataclass(frozen=True, slots=True)
class Cause:
    """One message of a fact: to whom, by which template, under which condition."""

    to: Callable[[Values], Address]
    template: str
    when: Callable[[Values], bool] = lambda _: True


def applicant(fact: Values) -> Address:
    """The account that applied."""
    return Address(account=fact["applicant_account"])


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


def _asked(fact: Values) -> bool:
    return fact["opinion_asked"] != ""


CAUSES: Mapping[str, tuple[Cause, ...]] = {
    "FilingSubmitted": (
        Cause(applicant, "filing_received"),
        Cause(village, "opinion_asked", when=_asked),
        Cause(clerk, "review_due", when=lambda fact: not _asked(fact)),
    ),
    "FilingReturned": (Cause(applicant, "correction_asked"),),
    "FilingResubmitted": (Cause(clerk, "correction_made"),),
    "FilingLapsed": (Cause(applicant, "filing_lapsed"),),
    "FilingNoticeStarted": (
        Cause(applicant, "notice_started"),
        Cause(village, "notice_in_community"),
    ),
    "OrganizationFiled": (
        Cause(applicant, "organization_filed"),
        Cause(village, "filed_in_community"),
        Cause(county, "filed_in_county"),
    ),
    "FilingRefused": (Cause(applicant, "filing_refused"),),
    "FilingWithdrawn": (Cause(clerk, "filing_withdrawn"),),
}


def messages(name: str, fact: Values) -> tuple[Text, ...]:
    """The messages a fact causes, in their order.

    Raises KeyError for a fact that causes none, Refusal region.unknown for a place nobody knows.
    """
    values = words(fact)
    return tuple(_written(cause, fact, values) for cause in CAUSES[name] if cause.when(fact))


def _written(cause: Cause, fact: Values, values: Values) -> Text:
    template = CURRENT[cause.template]
    subject, body = template.render(values)
    about = f"filings/{fact['filing_id']}"
    return Text(cause.to(fact), subject, body, template.name, template.version, about)


def words(fact: Values) -> dict[str, str]:
    """What the templates may show: the fact's values, days in Chinese, names of places."""
    shown = {
        name: chinese_day(value) if name.endswith(DAYS) else value for name, value in fact.items()
    }
    shown["authority"] = hainan().get(fact["authority_code"]).name
    shown["community"] = hainan().get(fact["community_code"]).name
    until = shown.get("valid_to", "")
    shown["validity"] = f"备案有效期至{until}。" if until else ""
    return shown


def chinese_day(day: str) -> str:
    """2026年3月2日 of 2026-03-02; empty stays empty. Raises ValueError for anything else."""
    if not day:
        return ""
    on = date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日"
