"""Revocation without a call between services: the lowest grants version accepted of an account.

A fact marked `raises_floor` raises it in the database of every workload, for that is all a consumer
group reaches; every process reads what was raised lately twice a second. A token below the floor
is refused as stale, and the gateway mints anew once.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protobuf import Message

from kit.contracts import facts
from kit.database import Database
from kit.errors import Kind, Refusal
from kit.identity import LEEWAY, LIFETIME
from kit.log.session import UNREACHABLE, pause
from kit.reactions import Event, Reaction
from proto.gen.minzheng.common.v1.access_pb import ext_fact

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5
REMEMBERED = 2 * (LIFETIME + LEEWAY)
"""Seconds for which a floor matters: no token minted before it lives longer."""
RAISE = """INSERT INTO kit.floor AS f (account, version) VALUES ($1, $2)
 ON CONFLICT (account) DO UPDATE SET version = excluded.version, raised_at = excluded.raised_at
 WHERE f.version < excluded.version"""
RECENT = f"""SELECT account, version FROM kit.floor
 WHERE raised_at > clock_timestamp() - interval '{REMEMBERED} seconds'"""


@dataclass
class Floors:
    """The floors of a workload as this process knows them."""

    database: Database
    lowest: dict[str, int] = field(default_factory=dict)
    """Version by account, of the floors raised lately."""

    async def refresh(self) -> None:
        """Read what was raised lately."""
        rows = await self.database.pool.fetch(RECENT)
        self.lowest.clear()
        self.lowest.update((row["account"], row["version"]) for row in rows)

    async def run(self, stop: asyncio.Event) -> None:
        """Refresh until `stop`; while the database is away the floors known stay."""
        while not stop.is_set():
            try:
                await self.refresh()
            except UNREACHABLE as error:
                log.warning("floors not read: %s", type(error).__name__)
            await pause(stop, EVERY_SECONDS)


async def raise_floor(connection: "Connection", fact: Any, event: Event) -> None:
    """Raise the floor of a fact's account; an older fact lowers nothing."""
    await raise_floors(connection, [(fact, event)])


async def raise_floors(connection: "Connection", told: Sequence[tuple[Any, Event]]) -> None:
    """Raise several with one exchange."""
    rows = [(fact.account, fact.grants_version) for fact, _ in told]
    await connection.executemany(RAISE, rows)


def reactions() -> Sequence[Reaction]:
    """What every workload does about facts that the contracts mark so."""
    return [Reaction(fact, raise_floor, raise_floors) for fact in facts().values() if raises(fact)]


def raises(fact: type[Message]) -> bool:
    """The contract marks the fact as one that raises the floor."""
    options = fact.desc().proto.options
    return options is not None and options[ext_fact].raises_floor


def stale() -> Refusal:
    """The grants of the caller changed after the token was minted."""
    return Refusal(
        Kind.UNAUTHENTICATED, "common.stale_grants", "您的岗位刚刚发生变动，请重新提交。"
    )
