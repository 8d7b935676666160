"""Lists of cases: a keyset query over one ancestor column, with the conditions asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kit.access import Filter
from kit.names import grams, normalize
from kit.sql import IN_SCOPE
from services.filing.domain.case import ENDED

TODAY = """(now() AT TIME ZONE 'Asia/Shanghai')::date + (SELECT shift_days FROM kit.clock)"""
LIST = f"""filing_id, name, state, community, application_no, received_on, decide_due, notice_ends,
 proposal->>'decision' AS proposed, version, filing_no, form->>'category' AS category, handler,
 open_objections, (reminded->>'DECISION')::int AS level, {TODAY} AS today"""
FOUND = """filing_id IN (SELECT filing_id FROM filing_search
 WHERE grams @> :grams AND position(:words IN name_key) > 0)"""


DAYS = ("received_from", "received_to")


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for beside its filter: size, last id seen, order, further conditions."""

    size: int
    after: str = ""
    newest_first: bool = True
    state: str = ""
    category: str = ""
    search: str = ""
    received_from: date | None = None
    received_to: date | None = None
    overdue: bool = False
    handler: str = ""
    proposed_not_by: str | None = None
    waiting: bool = False
    """Only what waits for the authority: of renewals those that are applied for."""

    @classmethod
    def of(cls, asked: Mapping[str, Any], size: int) -> "Page":
        """The first page under conditions that were kept; days as YYYY-MM-DD."""
        days = {name: date.fromisoformat(asked[name]) for name in DAYS if asked.get(name)}
        return cls(size, **{**asked, **dict.fromkeys(DAYS), **days})


def query(filter: Filter, page: Page) -> tuple[str, dict[str, Any]]:
    """Text and values of the list, one line more than asked; `:scope` is left to the caller."""
    order = "DESC" if page.newest_first else "ASC"
    where, values = _where(filter, page)
    text = f"SELECT {LIST} FROM filing WHERE {where}"
    return f"{text} ORDER BY filing_id {order} LIMIT :size", values | {"size": page.size + 1}


def counting(filter: Filter, page: Page, most: int) -> tuple[str, dict[str, Any]]:
    """Text and values of the number of lines on all pages, at most `most` and one."""
    where, values = _where(filter, page)
    text = f"SELECT count(*) FROM (SELECT 1 FROM filing WHERE {where} LIMIT :most) AS line"
    return text, values | {"most": most + 1}


def _where(filter: Filter, page: Page) -> tuple[str, dict[str, Any]]:
    beyond = "<" if page.newest_first else ">"
    where, values = [f"{filter.column} = :value", IN_SCOPE], {"value": filter.value}
    for text, value in (*_states(filter, page), *_conditions(page, beyond)):
        where.append(text)
        values |= value
    return " AND ".join(where), values


Condition = tuple[str, dict[str, Any]]


def _states(filter: Filter, page: Page) -> Iterator[Condition]:
    yield "state <> ALL(:not_states)", {"not_states": list(filter.not_states)}
    if filter.states:
        yield "state = ANY(:states)", {"states": list(filter.states)}
    if page.state:
        yield "state = :state", {"state": page.state}


def _conditions(page: Page, beyond: str) -> Iterator[Condition]:
    if page.after:
        yield f"filing_id {beyond} :after", {"after": UUID(page.after)}
    if page.search:
        yield _searched(page.search)
    if page.category:
        yield "form->>'category' = :category", {"category": page.category}
    if page.received_from:
        yield "received_on >= :received_from", {"received_from": page.received_from}
    if page.received_to:
        yield "received_on <= :received_to", {"received_to": page.received_to}
    if page.overdue:
        ended = [state.name for state in ENDED]
        yield f"decide_due < {TODAY} AND state <> ALL(:ended)", {"ended": ended}
    if page.handler:
        yield "handler = :handler", {"handler": page.handler}
    if page.waiting:
        yield "(state <> 'RENEW_DUE' OR decide_due IS NOT NULL)", {}
    if page.proposed_not_by is not None:
        yield "proposed_by NOT IN ('', :me)", {"me": page.proposed_not_by}


def _searched(text: str) -> Condition:
    """A number as it is printed, else a part of the name."""
    words = normalize(text)
    if words.isascii() and words.startswith("SQBA"):
        return "filing_no = :number", {"number": words}
    if words.isascii() and words.startswith("SB"):
        return "application_no = :number", {"number": words}
    return FOUND, {"grams": grams(words), "words": words}
