"""Many facts with one transaction: the way while nothing fails.

Whatever goes wrong undoes the whole batch; then the caller takes its facts one by one, which tells
who fails and counts its tries. So a batch is never a try.
"""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.log.port import Delivery
from kit.reactions import store
from kit.reactions.event import read_event
from kit.reactions.intake import HANDLER_SECONDS, Intake, Outcome, judge, keep
from kit.reactions.store import Fact, Place
from kit.reactions.tracing import process_span

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
    except Exception as error:
        log.info(
            "%s takes %d facts alone: %s", intake.consumer, len(deliveries), type(error).__name__
        )
        return None
    if Outcome.APPLIED in outcomes:
        intake.ring(Outcome.APPLIED)
    for aggregate in more:
        await intake.sweep(aggregate)
    return outcomes


async def _take(
    intake: Intake, connection: "Connection", facts: Sequence[Fact]
) -> tuple[list[Outcome], list[str]]:
    places = {fact.place for fact in facts}
    held = await store.lock_positions(connection, intake.consumer, places)
    fresh, parked = await store.enter_all(connection, intake.consumer, facts)
    before = dict(held)
    outcomes = [await _take_one(intake, connection, fact, held, fresh, parked) for fact in facts]
    moved = {place: version for place, version in held.items() if version != before[place]}
    return outcomes, await store.advance_all(connection, intake.consumer, moved)


async def _take_one(
    intake: Intake,
    connection: "Connection",
    fact: Fact,
    held: dict[Place, int],
    fresh: set[uuid.UUID],
    parked: set[Place],
) -> Outcome:
    with process_span(fact.topic, fact.event) as span:
        new = fact.event.event_id in fresh
        fresh.discard(fact.event.event_id)
        outcome = judge(fact, held[fact.place], new, fact.place in parked)
        if outcome is None:
            outcome = await intake.handle(connection, fact)
            held[fact.place] = fact.event.version
        else:
            await keep(connection, fact, outcome)
        span.set_attribute("minzheng.outcome", outcome.value)
    return outcome
