"""Lists of cases: a keyset query over one ancestor column, with the conditions asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Any
from uuid import UUID

from kit.access import Filter
from kit.names import grams, normalize
from kit.sql import IN_SCOPE
from services.filing.domain.case import ENDED, State

TODAY = """(now() AT TIME ZONE 'Asia/Shanghai')::date + (SELECT shift_days FROM kit.clock)"""
DUE_ON = """CASE state WHEN 'VILLAGE_REVIEW' THEN opinion_due WHEN 'CORRECTION' THEN correction_due
 ELSE decide_due END"""
"""The limit a case that has not ended stands under (`domain.clocks.limit`)."""
OPEN = f"state NOT IN ({', '.join(sorted(repr(one.name) for one in {State.DRAFT, *ENDED}))})"
"""Somebody has something to do: inboxes are kept in order for just these cases (0012)."""
AMONG = "array_position(:states::text[], state) IS NOT NULL"
"""Of these states, in words that the planner does not weigh: it takes states for independent of OPEN,
expects four lines of a street's two hundred, and sorts them all instead of reading them in order."""
RUNS = f"NOT (state = 'NOTICE_PERIOD' AND notice_ends >= {TODAY})"
LIST = f"""filing_id, name, state, community, application_no, received_on, decide_due, opinion_due,
 correction_due, notice_ends, proposal->>'decision' AS proposed, version, filing_no,
 form->>'category' AS category, handler, open_objections, (reminded->>'DECISION')::int AS level,
 now() AS at, {TODAY} AS today"""
FOUND = """filing_id IN (SELECT filing_id FROM filing_search
 WHERE grams @> :grams AND position(:words IN name_key) > 0)"""


DAYS = ("received_from", "received_to")


class Tab(Enum):
    """Part of an inbox."""

    WAITING = auto()
    OVERDUE = auto()
    WITHIN_DAY = auto()
    CORRECTION = auto()


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for beside its filter: size, last id seen, further conditions."""

    size: int
    after: str = ""
    state: str = ""
    category: str = ""
    search: str = ""
    received_from: date | None = None
    received_to: date | None = None
    overdue: bool = False
    place: str = ""
    done_by: str = ""
    """Only cases in which this account has taken a step."""
    handler: str = ""
    proposed_not_by: str | None = None
    tab: Tab | None = None
    """Part of an inbox; it is sorted by the time left."""
    after_due: date | None = None
    """Limit of the last line seen, where the time left sorts."""

    @classmethod
    def of(cls, asked: Mapping[str, Any], size: int) -> "Page":
        """The first page under conditions that were kept; days as YYYY-MM-DD."""
        days = {name: date.fromisoformat(asked[name]) for name in DAYS if asked.get(name)}
        return cls(size, **{**asked, **dict.fromkeys(DAYS), **days})


def query(filter: Filter, page: Page) -> tuple[str, dict[str, Any]]:
    """Text and values of the list, one line more than asked; `:scope` is left to the caller."""
    order = f"{DUE_ON}, filing_id" if page.tab else "filing_id DESC"
    where, values = _where(filter, page)
    text = f"SELECT {LIST} FROM filing WHERE {where}"
    return f"{text} ORDER BY {order} LIMIT :size", values | {"size": page.size + 1}


def counting(filter: Filter, page: Page, most: int) -> tuple[str, dict[str, Any]]:
    """Text and values of the number of lines on all pages, at most `most` and one."""
    where, values = _where(filter, page)
    text = f"SELECT count(*) FROM (SELECT 1 FROM filing WHERE {where} LIMIT :most) AS line"
    return text, values | {"most": most + 1}


def _where(filter: Filter, page: Page) -> tuple[str, dict[str, Any]]:
    where, values = [f"{filter.column} = :value", IN_SCOPE], {"value": filter.value}
    for text, value in (*_states(filter, page), *_conditions(page)):
        where.append(text)
        values |= value
    return " AND ".join(where), values


def counts(filter: Filter, account: str, proposed_not_by: str | None) -> tuple[str, dict[str, Any]]:
    """Text and values of how much is in each part of an inbox; one pass over its open cases."""
    values: dict[str, Any] = {
        "value": filter.value,
        "states": list(filter.states),
        "done_by": account,
    }
    others = ""
    if proposed_not_by is not None:
        others, values = f" AND {PROPOSED}", values | {"me": proposed_not_by}
    waiting = f"{WAITING}{others}"
    text = f"""SELECT count(*) FILTER (WHERE {waiting}) AS waiting,
 count(*) FILTER (WHERE {waiting} AND {LATE}) AS overdue,
 count(*) FILTER (WHERE {waiting} AND {LAST_DAY}) AS within_day,
 count(*) FILTER (WHERE state = 'CORRECTION') AS correction,
 (SELECT count(*) FROM filing WHERE {filter.column} = :value AND {IN_SCOPE} AND {DONE}) AS done
 FROM filing WHERE {filter.column} = :value AND {IN_SCOPE} AND {OPEN}
 AND state = ANY(:states)"""
    return text, values


Condition = tuple[str, dict[str, Any]]
WAITING = "state <> 'CORRECTION' AND (state <> 'RENEW_DUE' OR decide_due IS NOT NULL)"
"""What waits for the authority: of renewals those that are applied for."""
LATE, LAST_DAY = (f"({DUE_ON}) {one} {TODAY} AND {RUNS}" for one in "<=")
PROPOSED = "proposed_by NOT IN ('', :me)"
DONE = """filing_id = ANY (ARRAY(SELECT DISTINCT object_id::uuid FROM kit.audit WHERE subject = :done_by
 AND outcome = 'done' AND action IN ('give_village_opinion', 'return_for_correction', 'start_notice',
 'handle_objection', 'propose_decision', 'decide', 'write_guidance')))"""
"""The account has taken a step: as the audit trail says, by an index for just this (0010).

A list of ids, for row security lets the planner use no more than that: joined to the trail, every
case the authority ever had is read.
"""
PARTS: Mapping[Tab, str] = {
    Tab.WAITING: WAITING,
    Tab.OVERDUE: f"{WAITING} AND {LATE}",
    Tab.WITHIN_DAY: f"{WAITING} AND {LAST_DAY}",
    Tab.CORRECTION: "state = 'CORRECTION'",
}


def _states(filter: Filter, page: Page) -> Iterator[Condition]:
    yield "state <> ALL(:not_states)", {"not_states": list(filter.not_states)}
    if filter.states:
        yield AMONG if page.tab else "state = ANY(:states)", {"states": list(filter.states)}
    if page.state:
        yield "state = :state", {"state": page.state}


def _conditions(page: Page) -> Iterator[Condition]:
    if page.after_due:
        after = {"after_due": page.after_due, "after": UUID(page.after)}
        yield f"({DUE_ON}, filing_id) > (:after_due, :after)", after
    elif page.after:
        yield "filing_id < :after", {"after": UUID(page.after)}
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
    yield from _desk(page)


def _desk(page: Page) -> Iterator[Condition]:
    """By place, by who has the case in hand, by what waits."""
    if page.place:
        yield "(authority = :place OR community = :place)", {"place": page.place}
    if page.done_by:
        yield DONE, {"done_by": page.done_by}
    if page.tab:
        yield f"{OPEN} AND {PARTS[page.tab]}", {}
    if page.handler:
        yield "handler = :handler", {"handler": page.handler}
    if page.proposed_not_by is not None and page.tab is not Tab.CORRECTION:
        yield PROPOSED, {"me": page.proposed_not_by}


def _searched(text: str) -> Condition:
    """A number as it is printed, else a part of the name."""
    words = normalize(text)
    if words.isascii() and words.startswith("SQBA"):
        return "filing_no = :number", {"number": words}
    if words.isascii() and words.startswith("SB"):
        return "application_no = :number", {"number": words}
    return FOUND, {"grams": grams(words), "words": words}
