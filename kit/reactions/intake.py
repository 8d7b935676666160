"""Takes facts in: each once, in the order of its aggregate, with its effect in one transaction.

A fact that fails is set aside and tried again later, so the partition never stands still; after
the last try it and all later facts of its aggregate are parked.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from protobuf import Message

from kit.crash import point
from kit.database import Database
from kit.log.port import Delivery
from kit.outbox.doorbell import Doorbell
from kit.reactions import store
from kit.reactions.event import Event, NoFact, Undecodable, read_event, read_fact
from kit.reactions.store import Fact
from kit.reactions.tracing import noted, process_span

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
DELAYS = (0.5, 2.0, 8.0, 30.0)
"""Seconds between the tries of a failing fact: five tries in 40.5 s."""
HANDLER_SECONDS = 8.0
"""Longest run of a handler; the server ends a transaction that idles for 10 s."""
FOREIGN = uuid.UUID("6f7c8a52-3d7e-5b0e-9c7e-0d2f2b8f4a11")
"""Name space of the inbox ids of records that have none."""


Many = Callable[[Any, Sequence[tuple[Any, Event]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is done about one kind of fact.

    `handle(connection, fact, event)` works inside the transaction and may state facts of its own.
    `many(connection, [(fact, event), ...])` is the same for several, in their order, where a batch
    is taken in; it states no facts, for it runs in no single one's trace. Kinds whose
    reactions give the same functions are told together.
    """

    fact: type[Message]
    handle: Callable[[Any, Any, Event], Awaitable[None]]
    many: Many | None = None


class Outcome(Enum):
    """What became of a fact."""

    APPLIED = "applied"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    OLD = "old"
    WAITING = "waiting"
    PARKED = "parked"
    BUSY = "busy"
    """Another process has it in hand."""


def by_type(reactions: Sequence[Reaction]) -> dict[str, list[Reaction]]:
    """Reactions by the full name of their fact; several rooms of a workload may react to one."""
    found: dict[str, list[Reaction]] = {}
    for reaction in reactions:
        found.setdefault(reaction.fact.desc().type_name, []).append(reaction)
    return found


def judge(fact: Fact, held: int, fresh: bool, parked: bool) -> Outcome | None:
    """What becomes of a fact that is not the next of its aggregate; None for the next one."""
    if not fresh:
        return Outcome.DUPLICATE
    if fact.event.version <= held:
        return Outcome.OLD
    if parked:
        return Outcome.PARKED
    return Outcome.WAITING if fact.event.version > held + 1 else None


async def keep(connection: "Connection", fact: Fact, outcome: Outcome) -> None:
    """Keep a fact whose turn has not come, or which follows a parked one."""
    if outcome is Outcome.PARKED:
        await store.park(connection, fact, "follows a parked fact")
    elif outcome is Outcome.WAITING:
        await store.set_aside(connection, fact, "gap")


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake of one consumer."""

    consumer: str
    database: Database
    reactions: Mapping[str, Sequence[Reaction]]
    delays: Sequence[float] = DELAYS
    doorbell: Doorbell | None = None

    async def take(self, delivery: Delivery) -> Outcome:
        """Take one delivered record in; when this returns its offset may be committed."""
        try:
            event = read_event(delivery.topic, delivery.record)
        except NoFact as error:
            return await self._take_foreign(delivery, str(error))
        fact = Fact(self.consumer, delivery.topic, event, delivery.record)
        with process_span(fact.topic, event) as span:
            async with self.database.transaction("take fact") as connection:
                outcome, more = await self._take(connection, fact)
                point(self.consumer, "before_effect_commit")
            point(self.consumer, "after_effect_commit")
            span.set_attribute("minzheng.outcome", outcome.value)
            noted(self.consumer, event, outcome.value)
        self.ring(outcome)
        if more:
            await self.sweep(event.aggregate_id)
        return outcome

    async def sweep(self, aggregate: str | None = None) -> int:
        """Try the facts whose turn has come, of one aggregate or of all; answers how many left."""
        done = 0
        while True:
            rows = await self.database.pool.fetch(store.DUE, self.consumer, aggregate)
            outcomes = [await self._resume(Fact.of(self.consumer, row)) for row in rows]
            left = [outcome for outcome in outcomes if outcome not in _STAYING]
            done += len(left)
            if not left:
                return done

    async def handle(self, connection: "Connection", fact: Fact) -> Outcome:
        """Run the reactions to a fact, in their order; whatever one raises goes on."""
        reactions = self.reactions.get(fact.event.type, ())
        if not reactions:
            return Outcome.IGNORED
        async with asyncio.timeout(HANDLER_SECONDS):
            for number in range(len(reactions)):
                await self.react(connection, fact, number)
        return Outcome.APPLIED

    async def react(self, connection: "Connection", fact: Fact, number: int) -> None:
        """Run one of the reactions to a fact."""
        reaction = self.reactions[fact.event.type][number]
        await reaction.handle(connection, self.told(fact, number), fact.event)

    def told(self, fact: Fact, number: int) -> Message:
        """The message one of the reactions is told: a copy of its own."""
        reaction = self.reactions[fact.event.type][number]
        return read_fact(fact.event, reaction.fact, fact.record.value)

    async def _take_foreign(self, delivery: Delivery, reason: str) -> Outcome:
        place = f"{delivery.topic}/{delivery.partition}/{delivery.offset}"
        async with self.database.transaction("park record") as connection:
            fresh = await store.park_foreign(
                connection,
                self.consumer,
                delivery.topic,
                delivery.record,
                uuid.uuid5(FOREIGN, place),
                reason,
            )
        log.error("%s parked the record %s: %s", self.consumer, place, reason)
        return Outcome.PARKED if fresh else Outcome.DUPLICATE

    async def _take(self, connection: "Connection", fact: Fact) -> tuple[Outcome, bool]:
        held = await store.lock_position(connection, fact)
        fresh, parked = await store.enter(connection, fact)
        refused = judge(fact, held, fresh, parked)
        if refused is None:
            return await self._apply(connection, fact, tries=0)
        await keep(connection, fact, refused)
        return refused, False

    async def _resume(self, fact: Fact) -> Outcome:
        with process_span(fact.topic, fact.event) as span:
            async with self.database.transaction("resume fact") as connection:
                outcome = await self._resume_locked(connection, fact)
            span.set_attribute("minzheng.outcome", outcome.value)
            noted(self.consumer, fact.event, outcome.value)
        self.ring(outcome)
        return outcome

    async def _resume_locked(self, connection: "Connection", fact: Fact) -> Outcome:
        held = await connection.fetchval(store.TRY_LOCK, *fact.place)
        tries = await connection.fetchval(store.TRIES, *fact.place, fact.event.version)
        if held is None or tries is None:
            return Outcome.BUSY
        outcome = Outcome.OLD
        if fact.event.version == held + 1:
            outcome, _ = await self._apply(connection, fact, tries)
        if outcome is not Outcome.WAITING:
            await connection.execute(store.FORGET, *fact.place, fact.event.version)
        return outcome

    async def _apply(
        self, connection: "Connection", fact: Fact, tries: int
    ) -> tuple[Outcome, bool]:
        await connection.execute("SAVEPOINT reaction")
        try:
            outcome = await self.handle(connection, fact)
            # Deferred constraints fail here, where it counts as a try, and not at the commit.
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE; RELEASE SAVEPOINT reaction")
        except Exception as error:
            if connection.is_closed():
                raise
            await connection.execute("ROLLBACK TO SAVEPOINT reaction")
            return await self._failed(connection, fact, error, tries + 1), False
        return outcome, await store.advance(connection, fact)

    async def _failed(
        self, connection: "Connection", fact: Fact, error: Exception, tries: int
    ) -> Outcome:
        # Never the error's text: it may name a person.
        reason = str(error) if isinstance(error, Undecodable) else type(error).__name__
        last = isinstance(error, Undecodable) or tries > len(self.delays)
        event = fact.event
        log.log(
            logging.ERROR if last else logging.WARNING,
            "%s: fact %s of %s failed, try %d: %s",
            self.consumer, event.event_id, event.aggregate_id, tries, reason,
            exc_info=error,
        )  # fmt: skip
        if last:
            await store.park_with_later(connection, fact, reason)
            return Outcome.PARKED
        await store.set_aside(connection, fact, reason, tries, self.delays[tries - 1])
        return Outcome.WAITING

    def ring(self, outcome: Outcome) -> None:
        if outcome is Outcome.APPLIED and self.doorbell is not None:
            self.doorbell.ring()


_STAYING = (Outcome.WAITING, Outcome.BUSY)
