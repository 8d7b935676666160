"""The consumer of `tests.bench.follow`, a process of its own: tells when each effect was durable."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kit.database import Database
from kit.log.adapters import open_log
from kit.outbox import Doorbell
from kit.reactions import Reaction, run
from kit.server import run as run_alone
from kit.server import stop_signal
from kit.settings import settings
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.bench.consume import project, project_many
from tests.bench.drain import trace_as_one_percent

CONSUMER = "notifications"
"""Whose tables it has; of its reactions it has none."""


@dataclass(frozen=True)
class Watch(Doorbell):
    """Is rung when an effect is committed: notes the moment for what was told since the last ring."""

    told: list[str] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)

    def ring(self) -> None:
        """Note the moment."""
        self.seen.update(dict.fromkeys(self.told, time.time()))
        self.told.clear()

    async def one(self, connection: Any, fact: FilingSubmitted, event: Any) -> None:
        """The effect of a fact, and which it was."""
        await project(connection, fact, event)
        self.told.append(str(event.event_id))

    async def many(self, connection: Any, told: Sequence[tuple[FilingSubmitted, Any]]) -> None:
        """The effect of several."""
        await project_many(connection, told)
        self.told.extend(str(event.event_id) for _, event in told)


async def follow() -> None:
    """Take facts in until told to stop, then print the moments."""
    trace_as_one_percent(settings())
    watch, stop = Watch(), stop_signal()
    database, log = await Database.open(CONSUMER), await open_log()
    reactions = [Reaction(FilingSubmitted, watch.one, watch.many)]
    print("ready", flush=True)
    await run(CONSUMER, database, log, reactions, stop=stop, doorbell=watch)
    await log.close()
    await database.close()
    json.dump(watch.seen, sys.stdout)


if __name__ == "__main__":
    run_alone(follow())
