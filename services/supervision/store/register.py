"""States of organizations: written by reactions, read by everybody."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.errors import not_found
from kit.names import normalize
from kit.places import levels
from kit.sql import bind
from services.supervision.domain.register import Cause, State, Status

if TYPE_CHECKING:
    from kit.database import Connection

COLUMNS = tuple(field.name for field in fields(State))
STATE = f"""INSERT INTO register_state ({", ".join(COLUMNS)})
 VALUES ({", ".join(f":{name}" for name in COLUMNS)})"""
FOUND_BY = (
    "organization_id", "version", "status", "category", "filing_no", "name_key",
    "province", "city", "county", "township", "community",
)  # fmt: skip
PRESENT = f"""INSERT INTO organization ({", ".join(FOUND_BY)})
 VALUES ({", ".join(f":{name}" for name in FOUND_BY)}) ON CONFLICT (organization_id)
 DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in FOUND_BY[1:])}"""
AS_OF = """SELECT * FROM register_state
 WHERE organization_id = :organization_id AND (:day::date IS NULL OR since <= :day)
 ORDER BY version DESC LIMIT 1"""
HISTORY = """SELECT * FROM register_state WHERE organization_id = :organization_id
 AND version > :after::bigint ORDER BY version LIMIT :size"""

LACKING = """SELECT count(*) FROM (SELECT organization_id::text AS aggregate, count(*) AS states
 FROM register_state GROUP BY 1) s LEFT JOIN (SELECT aggregate, count(*) AS facts
 FROM kit.kept_fact GROUP BY 1) k USING (aggregate) WHERE states > coalesce(facts, 0)"""
"""Organizations of which fewer facts were kept than states came of them."""


async def put(connection: "Connection", state: State) -> None:
    """Keep the next state of an organization, in the caller's transaction."""
    values = row_of(state)
    for text in (STATE, PRESENT):
        rendered, arguments = bind(text, values)
        await connection.execute(rendered, *arguments)


async def present(connection: "Connection", organization_id: str) -> State:
    """The last state; its filing was taken in before, for facts come in order."""
    rendered, arguments = bind(AS_OF, {"organization_id": UUID(organization_id), "day": None})
    row = await connection.fetchrow(rendered, *arguments)
    assert row is not None, "a register begins with the filing"
    return state_of(row)


class Register:
    """Reads of the register."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def as_of(self, organization_id: str, day: date | None) -> State:
        """The state on a day, the present one for None.

        Refusal NOT_FOUND for an organization that was not in the register then.
        """
        values = {"organization_id": UUID(organization_id), "day": day}
        rendered, arguments = bind(AS_OF, values)
        row = await self.database.pool.fetchrow(rendered, *arguments)
        if row is None:
            raise not_found()
        return state_of(row)

    async def history(self, organization_id: str, after: int, size: int) -> list[State]:
        """States after a version, oldest first."""
        values = {"organization_id": UUID(organization_id), "after": after, "size": size}
        rendered, arguments = bind(HISTORY, values)
        return [state_of(row) for row in await self.database.pool.fetch(rendered, *arguments)]


def row_of(state: State) -> dict[str, Any]:
    """Values of a state's columns, and of what the organization is found by."""
    row: dict[str, Any] = {name: getattr(state, name) for name in COLUMNS}
    return row | {
        "organization_id": UUID(state.organization_id),
        "cause": state.cause.name,
        "status": state.status.name,
        "name_key": normalize(state.name),
        **levels(state.community_code),
    }


def state_of(row: "asyncpg.Record | Mapping[str, Any]") -> State:
    """The state of a row."""
    values = {name: row[name] for name in COLUMNS}
    return State(**values | {
        "organization_id": str(row["organization_id"]),
        "cause": Cause[row["cause"]],
        "status": Status[row["status"]],
        "field_codes": tuple(row["field_codes"]),
        "target_groups": tuple(row["target_groups"]),
    })  # fmt: skip
