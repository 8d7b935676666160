"""Negative controls: what the design forbids is done on purpose, and the checkers see it.

Each pair runs the same scenario and the same check, once sound and once sabotaged.
"""

import asyncio
import importlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from kit.database import Database, connect
from kit.ids import uuid7
from kit.log.port import Delivery
from kit.log.postgres import PostgresLog
from kit.outbox import Doorbell, Relay, state_fact
from kit.outbox.relay import READ
from kit.outbox.sending import Letter, letters
from kit.reactions import Intake, Reaction, store
from kit.reactions import intake as intake_room
from kit.reactions.intake import by_type
from kit.unit import Unit
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from services.filing.store import write
from tests.conftest import Workload
from tests.faults.figures import note
from tests.filing.service import COMMUNITY, RESIDENT, Filing
from tests.kit.facts.helpers import delivery, submitted

runtime = importlib.import_module("kit.reactions.run")
TOPIC = "minzheng.filing.v1"
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")


BEHIND = READ.partition(" WHERE ")[0] + " WHERE id > $1 ORDER BY id"


class CursorRelay(Relay):
    """Reads behind the last id it sent: what commits late is never seen."""

    last = 0

    async def _read(self, connection: Any, held: Any, passed: Any) -> list[Letter]:
        rows = await connection.fetch(BEHIND, self.last)
        self.last = max([self.last, *(row["id"] for row in rows)])
        return letters(rows, self.workload)


async def lost_by(relay_class: type[Relay], workload: Workload) -> int:
    """Facts never sent when one commits behind a younger one."""
    database = await workload("filing")
    await workload("log")
    log = await PostgresLog.open()
    await log.ensure([TOPIC])
    slow, quick = await connect("filing", "app"), await connect("filing", "app")
    relay = relay_class("filing", database, log, Doorbell(), poll_seconds=0.02)
    stop = asyncio.Event()
    late = slow.transaction()
    await late.start()
    await state_fact(slow, submitted("slow", 1))  # type: ignore[arg-type]
    await state_fact(quick, submitted("quick", 1))  # type: ignore[arg-type]
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0.3)
    await late.commit()
    await asyncio.sleep(0.3)
    stop.set()
    await running
    unsent = await database.pool.fetchval(
        "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
    )
    for connection in (slow, quick):
        await connection.close()
    await log.close()
    return int(unsent)


async def test_a_cursor_loses_what_commits_late(workload: Workload) -> None:
    assert await lost_by(Relay, workload) == 0
    assert await lost_by(CursorRelay, workload) == 1


async def effects_of_redelivery(database: Database) -> Counter[str]:
    """Effects by aggregate when every fact comes twice."""
    effects: Counter[str] = Counter()

    async def apply(connection: Any, fact: Any, event: Any) -> None:
        effects[event.aggregate_id] += 1

    intake = Intake("filing", database, by_type([Reaction(FilingSubmitted, apply)]))
    for source in (submitted("a", 1), submitted("b", 1)):
        sent = delivery(source)
        for _ in range(2):
            await intake.take(sent)
    return effects


async def test_without_inbox_and_position_an_effect_comes_twice(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await workload("filing")
    assert set((await effects_of_redelivery(database)).values()) == {1}
    database = await workload("filing")

    async def always_fresh(*_: Any) -> tuple[bool, bool]:
        return True, False

    monkeypatch.setattr(store, "enter", always_fresh)
    assert set((await effects_of_redelivery(database)).values()) == {1}, "the position still holds"
    database = await workload("filing")
    monkeypatch.setattr(intake_room, "judge", lambda *_: None)
    assert set((await effects_of_redelivery(database)).values()) == {2}


async def numbers_of(filing: Filing) -> tuple[list[int], int]:
    """(numbers printed, calls that broke) of many acceptances at once."""
    cases = [await filing.proposed(f"守望{n:02}".translate(DIGITS)) for n in range(8)]
    answers = await asyncio.gather(*[filing.decide(c) for c in cases], return_exceptions=True)
    printed = [
        int(answer.filing.printed_no.split("〕")[1][:-1])
        for answer in answers
        if not isinstance(answer, BaseException)
    ]
    return sorted(printed), sum(isinstance(answer, BaseException) for answer in answers)


async def test_without_the_counters_row_lock_numbers_collide(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await numbers_of(Filing(await workload("filing"))) == (list(range(1, 9)), 0)
    unlocked = "SELECT count(*)::int + 1 FROM filing_name WHERE $1 <> ''"
    monkeypatch.setattr(write, "DRAW", unlocked)
    printed, broken = await numbers_of(Filing(await workload("filing")))
    assert broken > 0 or len(set(printed)) < 8


async def accepted_and_lost(database: Database) -> set[str]:
    """Drafts a client was told of and that are not there when the process has died."""
    filing = Filing(database)
    accepted = set()
    for _ in range(3):
        filing_id = str(uuid7())
        await filing.call("CreateDraft", RESIDENT, filing_id=filing_id, community_code=COMMUNITY)
        accepted.add(filing_id)
    stored = await database.pool.fetch("SELECT object_id FROM kit.audit WHERE outcome = 'done'")
    return accepted - {row["object_id"] for row in stored}


async def test_an_answer_before_the_commit_is_a_lie(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer leaves while the write is still to come; the process dies in between."""
    assert await accepted_and_lost(await workload("filing")) == set()
    promised: list[Any] = []

    async def promise(_: Unit, *arguments: Any) -> None:
        promised.append(arguments)

    monkeypatch.setattr(Unit, "write", promise)
    assert len(await accepted_and_lost(await workload("filing"))) == len(promised) == 3


class Died(Exception):
    """The end of a process."""


class Mortal:
    """A log of three facts; the process that commits the second one dies right after."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop
        self.feed = [delivery(submitted(name, 1), n) for n, name in enumerate("abc")]
        self.committed = 0
        self.mortal = True

    async def poll(self, _: float, done: Sequence[Delivery]) -> list[Delivery]:
        await self.commit(done)
        if self.committed == len(self.feed):
            self.stop.set()
        return self.feed[self.committed : self.committed + 1]

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self.committed = one.offset + 1
            if one.offset == 1 and self.mortal:
                self.mortal = False
                raise Died


async def missing_after_death(database: Database, consumer: Mortal) -> set[str]:
    """Facts without effect after two lives of the consumer."""
    effects: set[str] = set()

    async def apply(connection: Any, fact: Any, event: Any) -> None:
        effects.add(event.aggregate_id)

    intake = Intake("filing", database, by_type([Reaction(FilingSubmitted, apply)]))
    with pytest.raises(Died):
        await runtime.follow(consumer, intake, consumer.stop)
    await runtime.follow(consumer, intake, consumer.stop)
    return set("abc") - effects


async def test_an_offset_before_the_effect_loses_it(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Mortal(asyncio.Event())
    assert await missing_after_death(await workload("filing"), sound) == set()
    hasty = Mortal(asyncio.Event())
    take_in = runtime.take_in

    async def offset_first(intake: Any, deliveries: Any, stop: Any) -> Any:
        await hasty.commit(deliveries)
        return await take_in(intake, deliveries, stop)

    monkeypatch.setattr(runtime, "take_in", offset_first)
    assert await missing_after_death(await workload("filing"), hasty) == {"b"}


CONTROLS = {
    "cursor reader": "tests.faults.test_controls.test_a_cursor_loses_what_commits_late",
    "inbox off": "tests.faults.test_controls.test_without_inbox_and_position_an_effect_comes_twice",
    "commit after answer": "tests.faults.test_controls.test_an_answer_before_the_commit_is_a_lie",
    "no row lock": "tests.faults.test_controls.test_without_the_counters_row_lock_numbers_collide",
    "offset before effect": "tests.faults.test_controls.test_an_offset_before_the_effect_loses_it",
    "row security off": "tests.access.test_behind_the_door.test_with_both_off_the_leak_is_seen",
    "chain off": "tests.kit.audit.test_tampering.test_without_a_chain_a_deleted_row_is_not_missed",
}


def test_there_are_seven_controls() -> None:
    for place in CONTROLS.values():
        module, _, name = place.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
    note("controls", caught=list(CONTROLS))
