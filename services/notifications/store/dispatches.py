"""Dispatches: planned with the message, released when due, opened to be sent, settled by reports.

No address is here: it is read from the contact at the moment of sending, so what a person takes
back or changes in between holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from kit.calendar import QuietHours, WorkingCalendar
from kit.database import Database
from kit.errors import not_found
from kit.ids import uuid7
from kit.settings import settings
from kit.sql import NOW, bind, positions
from kit.unit import Audit, Change, Unit
from proto.gen.minzheng.notifications.v1.dispatches_pb import Channel
from proto.gen.minzheng.notifications.v1.facts_pb import DispatchReleased
from services.notifications.domain.causes import Text
from services.notifications.domain.outward import Choice, due, ways
from services.notifications.domain.templates.template import Weight
from services.notifications.store import IN_SCOPE, SYSTEM, for_account, reach
from services.notifications.store.messages import Kept

if TYPE_CHECKING:
    from kit.database import Connection

BATCH = 200
CHOICES = f"""SELECT account, phone_cell IS NOT NULL AS sms, email_cell IS NOT NULL AS mail,
 channels, only_necessary, daily FROM contact WHERE account = ANY (:accounts) AND {IN_SCOPE}"""
# A message whose event was kept before is not there under this id: nothing is planned twice.
PLAN = f"""WITH made AS (INSERT INTO dispatch (dispatch_id, account, channel, urgent, due_at)
 SELECT :dispatch_id, m.to_account, :channel, :urgent, :due_at FROM message m
 WHERE m.message_id = :message_id AND {IN_SCOPE}
 ON CONFLICT (account, channel, due_at) WHERE state = 'WAITING'
 DO UPDATE SET urgent = dispatch.urgent OR excluded.urgent RETURNING dispatch_id)
INSERT INTO dispatched (dispatch_id, message_id, template)
 SELECT dispatch_id, :message_id, :template FROM made"""
DUE = f"""SELECT dispatch_id, channel, urgent FROM dispatch
 WHERE state = 'WAITING' AND due_at <= ({NOW}) AND {IN_SCOPE}
 ORDER BY due_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED"""
RELEASE = f"""UPDATE dispatch SET state = 'RELEASED'
 WHERE dispatch_id = :dispatch_id AND state = 'WAITING' AND {IN_SCOPE} RETURNING dispatch_id"""
FIND = f"""SELECT *, clock_timestamp() AS now FROM dispatch
 WHERE dispatch_id = :dispatch_id AND {IN_SCOPE}"""
OPEN = f"""UPDATE dispatch SET attempts = attempts + 1
 WHERE dispatch_id = :dispatch_id AND state = 'RELEASED' AND {IN_SCOPE} RETURNING dispatch_id"""
SETTLE = f"""UPDATE dispatch SET state = :state, reason = :reason, settled_at = :at
 WHERE dispatch_id = :dispatch_id AND state = :former AND {IN_SCOPE} RETURNING dispatch_id"""
DAYS_KEPT = 180
"""After the end of a dispatch: as long as records of the net are kept (Cybersecurity Law, article 21)."""
FORGET = f"""WITH gone AS (SELECT dispatch_id FROM dispatch
 WHERE settled_at < now() - interval '{DAYS_KEPT} days' AND {IN_SCOPE} LIMIT {BATCH}),
 said AS (DELETE FROM dispatched WHERE dispatch_id = ANY (ARRAY(SELECT dispatch_id FROM gone)))
 DELETE FROM dispatch WHERE dispatch_id = ANY (ARRAY(SELECT dispatch_id FROM gone))"""
TEXTS = f"""SELECT m.subject, m.body FROM dispatched JOIN message m USING (message_id)
 WHERE dispatch_id = :dispatch_id AND {IN_SCOPE} ORDER BY message_id"""
LIST = f"""SELECT d.*, ARRAY(SELECT template FROM dispatched t WHERE t.dispatch_id = d.dispatch_id
  ORDER BY message_id) AS templates FROM dispatch d
 WHERE (:owner::text IS NULL OR account = :owner)
 AND (:after::uuid IS NULL OR dispatch_id < :after) AND {IN_SCOPE}
 ORDER BY dispatch_id DESC LIMIT :size"""


async def plan(connection: "Connection", kept: Sequence[Kept]) -> None:
    """Plan what of the messages to accounts goes outward, as their owners want it."""
    accounts = {text.to.account for _, text in kept}
    if not accounts or not (choices := await _choices(connection, accounts)):
        return
    now, text, names = await connection.fetchval(NOW), *positions(PLAN)
    hours = QuietHours.of(settings().quiet_hours)
    rows = [row for one in kept for row in planned(*one, choices, now, hours)]
    await connection.executemany(text, [[row[name] for name in names] for row in rows])


async def _choices(connection: "Connection", accounts: set[str]) -> dict[str, Choice]:
    text, arguments = bind(CHOICES, reach(SYSTEM) | {"accounts": list(accounts)})
    return {row["account"]: _choice(row) for row in await connection.fetch(text, *arguments)}


def _choice(row: asyncpg.Record) -> Choice:
    given = tuple(way for way in ("SMS", "MAIL") if row[way.lower()])
    return Choice(given, tuple(row["channels"]), row["only_necessary"], row["daily"])


def planned(
    message_id: UUID, text: Text, choices: dict[str, Choice], now: datetime, hours: QuietHours
) -> list[dict[str, object]]:
    """Rows of PLAN for a message: one for each way it takes."""
    account = text.to.account
    choice = choices.get(account, Choice())
    row = reach(for_account(account)) | {
        "message_id": message_id,
        "template": f"{text.template}/{text.template_version}",
        "urgent": text.weight is Weight.URGENT,
        "due_at": due(text.weight, choice, now, hours, WorkingCalendar()),
    }
    return [row | {"channel": way, "dispatch_id": uuid7()} for way in ways(text.weight, choice)]


@dataclass(frozen=True, slots=True)
class Dispatches:
    """Dispatches as the platform moves them on and their owners see them."""

    database: Database
    unit: Unit

    async def release(self) -> int:
        """State what is due, each once; answers how many. The running call is the timer's."""
        text, arguments = bind(DUE, reach(SYSTEM))
        async with self.database.transaction("release") as connection:
            at = await connection.fetchval("SELECT clock_timestamp()")
            rows = await connection.fetch(text, *arguments)
            if rows:
                await self.unit.write_many([_released(row, at) for row in rows], connection)
        if rows:
            self.unit.doorbell.ring()
        return len(rows)

    async def find(self, dispatch_id: UUID) -> asyncpg.Record:
        """A dispatch, for the platform itself. Refusal NOT_FOUND."""
        text, arguments = bind(FIND, reach(SYSTEM) | {"dispatch_id": dispatch_id})
        row = await self.database.pool.fetchrow(text, *arguments)
        if row is None:
            raise not_found()
        return row

    async def texts(self, dispatch_id: UUID, account: str) -> list[tuple[str, str]]:
        """Subject and text of its messages, in their order."""
        values = reach(for_account(account)) | {"dispatch_id": dispatch_id}
        text, arguments = bind(TEXTS, values)
        rows = await self.database.pool.fetch(text, *arguments)
        return [(row["subject"], row["body"]) for row in rows]

    async def opened(self, row: asyncpg.Record) -> None:
        """Count and audit an opening. Raises Stale when it was settled meanwhile."""
        await self.unit.write(Change(OPEN, _values(row), _audit(row, "RELEASED")))

    async def settle(self, row: asyncpg.Record, state: str, reason: str) -> None:
        """Keep a report. Raises Stale when another was faster."""
        values = {"former": row["state"], "state": state, "reason": reason, "at": row["now"]}
        audit = _audit(row, state, reason)
        await self.unit.write(Change(SETTLE, _values(row) | values, audit))

    async def forget(self) -> int:
        """Remove a batch of what ended long ago; answers how many."""
        text, arguments = bind(FORGET, reach(SYSTEM))
        answer: str = await self.database.pool.execute(text, *arguments)
        return int(answer.rpartition(" ")[2])

    async def newest(
        self, owner: str | None, size: int, after: UUID | None
    ) -> Sequence[asyncpg.Record]:
        """Dispatches of an account, or of everybody, newest first."""
        who = SYSTEM if owner is None else for_account(owner)
        text, arguments = bind(LIST, reach(who) | {"owner": owner, "size": size, "after": after})
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(text, *arguments)
        return rows


def _values(row: asyncpg.Record) -> dict[str, object]:
    return reach(SYSTEM) | {"dispatch_id": row["dispatch_id"]}


def _audit(row: asyncpg.Record, state: str, reason: str = "") -> Audit:
    return Audit(
        str(row["dispatch_id"]), "", row["now"], None,
        from_state=row["state"], to_state=state, reason=reason,
    )  # fmt: skip


def _released(row: asyncpg.Record, at: datetime) -> Change:
    fact = DispatchReleased(
        dispatch_id=str(row["dispatch_id"]),
        fact_version=1,
        channel=Channel[row["channel"]],
        urgent=row["urgent"],
    )
    audit = Audit(fact.dispatch_id, "", at, None, from_state="WAITING", to_state="RELEASED")
    return Change(RELEASE, _values(row), audit, fact=fact)
