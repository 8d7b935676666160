"""What is kept no longer than its purpose: answered requests, sent facts, facts taken in.

Rows go in small batches, so nobody waits; the audit trail is never touched.
"""

import logging
from dataclasses import dataclass

from kit.database import Database
from kit.timers import Timer

log = logging.getLogger(__name__)
BATCH = 1000
EVERY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table that go some days after a time; `ground` says why so long."""

    table: str
    days: int
    since: str
    ground: str

    @property
    def statement(self) -> str:
        """One batch."""
        return (
            f"DELETE FROM {self.table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {self.table}"
            f" WHERE {self.since} < now() - interval '{self.days} days' LIMIT {BATCH}))"
        )


RULES = (
    Rule("kit.request", 7, "created_at", "a retry comes within a day; kept seven times as long"),
    Rule("kit.outbox", 30, "published_at", "sent facts can be sent again for a month"),
    Rule("kit.floor", 1, "raised_at", "a token lives for a minute"),
    Rule("kit.inbox", 30, "received_at", "longer than a fact may come again"),
)


async def tidy(database: Database) -> int:
    """Delete what is due; answers how many rows."""
    total = 0
    for rule in RULES:
        gone = 0
        while (done := await _batch(database, rule)) == BATCH:
            gone += done
        gone += done
        if gone:
            log.info("%d rows of %s kept long enough", gone, rule.table)
        total += gone
    return total


async def _batch(database: Database, rule: Rule) -> int:
    answer = await database.pool.execute(rule.statement)
    return int(answer.rpartition(" ")[2])


def timer(database: Database) -> Timer:
    """The job of a workload."""
    return Timer("kit.retention", lambda: tidy(database), EVERY_SECONDS)
