"""The audit trail searched: newest first, no more than a quarter of a year at a time.

No index helps but those the writing of the trail needs anyway: a period is found by halving the
numbers of the rows, which grow with time, and what lies inside is walked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kit.calendar import ZONE
from kit.errors import Violation, invalid
from kit.sql import bind

if TYPE_CHECKING:
    from kit.database import Connection

LONGEST = 92
"""Days of a search at most."""
USUAL = 7
"""Days of a search that names no first one."""
DISORDER = timedelta(hours=1)
"""By so much a row's time may lie behind that of rows with lower numbers."""
NEXT = "SELECT id, at FROM kit.audit WHERE id >= $1 ORDER BY id LIMIT 1"
LAST = "SELECT coalesce(max(id), 0) FROM kit.audit"
ROWS = """SELECT id, at, subject, role, post_id, action, object_id, region_path, outcome, reason,
 from_state, to_state, rule_version, traceparent, sealed FROM kit.audit
 WHERE id >= :first AND id < :before AND at >= :since AND at < :until{more}
 ORDER BY id DESC LIMIT :size"""
CONDITIONS = {"account": "subject = :account", "action": "action = :action", "object": "object_id = :object"}  # fmt: skip
REFUSED = " AND outcome = 'refused'"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; an empty text asks for nothing."""

    since: date
    until: date
    """The last day."""
    account: str = ""
    action: str = ""
    object: str = ""
    refused_only: bool = False

    @property
    def said(self) -> str:
        """The search as its own audit row tells it."""
        told = [f"{name}={getattr(self, name)}" for name in CONDITIONS if getattr(self, name)]
        told += ["refused"] * self.refused_only
        return " ".join([f"{self.since}..{self.until}", *told])


def period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """First and last day of a search; Refusal 422 for days the wrong way round or too many."""
    until = last or today
    since = first or until - timedelta(days=USUAL - 1)
    if since > until:
        raise _wrong("operations.period_reversed", "起始日期晚于截止日期。")
    if (until - since).days >= LONGEST:
        raise _wrong("operations.period_too_long", f"一次最多查询 {LONGEST} 天，请缩短起止日期。")
    return since, until


def _wrong(code: str, sentence: str) -> Exception:
    return invalid(code, sentence, Violation("fromDay", "period", sentence))


async def found(
    connection: "Connection", search: Search, before: int | None, size: int
) -> list[Mapping[str, Any]]:
    """Rows of a search with numbers below `before`, newest first."""
    since, until = _midnight(search.since), _midnight(search.until + timedelta(days=1))
    last = await connection.fetchval(LAST)
    first = await _first(connection, since - DISORDER, last + 1)
    end = await _first(connection, until + DISORDER, last + 1)
    asked = {name: getattr(search, name) for name in CONDITIONS if getattr(search, name)}
    more = "".join(f" AND {CONDITIONS[name]}" for name in asked)
    more += REFUSED if search.refused_only else ""
    values: dict[str, object] = {"first": first, "before": min(before or end, end), **asked}
    values |= {"since": since, "until": until, "size": size}
    text, arguments = bind(ROWS.format(more=more), values)
    return [dict(row) for row in await connection.fetch(text, *arguments)]


async def _first(connection: "Connection", moment: datetime, end: int) -> int:
    """Lowest number of a row as young as `moment`; `end` where there is none."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        row = await connection.fetchrow(NEXT, middle)
        if row is None or row["at"] >= moment:
            high = middle
        else:
            low = row["id"] + 1
    return low


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)
