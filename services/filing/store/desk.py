"""Writes of the desk that are no step of a case: a reading in clear, an inbox taken over."""

import logging
from collections.abc import Callable
from uuid import UUID

from protobuf import Message

from kit.call import current
from kit.database import Database
from kit.errors import Kind, Refusal
from kit.sql import IN_SCOPE, bind
from kit.unit import Audit, Change, Unit
from services.filing.domain.acting import Moment
from services.filing.domain.case import ENDED, Case

log = logging.getLogger(__name__)
REVEALS_AN_HOUR = 50
REVEALED = """SELECT count(*) FROM kit.audit WHERE subject = $1 AND action = 'reveal_personal'
 AND outcome = 'done' AND at > now() - interval '1 hour'"""
SEEN = f"SELECT filing_id FROM filing WHERE filing_id = :filing_id AND {IN_SCOPE}"
TAKE_OVER = f"""WITH moved AS (
 UPDATE filing SET handler = :receiver, version = version + 1, updated_at = :now
 WHERE authority = :authority AND handler = :giver AND state <> ALL(:ended) AND {IN_SCOPE}
 RETURNING filing_id, version, state, rule_version, owner, organization_id, region_path),
 told AS (INSERT INTO filing_step (filing_id, ordinal, action, from_state, to_state, role,
 business_on, at, reason, rule_version, owner, organization_id, region_path)
 SELECT filing_id, version, 'take_over_inbox', state, state, :role, :today, :now, '', rule_version,
 owner, organization_id, region_path FROM moved)
 SELECT count(*)::int FROM moved"""


class Desk:
    """What an officer does at the desk beside deciding cases."""

    def __init__(self, database: Database, unit: Unit) -> None:
        self.database = database
        self.unit = unit

    async def reveal(
        self, case: Case, moment: Moment, purpose: str, request: Message, answer: Message
    ) -> None:
        """Audit a reading in clear before it is given; Refusal EXHAUSTED after 50 in an hour.

        The caller's own lock keeps two readings at once from passing the limit together.
        """
        who = current().who.subject
        change = _reading(case, moment, purpose)
        async with self.database.transaction("reveal") as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", who)
            if await connection.fetchval(REVEALED, who) >= REVEALS_AN_HOUR:
                log.warning("an account reached the limit of readings in clear")
                raise _too_many()
            await self.unit.write(change, request, answer, connection)

    async def opened(self, case: Case, moment: Moment, code: str) -> None:
        """Audit that a material is read."""
        await self.unit.write(_reading(case, moment, code))

    async def take_over(
        self, giver: str, moment: Moment, request: Message, reply: Callable[[int], Message]
    ) -> Message:
        """Take every open case out of a colleague's hands; answers with `reply` of their number."""
        who = current().who
        values = {
            "scope": who.scope,
            "authority": who.region_code,
            "giver": giver,
            "receiver": who.subject,
            "ended": [state.name for state in ENDED],
            "role": who.role.name,
            "today": moment.today,
            "now": moment.at,
        }
        audit = Audit(who.region_code, who.region_path, moment.at, moment.today, reason=giver)
        text, arguments = bind(TAKE_OVER, values)
        async with self.database.transaction("take over") as connection:
            answer = reply(await connection.fetchval(text, *arguments))
            await self.unit.write(Change("SELECT 1", {}, audit), request, answer, connection)
        return answer


def _reading(case: Case, moment: Moment, reason: str) -> Change:
    """Nothing changes; the audit row says who read what of the case."""
    audit = Audit(
        object_id=case.filing_id,
        region_path=case.place.region_path,
        at=moment.at,
        business_on=moment.today,
        from_state=case.state.name,
        to_state=case.state.name,
        reason=reason,
    )
    return Change(SEEN, {"filing_id": UUID(case.filing_id)}, audit)


def _too_many() -> Refusal:
    return Refusal(
        Kind.EXHAUSTED,
        "filing.reveal_limit",
        f"一小时内最多查看{REVEALS_AN_HOUR}次完整个人信息，请稍后再试。",
    )
