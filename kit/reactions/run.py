"""The consumer runtime: polls the log, takes facts in, commits offsets behind them."""

import asyncio
import logging
import time
from collections.abc import Sequence

from kit.contracts import facts, topic_of
from kit.crash import point
from kit.database import Database
from kit.log.port import BATCH, Consumer, Delivery, Log, LogError
from kit.log.session import UNREACHABLE, beside, pause
from kit.outbox.doorbell import Doorbell
from kit.reactions.batch import take_all
from kit.reactions.intake import DELAYS, Intake, Reaction, by_type

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
AGAIN_SECONDS = 1.0
SWEEP_SECONDS = 0.25
"""Between two looks at what was set aside: the first second try comes after half a second."""
PAUSED = "SELECT true FROM kit.paused WHERE consumer = $1"


async def run(
    workload: str,
    database: Database,
    events: Log,
    reactions: Sequence[Reaction],
    *,
    stop: asyncio.Event,
    doorbell: Doorbell | None = None,
    delays: Sequence[float] = DELAYS,
) -> None:
    """React to facts until `stop`; the group in the log is the workload.

    `doorbell` is rung after each effect, for facts that handlers state; `delays` are the seconds
    between the tries of a failing fact. A log or database that is away is tried again; while an
    operator has paused the consumer it is no member of its group.
    """
    facts()  # Read before the first fact comes: it would wait 0.15 s for its name to be known.
    kinds = by_type(reactions)
    intake = Intake(workload, database, kinds, delays, doorbell)
    topics = sorted({topic_of(name) for name in kinds})
    while not stop.is_set():
        consumer = events.consumer(workload, topics)
        try:
            if await paused(intake):
                await pause(stop, AGAIN_SECONDS)
            else:
                await follow(consumer, intake, stop)
        except (*UNREACHABLE, LogError) as error:
            log.warning("reactions of %s interrupted: %s", workload, type(error).__name__)
            await pause(stop, AGAIN_SECONDS)
        finally:
            await consumer.close()


async def paused(intake: Intake) -> bool:
    """Whether an operator has paused the consumer."""
    return bool(await intake.database.pool.fetchval(PAUSED, intake.consumer))


async def follow(consumer: Consumer, intake: Intake, stop: asyncio.Event) -> None:
    """Take in what one membership delivers, until `stop` or paused; offsets follow with the next poll.

    Beside a full batch the next one is read: there is more.
    """
    swept = 0.0
    done: list[Delivery] = []
    ahead: list[Delivery] = []
    while not stop.is_set():
        if ahead:
            deliveries, ahead = ahead, []
        else:
            deliveries, done = await _read(consumer, intake, POLL_SECONDS, done), []
        if len(deliveries) < BATCH:
            done += await take_in(intake, deliveries, stop)
        else:
            async with beside(_read(consumer, intake, 0, done)) as reading:
                done = [*await take_in(intake, deliveries, stop)]
                ahead = await reading
        if time.monotonic() - swept >= SWEEP_SECONDS:
            if await paused(intake):
                break
            await intake.sweep()
            swept = time.monotonic()
    await consumer.commit(done)


async def _read(
    consumer: Consumer, intake: Intake, seconds: float, done: Sequence[Delivery]
) -> list[Delivery]:
    deliveries = await consumer.poll(seconds, done=done)
    if done:
        point(intake.consumer, "after_offset")
    if deliveries:
        point(intake.consumer, "after_poll")
    return deliveries


async def take_in(
    intake: Intake, deliveries: Sequence[Delivery], stop: asyncio.Event
) -> Sequence[Delivery]:
    """Take deliveries in, together or one by one; answers those whose offsets may be committed."""
    if deliveries and await take_all(intake, deliveries) is not None:
        return deliveries
    done: list[Delivery] = []
    for delivery in deliveries:
        if stop.is_set():
            break
        await intake.take(delivery)
        done.append(delivery)
    return done
