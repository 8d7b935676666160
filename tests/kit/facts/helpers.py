"""Facts, deliveries and handlers for the tests of relay and reactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from protobuf import Message

from kit.log.port import Delivery, Record
from kit.outbox import state_fact
from kit.outbox.record import CARRIED, record_of
from kit.outbox.row import OUTBOX_COLUMNS, outbox_row
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted, FilingWithdrawn
from tests.kit.log.conftest import TOPIC

EFFECTS = "SELECT version FROM probe.effect WHERE aggregate = $1 ORDER BY id"


def submitted(organization: str, version: int) -> FilingSubmitted:
    """A fact the reactions of the tests apply."""
    return FilingSubmitted(organization_id=organization, fact_version=version, name="舞蹈队")


def withdrawn(organization: str, version: int) -> FilingWithdrawn:
    """A fact nobody in the tests reacts to."""
    return FilingWithdrawn(organization_id=organization, fact_version=version)


def record(fact: Message, *, at: datetime | None = None, **headers: str) -> Record:
    """The record a relay would send for a new row of the fact."""
    row: dict[str, Any] = dict(zip(OUTBOX_COLUMNS, outbox_row(fact, headers), strict=True))
    row["created_at"] = at or datetime.now(UTC)
    return record_of(row | dict.fromkeys(CARRIED) | headers, "filing")


def delivery(source: Message | Record, offset: int = 0) -> Delivery:
    """A record as the log would deliver it."""
    sent = source if isinstance(source, Record) else record(source)
    return Delivery(TOPIC, 0, offset, sent, datetime.now(UTC))


def without(sent: Record, **replaced: str | None) -> Record:
    """The record with headers replaced, or left out where the value is None."""
    headers = dict(sent.headers)
    for name, value in replaced.items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value.encode()
    return Record(sent.key, sent.value, tuple(headers.items()))


async def apply(connection, fact, event) -> None:
    """A handler whose effect is a row, counted by nobody but the test."""
    await connection.execute(
        "INSERT INTO probe.effect (aggregate, version, event_id) VALUES ($1, $2, $3)",
        event.aggregate_id, fact.fact_version, event.event_id,
    )  # fmt: skip


async def effects(database, aggregate: str) -> list[int]:
    """Versions applied, in the order of their effects."""
    return [row["version"] for row in await database.pool.fetch(EFFECTS, aggregate)]


async def state(database, fact: Message, headers: Mapping[str, str] | None = None) -> None:
    """State a fact in a transaction of its own."""
    async with database.transaction() as connection:
        await state_fact(connection, fact, headers=headers)


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait for something to become true; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.02)
