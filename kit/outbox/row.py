"""The outbox row of a fact: columns named as Debezium's outbox router expects them."""

import json
import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from protobuf import Message

from kit.ids import uuid7
from kit.telemetry import traceparent

if TYPE_CHECKING:
    from kit.database import Connection

OUTBOX_COLUMNS = (
    "event_id", "aggregatetype", "aggregateid", "aggregate_version", "partition_key",
    "type", "schema_version", "payload", "headers",
)  # fmt: skip
AGGREGATES = {
    "organization_id": "organization",
    "account": "account",
    "subscription_id": "subscription",
    "dispatch_id": "dispatch",
}
"""Fields that name the aggregate of a fact, the first one present, and its kind."""
Row = tuple[uuid.UUID, str, str, int, str, str, int, bytes, str]
INSERT = f"""INSERT INTO kit.outbox ({", ".join(OUTBOX_COLUMNS)})
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)"""


def aggregate_of(fact: Message) -> tuple[str, str, int]:
    """Kind, id and version of the aggregate a fact speaks of.

    Raises ValueError for a message that names none or counts no version: it is no fact.
    """
    field = _names_it(type(fact))  # type: ignore[arg-type]
    version = getattr(fact, "fact_version", 0)
    if not field or not getattr(fact, field) or version < 1:
        raise ValueError(f"{type(fact).__name__} names no aggregate or no version")
    return AGGREGATES[field], getattr(fact, field), version


@cache
def _names_it(kind: Any) -> str:
    """The field of a message class that names its aggregate; empty where none does."""
    names = {field.local_name for field in kind.desc().fields}
    return next((name for name in AGGREGATES if name in names), "")


def schema_version(package: str) -> int:
    """Version of a package by its name: 1 of `minzheng.filing.v1`."""
    return int(package.rpartition(".v")[2])


def outbox_row(fact: Message, headers: Mapping[str, str]) -> Row:
    """Values of a new row in the order of OUTBOX_COLUMNS; `headers` as JSON text.

    `headers` are `traceparent`, `tracestate` and `decision_id`, nothing personal.
    Raises ValueError for a message that is no fact.
    """
    kind, identity, version = aggregate_of(fact)
    name = type(fact).desc().type_name
    schema = schema_version(name.rpartition(".")[0])
    text = json.dumps(dict(headers))
    # An organization's facts keep one order, whatever they speak of: it is the partition key.
    key = identity
    return uuid7(), kind, identity, version, key, name, schema, fact.to_binary(), text


async def state_fact(
    connection: "Connection", fact: Message, *, headers: Mapping[str, str] | None = None
) -> None:
    """State a fact inside an explicit transaction; the last statement before its commit.

    The aggregate's row must be locked by then. Without `headers` the running trace goes along.
    Raises UniqueViolationError when that version of the aggregate was stated before.
    """
    row = outbox_row(fact, traceparent() if headers is None else headers)
    await connection.execute(INSERT, *row)
