"""What is on its way outward: claimed by a worker, recorded, reported, gone. Ids only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg

from gateway.queue.breaker import TRIPS, Health
from kit.database import Database
from kit.sql import NOW, bind
from kit.telemetry import signals
from kit.telemetry.signals import Reading

if TYPE_CHECKING:
    from kit.database import Connection

PUT = f"""INSERT INTO sending (dispatch_id, channel, urgent, made_at, due_at)
 SELECT $1, $2, $3, now.at, now.at FROM ({NOW}) AS now(at) ON CONFLICT DO NOTHING"""
# What is known and only unreported goes at any hour.
CLAIM = """UPDATE sending s
 SET claim = :claim, claimed_until = clock_timestamp() + :lease FROM (
  SELECT w.dispatch_id FROM sending w LEFT JOIN far_end f USING (channel)
  WHERE w.channel = :channel AND w.due_at <= :now AND (NOT :quiet OR w.urgent OR w.state <> '')
  AND (w.claimed_until IS NULL OR w.claimed_until < clock_timestamp())
  AND coalesce(f.held_until, '-infinity') <= :now
  ORDER BY w.due_at
  LIMIT greatest(0, CASE WHEN (SELECT failures FROM far_end WHERE channel = :channel) >= :trips
   THEN 1 - (SELECT count(*) FROM sending r WHERE r.channel = :channel
    AND r.claimed_until >= clock_timestamp()) ELSE :room END)
  FOR UPDATE OF w SKIP LOCKED) p
 WHERE s.dispatch_id = p.dispatch_id RETURNING s.*"""
RECORD = """UPDATE sending SET state = :state, reason = :reason
 WHERE dispatch_id = :dispatch_id AND claim = :claim"""
AGAIN = """UPDATE sending SET attempts = :attempts, reason = :reason, due_at = :due_at,
 claim = NULL, claimed_until = NULL WHERE dispatch_id = :dispatch_id AND claim = :claim"""
DONE = "DELETE FROM sending WHERE dispatch_id = :dispatch_id AND claim = :claim"
KNOWN = "INSERT INTO far_end (channel) VALUES ($1) ON CONFLICT DO NOTHING"
FAR_END = "SELECT * FROM far_end WHERE channel = $1"
LOCK = f"{FAR_END} FOR UPDATE"
HEALTH = """UPDATE far_end SET failures = :failures, failing_since = :failing_since,
 held_until = :held_until WHERE channel = :channel"""
FORWARD = """UPDATE sending SET due_at = :now
 WHERE channel = :channel AND due_at > :now AND claim IS NULL"""
FAR_ENDS = "SELECT * FROM far_end"
CURSOR = "SELECT receipts_after FROM far_end WHERE channel = $1"
ADVANCE = """INSERT INTO far_end (channel, receipts_after) VALUES ($1, $2)
 ON CONFLICT (channel) DO UPDATE SET receipts_after = excluded.receipts_after"""


CHANNELS = ("SMS", "MAIL")


@dataclass(frozen=True, slots=True)
class Sending:
    """A dispatch a worker may hand over, or report, now."""

    dispatch_id: UUID
    claim: UUID
    made_at: datetime
    attempts: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The sendings of one gateway database."""

    database: Database

    async def put(
        self, connection: "Connection", dispatch_id: UUID, channel: str, urgent: bool
    ) -> None:
        """A dispatch was released."""
        await connection.execute(PUT, dispatch_id, channel, urgent)

    async def now(self) -> datetime:
        """Time of the schedule."""
        found: datetime = await self.database.pool.fetchval(NOW)
        return found

    async def claim(
        self, channel: str, now: datetime, *, room: int, lease: timedelta, quiet: bool
    ) -> list[Sending]:
        """At most `room` that are due; while it is quiet only urgent ones."""
        values = {
            "channel": channel, "now": now, "room": room, "lease": lease, "quiet": quiet,
            "trips": TRIPS, "claim": uuid4(),
        }  # fmt: skip
        text, arguments = bind(CLAIM, values)
        return [_sending(row) for row in await self.database.pool.fetch(text, *arguments)]

    async def record(self, one: Sending, state: str, reason: str) -> None:
        """What became of it is known, and now to be reported."""
        await self._run(RECORD, one, {"state": state, "reason": reason})

    async def again(self, one: Sending, attempts: int, reason: str, due_at: datetime) -> None:
        """It is tried again later."""
        values = {"attempts": attempts, "reason": reason, "due_at": due_at}
        await self._run(AGAIN, one, values)

    async def done(self, one: Sending) -> None:
        """It was reported."""
        await self._run(DONE, one, {})

    async def _run(self, statement: str, one: Sending, values: Mapping[str, object]) -> None:
        own = {"dispatch_id": one.dispatch_id, "claim": one.claim}
        text, arguments = bind(statement, {**own, **values})
        await self.database.pool.execute(text, *arguments)

    async def fares(self, channel: str, after: Callable[[Health], Health], now: datetime) -> None:
        """Keep how a far end fares; what waits for one that is well again goes now."""
        row = await self.database.pool.fetchrow(FAR_END, channel)
        if after(_health(row)) == _health(row):
            return
        async with self.database.transaction("far end") as connection:
            await connection.execute(KNOWN, channel)
            before = _health(await connection.fetchrow(LOCK, channel))
            health = after(before)
            values = {
                "channel": channel, "failures": health.failures, "now": now,
                "failing_since": health.failing_since, "held_until": health.held_until,
            }  # fmt: skip
            statements = [HEALTH, *([FORWARD] if before.tripped and not health.failures else [])]
            for statement in statements:
                text, arguments = bind(statement, values)
                await connection.execute(text, *arguments)

    async def measure(self) -> Sequence[Reading]:
        """Of every way whether its far end rests; one that never failed is well."""
        rows = await self.database.pool.fetch(FAR_ENDS)
        health = dict.fromkeys(CHANNELS, Health()) | {row["channel"]: _health(row) for row in rows}
        return [Reading(signals.CIRCUIT, one.tripped, name) for name, one in health.items()]

    async def cursor(self, channel: str) -> str:
        """How far receipts were read."""
        return await self.database.pool.fetchval(CURSOR, channel) or ""

    async def advance(self, channel: str, reached: str) -> None:
        """Receipts up to here were reported."""
        await self.database.pool.execute(ADVANCE, channel, reached)


def _sending(row: asyncpg.Record) -> Sending:
    return Sending(
        row["dispatch_id"], row["claim"], row["made_at"], row["attempts"],
        row["state"], row["reason"],
    )  # fmt: skip


def _health(row: asyncpg.Record | None) -> Health:
    return Health(row["failures"], row["failing_since"], row["held_until"]) if row else Health()
