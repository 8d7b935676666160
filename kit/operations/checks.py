"""The daily walk along the audit chain, and what it found."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from kit.audit.verify import Broken, Pace, Verified, verify
from kit.calendar import ZONE
from kit.database import Database, connect
from kit.log.session import leave
from kit.secrets import Keyring
from kit.timers import Timer

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
LOOK_SECONDS = 300.0
QUIET = time(2)
"""Hour of the day from which it is walked, in Asia/Shanghai."""
PACE = Pace(batch=200, rest=4.0)
"""A fifth of one core, never more than a few milliseconds in one go: calls are answered beside it."""
LAST = "SELECT max(began_at) FROM kit.audit_check"
KEEP = """INSERT INTO kit.audit_check
 (began_at, ended_at, whole, rows, checkpoints, unsealed, finding)
 VALUES ($1, clock_timestamp(), $2, $3, $4, $5, $6)"""
LATEST = """SELECT began_at, ended_at, whole, rows, checkpoints, unsealed, finding
 FROM kit.audit_check ORDER BY began_at DESC LIMIT $1"""


@dataclass(frozen=True, slots=True)
class Check:
    """One walk."""

    began_at: datetime
    ended_at: datetime
    whole: bool
    rows: int
    checkpoints: int
    unsealed: int
    finding: str


def due(last: datetime | None, now: datetime) -> bool:
    """The first walk at once, then one a day, in the quiet hours or as soon after them as may be."""
    if last is None:
        return True
    here = now.astimezone(ZONE)
    return last.astimezone(ZONE).date() < here.date() and here.time() >= QUIET


async def walk(database: Database, keyring: Keyring) -> int:
    """Walk the whole chain if it is time to; answers 1 then. A broken chain is found, no failure."""
    began = datetime.now(UTC)
    if not due(await database.pool.fetchval(LAST), began):
        return 0
    found, finding = Verified(), ""
    connection = await connect(database.workload, "app")
    try:
        found = await verify(connection, database.workload, keyring, pace=PACE)
    except Broken as broken:
        finding = str(broken)
        log.error("audit trail of %s is not as it was written: %s", database.workload, finding)
    finally:
        await leave(connection)
    counts = (found.rows, found.checkpoints, found.unsealed)
    await database.pool.execute(KEEP, began, not finding, *counts, finding)
    return 1


async def latest(connection: "Connection", count: int) -> list[Check]:
    """The last walks, newest first."""
    return [Check(**dict(row)) for row in await connection.fetch(LATEST, count)]


def timer(database: Database, keyring: Keyring) -> Timer:
    """The job of a workload."""
    return Timer("kit.audit_check", lambda: walk(database, keyring), LOOK_SECONDS)
