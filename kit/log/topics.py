"""The topics of all facts, made where they are missing."""

import asyncio
import logging

from kit.contracts import facts, topic_of
from kit.log.port import Log, LogError
from kit.log.session import pause

log = logging.getLogger(__name__)
AGAIN_SECONDS = 2.0


async def made(events: Log) -> bool:
    """Whether the topics of all facts are there; makes the missing ones."""
    try:
        await events.ensure(sorted({topic_of(fact) for fact in facts()}))
    except LogError as error:
        log.warning("topics not ensured: %s", error)
        return False
    return True


async def keep_making(events: Log, stop: asyncio.Event) -> None:
    """A service serves without the log: its facts wait in the outbox until the topics are there."""
    while not stop.is_set() and not await made(events):
        await pause(stop, AGAIN_SECONDS)
    await stop.wait()
