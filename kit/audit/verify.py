"""Verify a workload's audit trail: every MAC, every link from genesis, every checkpoint."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.audit import checkpoint
from kit.audit.row import GENESIS, canonical, digest, link
from kit.secrets import Keyring

if TYPE_CHECKING:
    import asyncpg

BATCH = 5000
ROWS = """SELECT c.number, c.audit_id, c.digest, c.link, a.* FROM kit.audit_chain c
 LEFT JOIN kit.audit a ON a.id = c.audit_id WHERE c.number > $1 ORDER BY c.number LIMIT $2"""
LINK = "SELECT link FROM kit.audit_chain WHERE number = $1"
UNCHAINED = """SELECT a.* FROM kit.audit a LEFT JOIN kit.audit_chain c ON c.audit_id = a.id
 WHERE c.number IS NULL ORDER BY a.id"""


class Broken(Exception):
    """The first thing that is not as it was written: where, and why."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a trail is walked: rows in one go, and the rest after each by the time it took."""

    batch: int = BATCH
    rest: float = 0.0


@dataclass
class Verified:
    """What was found whole."""

    rows: int = 0
    checkpoints: int = 0
    unsealed: int = 0


async def verify(
    connection: "asyncpg.Connection[asyncpg.Record]",
    service: str,
    keyring: Keyring,
    *,
    since_checkpoint: bool = False,
    progress: Callable[[int], None] = lambda _: None,
    pace: Pace = Pace(),
) -> Verified:
    """Walk the trail in one snapshot; raises Broken at the first row or checkpoint that is wrong.

    `since_checkpoint` trusts the last genuine checkpoint and walks from there; `pace` lets others in.
    """
    async with snapshot(connection):
        marks = await _checkpoints(connection, service, keyring)
        start = marks[-1] if since_checkpoint and marks else None
        found = Verified(checkpoints=len(marks))
        number, previous = (start.number, bytes.fromhex(start.link)) if start else (0, GENESIS)
        if start and await connection.fetchval(LINK, number) != previous:
            raise Broken(f"checkpoint {number}: the chain does not reach it as it was")
        expected = {mark.number: mark.link for mark in marks}
        async for row in _chained(connection, number, pace):
            number += 1
            previous = _expect_link(row, number, previous, service, keyring)
            if number in expected and expected.pop(number) != previous.hex():
                raise Broken(f"checkpoint {number}: the chain says something else")
            found.rows += 1
            if found.rows % BATCH == 0:
                progress(found.rows)
        beyond = [n for n in expected if n > number]
        if beyond:
            raise Broken(f"checkpoint {min(beyond)}: the chain ends at {number}")
        found.unsealed = await _unsealed(connection, service, keyring)
    return found


@asynccontextmanager
async def snapshot(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """One state of the trail, however long its reading takes: a call's time limit is not for it."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        yield


async def _chained(
    connection: "asyncpg.Connection[asyncpg.Record]", number: int, pace: Pace
) -> AsyncIterator[Mapping[str, Any]]:
    while rows := await connection.fetch(ROWS, number, pace.batch):
        began = time.monotonic()
        for row in rows:
            yield dict(row)
        number = rows[-1]["number"]
        if pace.rest:
            await asyncio.sleep(pace.rest * (time.monotonic() - began))


def _expect_link(
    row: Mapping[str, Any], number: int, previous: bytes, service: str, keyring: Keyring
) -> bytes:
    where = f"row {row['audit_id']} (number {row['number']})"
    if row["number"] != number:
        raise Broken(f"number {number} is missing from the chain")
    if row["id"] is None:
        raise Broken(f"{where}: deleted")
    text = canonical(row)
    _expect_mac(row, text, where, service, keyring)
    of_row = digest(row["id"], text, row["mac"])
    if of_row != bytes(row["digest"]):
        raise Broken(f"{where}: not the row that was sealed")
    linked = link(previous, number, of_row)
    if linked != bytes(row["link"]):
        raise Broken(f"{where}: the link does not follow from the one before")
    return linked


def _expect_mac(
    row: Mapping[str, Any], text: bytes, where: str, service: str, keyring: Keyring
) -> None:
    if row["service"] != service:
        raise Broken(f"{where}: belongs to {row['service'] or 'no service'}")
    key_id = row["key_id"]
    if key_id not in keyring.audit:
        raise Broken(f"{where}: no such key {key_id}")
    if not hmac.compare_digest(keyring.mac(text, key_id), bytes(row["mac"])):
        raise Broken(f"{where}: changed since it was written (MAC)")


async def _unsealed(
    connection: "asyncpg.Connection[asyncpg.Record]", service: str, keyring: Keyring
) -> int:
    rows = await connection.fetch(UNCHAINED)
    for row in rows:
        where = f"row {row['id']} (not sealed yet)"
        _expect_mac(dict(row), canonical(dict(row)), where, service, keyring)
        if row["sealed"]:
            raise Broken(f"row {row['id']}: said to be sealed and in no chain")
    return len(rows)


async def _checkpoints(
    connection: "asyncpg.Connection[asyncpg.Record]", service: str, keyring: Keyring
) -> list[checkpoint.Checkpoint]:
    """The checkpoints of the file; the table must hold the same, the very last may be on its way."""
    told = list(checkpoint.lines(service))
    rows = await connection.fetch("SELECT line FROM kit.audit_checkpoint ORDER BY number")
    kept = [row["line"] for row in rows]
    if len(kept) > len(told):
        # Made since the file was read: it stands in the file first.
        told = list(checkpoint.lines(service))[: len(kept)]
    if kept != told and kept != told[:-1]:
        raise Broken("checkpoints: file and table differ")
    public = checkpoint.public_key()
    marks: list[checkpoint.Checkpoint] = []
    for line in told:
        try:
            mark = checkpoint.Checkpoint.read(line)
        except ValueError as error:
            raise Broken("checkpoints: a line that is none") from error
        if mark.service != service or not checkpoint.genuine(mark, keyring, public):
            raise Broken(f"checkpoint {mark.number}: not signed by us")
        if marks and mark.number <= marks[-1].number:
            raise Broken(f"checkpoint {mark.number}: out of order")
        marks.append(mark)
    return marks
