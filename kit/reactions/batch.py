"""Many facts with one transaction: the way while nothing fails.

Whatever goes wrong undoes the whole batch; then the caller takes its facts one by one, which tells
who fails and counts its tries. So a batch is never a try.
"""

import asyncio
import itertools
import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.crash import point
from kit.log.port import Delivery
from kit.reactions import store
from kit.reactions.event import read_event
from kit.reactions.intake import HANDLER_SECONDS, Intake, Many, Outcome, judge, keep
from kit.reactions.store import Fact, Place
from kit.reactions.tracing import begun, ending, noted, process_span
from kit.telemetry import inside

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)


async def take_all(intake: Intake, deliveries: Sequence[Delivery]) -> list[Outcome] | None:
    """Take deliveries in, in their order; None when nothing happened and each must be tried alone."""
    try:
        facts = [
            Fact(intake.consumer, one.topic, read_event(one.topic, one.record), one.record)
            for one in deliveries
        ]
        async with (
            asyncio.timeout(HANDLER_SECONDS),
            intake.database.transaction("take facts") as connection,
        ):
            outcomes, more = await _take(intake, connection, facts)
            point(intake.consumer, "before_effect_commit")
        point(intake.consumer, "after_effect_commit")
    except Exception as error:
        log.info(
            "%s takes %d facts alone: %s", intake.consumer, len(deliveries), type(error).__name__
        )
        return None
    for fact, outcome in zip(facts, outcomes, strict=True):
        noted(intake.consumer, fact.event, outcome.value)
    if Outcome.APPLIED in outcomes:
        intake.ring(Outcome.APPLIED)
    for aggregate in more:
        await intake.sweep(aggregate)
    return outcomes


async def _take(
    intake: Intake, connection: "Connection", facts: Sequence[Fact]
) -> tuple[list[Outcome], list[str]]:
    before, fresh = await store.take_all(connection, intake.consumer, facts)
    held = dict(before)
    judged = [_judge(fact, held, fresh) for fact in facts]
    judged = await _parted(intake, connection, facts, judged)
    for fact, outcome in zip(facts, judged, strict=True):
        if outcome is not None:
            with process_span(fact.topic, fact.event) as span:
                span.set_attribute("minzheng.outcome", outcome.value)
                await keep(connection, fact, outcome)
    turns = [fact for fact, outcome in zip(facts, judged, strict=True) if outcome is None]
    applied = iter(await _apply(intake, connection, turns))
    moved = {place: version for place, version in held.items() if version != before[place]}
    more = await store.advance_all(connection, intake.consumer, moved) if moved else []
    return [outcome or next(applied) for outcome in judged], more


def _judge(fact: Fact, held: dict[Place, int], fresh: set[uuid.UUID]) -> Outcome | None:
    """What becomes of the fact; where its turn has come (None) the position moves on.

    What follows a parked fact is judged as waiting: its turn has not come either.
    """
    new = fact.event.event_id in fresh
    fresh.discard(fact.event.event_id)
    outcome = judge(fact, held[fact.place], new, parked=False)
    if outcome is None:
        held[fact.place] = fact.event.version
    return outcome


async def _parted(
    intake: Intake,
    connection: "Connection",
    facts: Sequence[Fact],
    judged: Sequence[Outcome | None],
) -> list[Outcome | None]:
    """Those that wait, parted into the ones behind a gap and the ones that follow a parked fact."""
    behind = {f.place for f, o in zip(facts, judged, strict=True) if o is Outcome.WAITING}
    parked = await store.parked_among(connection, intake.consumer, behind) if behind else set()
    return [
        Outcome.PARKED if o is Outcome.WAITING and f.place in parked else o
        for f, o in zip(facts, judged, strict=True)
    ]


async def _apply(intake: Intake, connection: "Connection", facts: Sequence[Fact]) -> list[Outcome]:
    """Run the reactions in the order of the facts; neighbors of the same `many` together."""
    outcomes: list[Outcome] = []
    for manys, group in itertools.groupby(facts, lambda fact: _manys(intake, fact)):
        for run in [list(group)] if any(manys) else [[fact] for fact in group]:
            outcomes += await _apply_run(intake, connection, run, manys)
    return outcomes


async def _apply_run(
    intake: Intake, connection: "Connection", run: list[Fact], manys: Sequence[Many | None]
) -> list[Outcome]:
    """Run one reaction after the other: each for all of the run, in its order."""
    outcome = Outcome.APPLIED if manys else Outcome.IGNORED
    spans = [begun(fact.topic, fact.event) for fact in run]
    with ending(*spans):
        for number, many in enumerate(manys):
            if many is not None:
                await many(connection, [(intake.told(f, number), f.event) for f in run])
                continue
            for fact, span in zip(run, spans, strict=True):
                with inside(span):
                    await intake.react(connection, fact, number)
        for span in spans:
            span.set_attribute("minzheng.outcome", outcome.value)
    return [outcome] * len(run)


def _manys(intake: Intake, fact: Fact) -> tuple[Many | None, ...]:
    """How each of the reactions to a fact takes several; None where it takes them one by one."""
    return tuple(reaction.many for reaction in intake.reactions.get(fact.event.type, ()))
