"""Cases that the calendar moves on: the platform acts as itself, by the same rules."""

import logging

from kit.call import Call, enter
from kit.identity import system
from kit.unit import Stale, Unit
from proto.gen.minzheng.common.v1.access_pb import Access
from services.filing.domain import erasure, reminders, renewal, review
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, State
from services.filing.domain.outcome import Outcome
from services.filing.store.read import Reader
from services.filing.store.write import Writer

log = logging.getLogger(__name__)
SYSTEM = system("filing")


class DueCases:
    """Moves due cases on, one statement each; a case that changed meanwhile is left to the next look."""

    def __init__(self, reader: Reader, writer: Writer, unit: Unit) -> None:
        self.reader = reader
        self.writer = writer
        self.unit = unit

    async def move_on(self) -> int:
        """Look once; answers how many cases moved."""
        moved = 0
        for filing_id in await self.reader.due(SYSTEM.scope):
            case, moment = await self.reader.load(filing_id, SYSTEM.scope)
            moved += await self._move(case, moment)
        return moved

    async def erase(self) -> int:
        """Erase persons and free names whose time is over; answers of how many cases."""
        erased = 0
        for filing_id in await self.reader.to_erase(SYSTEM.scope):
            case, moment = await self.reader.load(filing_id, SYSTEM.scope)
            actor = Actor(SYSTEM.subject, SYSTEM.role.name)
            erased += await self._save(erasure.erase(case, actor, moment), moment)
        await self.writer.free_names(await self.reader.moment())
        return erased

    async def _move(self, case: Case, moment: Moment) -> int:
        return await self._save(due_step(case, moment), moment)

    async def _save(self, outcome: Outcome | None, moment: Moment) -> int:
        if outcome is None:
            return 0
        enter(Call(SYSTEM, "timer", Access(action=outcome.step.action)))
        try:
            await self.writer.move(outcome, moment)
        except Stale:
            return 0
        log.info("case moved on by the calendar: %s", outcome.step.action)
        return 1


def due_step(case: Case, moment: Moment) -> Outcome | None:
    """The step the calendar takes, if the case still waits for it."""
    actor = Actor(SYSTEM.subject, SYSTEM.role.name)
    for state, last, rule in (
        (State.VILLAGE_REVIEW, case.opinion_due, review.opinion_silent),
        (State.CORRECTION, case.correction_due, review.lapse),
        (State.RENEW_DUE, None if case.pending else case.valid_to, renewal.expire),
    ):
        if case.state is state and last and moment.today > last:
            return rule(case, actor, moment)
    if case.state is State.FILED and case.renew_from and moment.today >= case.renew_from:
        return renewal.fall_due(case, actor, moment)
    return reminders.remind(case, actor, moment)
