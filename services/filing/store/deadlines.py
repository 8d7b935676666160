"""Limits that open cases stand under, counted by limit and county for those who watch the platform."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import asyncpg

from kit.database import Database
from kit.sql import IN_SCOPE, bind
from kit.telemetry import signals
from kit.telemetry.signals import Reading
from services.filing.domain.case import ENDED
from services.filing.store.lists import DUE_ON, RUNS, TODAY

DAY = 86_400
EVERY_SECONDS = 300.0
"""Between two counts: all open cases are walked, and limits move by days."""
LIMIT = """CASE state WHEN 'VILLAGE_REVIEW' THEN 'opinion' WHEN 'CORRECTION' THEN 'correction'
 ELSE 'decision' END"""
COUNT = f"""SELECT county, {LIMIT} AS kind, count(*) AS cases, min({DUE_ON} - ({TODAY})) AS days,
 count(*) FILTER (WHERE {DUE_ON} < {TODAY}) AS overdue FROM filing
 WHERE state <> ALL(:ended) AND {DUE_ON} IS NOT NULL AND {RUNS} AND {IN_SCOPE} GROUP BY 1, 2"""


@dataclass
class Deadlines:
    """The counts of one database."""

    database: Database
    scope: str
    read_at: float = field(default=float("-inf"), init=False)
    last: Sequence[Reading] = field(default=(), init=False)

    async def measure(self) -> Sequence[Reading]:
        """The last count, or a new one when that is old."""
        if time.monotonic() - self.read_at > EVERY_SECONDS:
            values = {"ended": [state.name for state in ENDED], "scope": self.scope}
            text, arguments = bind(COUNT, values)
            rows = await self.database.pool.fetch(text, *arguments)
            self.last, self.read_at = tuple(readings(rows)), time.monotonic()
        return self.last


def readings(rows: Sequence[asyncpg.Record]) -> Iterator[Reading]:
    """Of every limit and county the open cases, those past it, and the time to the nearest end.

    A case of a correction lapses by itself: its limit is the applicant's and never overdue.
    """
    yield Reading(signals.DEADLINE_OVERDUE, 0, "decision")
    for row in rows:
        kind, county = row["kind"], row["county"]
        yield Reading(signals.DEADLINES, row["cases"], kind, county)
        yield Reading(signals.DEADLINE_REMAINING, row["days"] * DAY, kind, county)
        if kind != "correction":
            yield Reading(signals.DEADLINE_OVERDUE, row["overdue"], kind, county)
