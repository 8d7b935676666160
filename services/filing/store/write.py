"""Writing an outcome: one statement; an explicit transaction only where a gap-free number is drawn."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import asyncpg
from protobuf import Message

from kit.crash import point
from kit.database import Database
from kit.errors import conflict
from kit.facts import message_of
from kit.names import grams, normalize
from kit.secrets import Keyring
from kit.sql import IN_SCOPE
from kit.unit import Audit, Change, Stale, Unit
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case, State
from services.filing.domain.outcome import Numbered, Outcome, Step
from services.filing.domain.reminders import timer_on
from services.filing.domain.renewal import COOLING_OFF
from services.filing.store.asking import letters_of
from services.filing.store.rows import row_of
from services.filing.store.tables import Filing

if TYPE_CHECKING:
    from kit.database import Connection

COLUMNS = tuple(Filing.model_fields)
FIXED = ("filing_id", "organization_id", "owner", "province", "city", "region_path", "created_at")
INSERT = f"""INSERT INTO filing ({", ".join(COLUMNS)})
 SELECT {", ".join(f":{name}" for name in COLUMNS)} WHERE {IN_SCOPE} RETURNING filing_id"""
UPDATE = f"""UPDATE filing SET {", ".join(f"{n} = :{n}" for n in COLUMNS if n not in FIXED)}
 WHERE filing_id = :filing_id AND version = :version - 1 AND {IN_SCOPE} RETURNING filing_id"""
STEP = """INSERT INTO filing_step (filing_id, ordinal, action, from_state, to_state, role,
 business_on, at, reason, rule_version, owner, organization_id, region_path)
 SELECT :filing_id, :version, :step_action, :step_from, :step_to, :step_role, :today, :updated_at,
 :step_reason, :rule_version, :owner, :organization_id, :region_path FROM state"""
NAME = """INSERT INTO filing_name (filing_id, county, name_key, name)
 SELECT :filing_id, :county, :name_key, :name FROM state"""
NAME_KEPT = """UPDATE filing_name SET free_on = :name_free_on FROM state
 WHERE filing_name.filing_id = :filing_id"""
FREE_NAMES = "DELETE FROM filing_name WHERE free_on <= $1"
SEARCH = """INSERT INTO filing_search (filing_id, name_key, grams)
 SELECT :filing_id, :name_key, :grams FROM state"""
DRAW = """INSERT INTO counter (name, last) VALUES ($1, 1)
 ON CONFLICT (name) DO UPDATE SET last = counter.last + 1 RETURNING last"""
DRAW_LOOSE = f"WITH c AS ({DRAW}) SELECT last, set_config('synchronous_commit', 'off', true) FROM c"
"""A number that may have gaps: a crash loses it before anybody saw it, so it need not be durable."""

PACKAGE = "minzheng.filing.v1"
Reply = Callable[[Case], Message]


class Writer:
    """Writes outcomes of the filing service."""

    def __init__(self, database: Database, unit: Unit, keyring: Keyring) -> None:
        self.database = database
        self.unit = unit
        self.keyring = keyring

    async def save(
        self,
        outcome: Outcome | Numbered,
        moment: Moment,
        request: Message,
        reply: Reply,
        scope: str = "",
    ) -> Message:
        """Write an outcome and answer with `reply` of the new case.

        `scope` is what the rule of the RPC gives where the caller's own does not reach the case.
        Raises Stale when the case changed meanwhile; Refusal when another organization took the name.
        """
        try:
            if isinstance(outcome, Numbered):
                return await self._numbered(outcome, moment, request, reply)
            return await self._write(outcome, moment, request, reply, scope=scope)
        except asyncpg.UniqueViolationError as error:
            if error.table_name == "filing_name":
                raise conflict(
                    "filing.duplicate_name", "本县（市、区）已有同名组织完成备案。"
                ) from error
            if error.constraint_name == "filing_pkey":
                raise Stale from error
            raise

    async def move(self, outcome: Outcome, moment: Moment) -> None:
        """Write an outcome nobody asked for (timers). Raises Stale when the case changed meanwhile."""
        await self.unit.write(change_of(outcome, moment, self.keyring))

    async def free_names(self, moment: Moment) -> None:
        """Names kept long enough after the end of their organizations may be borne again."""
        await self.database.pool.execute(FREE_NAMES, moment.today)

    async def _numbered(
        self, numbered: Numbered, moment: Moment, request: Message, reply: Reply
    ) -> Message:
        if not numbered.gap_free:
            serial = await self.database.pool.fetchval(DRAW_LOOSE, numbered.counter)
            return await self._write(numbered.finish(serial), moment, request, reply)
        async with self.database.transaction("draw number") as connection:
            serial = await connection.fetchval(DRAW, numbered.counter)
            point("filing", "after_lock")
            outcome = numbered.finish(serial)
            answer = await self._write(outcome, moment, request, reply, connection)
            point("filing", "before_commit")
        self.unit.doorbell.ring()
        return answer

    async def _write(
        self,
        outcome: Outcome,
        moment: Moment,
        request: Message,
        reply: Reply,
        connection: "Connection | None" = None,
        scope: str = "",
    ) -> Message:
        answer = reply(outcome.case)
        change = change_of(outcome, moment, self.keyring, scope)
        await self.unit.write(change, request, answer, connection)
        return answer


def change_of(outcome: Outcome, moment: Moment, keyring: Keyring, scope: str = "") -> Change:
    """The one statement of an outcome, under the caller's scope or the one given."""
    case, step = outcome.case, outcome.step
    values = row_of(case, keyring) | _step_values(step, moment)
    values["timer_on"] = timer_on(case, moment)
    values |= {"scope": scope} if scope else {}
    also = [STEP]
    if step.from_state is State.DRAFT and step.action == "submit":
        also.append(SEARCH)
        values |= {"name_key": normalize(case.form.name), "grams": grams(case.form.name)}
    if step.to_state is State.FILED and step.from_state is not State.RENEW_DUE:
        also.append(NAME)
        values["name_key"] = normalize(case.form.name)
    if step.to_state is State.EXPIRED and step.from_state is State.RENEW_DUE:
        also.append(NAME_KEPT)
        values["name_free_on"] = moment.today + COOLING_OFF
    letters, told = letters_of(outcome, moment, keyring, before=len(also))
    also, values = [*also, *letters], values | told
    return Change(
        state=INSERT if step.from_state is None else UPDATE,
        values=values,
        also=tuple(also),
        audit=_audit(case, step, moment, values["rule_version"]),
        fact=message_of(outcome.fact, PACKAGE) if outcome.fact else None,
    )


def _step_values(step: Step, moment: Moment) -> dict[str, Any]:
    return {
        "step_action": step.action,
        "step_from": step.from_state.name if step.from_state else "",
        "step_to": step.to_state.name,
        "step_role": step.role,
        "step_reason": step.reason,
        "today": moment.today,
        "created_at": moment.at,
        "updated_at": moment.at,
    }


def _audit(case: Case, step: Step, moment: Moment, rule_version: str) -> Audit:
    return Audit(
        object_id=case.filing_id,
        region_path=case.place.region_path,
        at=moment.at,
        business_on=moment.today,
        from_state=step.from_state.name if step.from_state else "",
        to_state=step.to_state.name,
        reason=step.reason,
        rule_version=rule_version,
    )
