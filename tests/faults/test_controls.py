"""Negative controls: what the design forbids is done on purpose, and the checkers see it.

Each pair runs the same scenario and the same check, once sound and once sabotaged.
"""

import asyncio
from collections import Counter
from typing import Any

import pytest

from kit.database import Database, connect
from kit.log.postgres import PostgresLog
from kit.outbox import Doorbell, Relay, state_fact
from kit.outbox.relay import MARK, send
from kit.reactions import Intake, Reaction, store
from kit.reactions import intake as intake_room
from kit.reactions.intake import by_type
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from services.filing.store import write
from tests.conftest import Workload
from tests.filing.service import Filing
from tests.kit.facts.helpers import delivery, submitted

TOPIC = "minzheng.filing.v1"
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")


class CursorRelay(Relay):
    """Reads behind the last id it sent: what commits late is never seen."""

    last = 0

    async def _round(self, connection: Any, producer: Any) -> bool:
        rows = await connection.fetch(
            "SELECT id, event_id, aggregatetype, aggregateid, aggregate_version, partition_key,"
            " type, payload, headers::text AS headers, created_at FROM kit.outbox"
            " WHERE id > $1 ORDER BY id",
            self.last,
        )
        await send(producer, rows, self.workload)
        await connection.execute(MARK, [row["id"] for row in rows])
        self.last = max([self.last, *(row["id"] for row in rows)])
        return True


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


async def test_an_answer_before_the_commit_is_a_lie(workload: Workload) -> None:
    """Accepted is what the client saw; stored is what survived the end of the process."""
    database = await workload("filing")

    async def write_then(answer_first: bool, name: str) -> str | None:
        connection = await connect("filing", "app")
        work = connection.transaction()
        await work.start()
        await state_fact(connection, submitted(name, 1))  # type: ignore[arg-type]
        accepted = name if answer_first else None
        if not answer_first:
            await work.commit()
            accepted = name
        connection.terminate()
        return accepted

    accepted = {await write_then(False, "sound"), await write_then(True, "sabotaged")}
    await asyncio.sleep(0.1)
    rows = await database.pool.fetch("SELECT aggregateid FROM kit.outbox")
    stored = {row["aggregateid"] for row in rows}
    assert accepted - stored == {"sabotaged"}
