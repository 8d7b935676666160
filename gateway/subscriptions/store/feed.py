"""The feed and the states: written by reactions, read by departments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kit.database import Database
from kit.sql import IN_SCOPE, bind
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState

if TYPE_CHECKING:
    from kit.database import Connection

IN_REGION = "region_path >= :low AND region_path < :high"
STATES_OF = f"""SELECT organization_id::text, state FROM organization_state
 WHERE organization_id = ANY (:organizations::uuid[]) AND {IN_SCOPE}"""
NEXT = f"UPDATE feed_head SET position = position + :count WHERE {IN_SCOPE} RETURNING position"
PUT_STATES = """INSERT INTO organization_state (organization_id, region_path, sequence, state)
 SELECT DISTINCT ON (organization_id) organization_id, region_path, sequence, state FROM put
 ORDER BY organization_id, sequence DESC
 ON CONFLICT (organization_id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
 region_path = excluded.region_path"""
PUT_EVENTS = """INSERT INTO feed (position, event_id, organization_id, sequence, type, region_path,
 at, traceparent, state) SELECT position, event_id, organization_id, sequence, type, region_path,
 now(), traceparent, state FROM put"""
FAN_OUT = """INSERT INTO delivery (subscription_id, position, organization_id, redelivery, due_at)
 SELECT s.subscription_id, put.position, put.organization_id, false, now()
 FROM put JOIN subscription s ON put.type = ANY (s.types)
 AND starts_with(put.region_path, s.region_path)
 WHERE s.state IN ('LIVE', 'PAUSED') ORDER BY put.position, s.subscription_id"""
PUT = f"""WITH put AS MATERIALIZED (SELECT :head::bigint - :count::bigint + place AS position, n.* FROM unnest(
  :organizations::uuid[], :region_paths::text[], :sequences::integer[], :states::bytea[],
  :event_ids::uuid[], :types::text[], :traceparents::text[]) WITH ORDINALITY
  AS n (organization_id, region_path, sequence, state, event_id, type, traceparent, place)),
 states AS ({PUT_STATES}), events AS ({PUT_EVENTS}) {FAN_OUT}"""
"""A statement after the head is locked: it sees every subscription that went live before."""
HEAD = "SELECT position FROM feed_head"
LEAP = "UPDATE feed_head SET position = position + 1000000"
"""After a restore: a position that a department has seen is given to no other event."""
EVENTS = f"""SELECT position, event_id, sequence, type, region_path, at, traceparent, state FROM feed
 WHERE position > :after AND position <= :head AND {IN_REGION}
 AND (cardinality(:types::text[]) = 0 OR type = ANY(:types::text[])) AND {IN_SCOPE}
 ORDER BY position LIMIT :size"""
STATES = f"""SELECT organization_id, state FROM organization_state
 WHERE organization_id > :after AND {IN_REGION} AND {IN_SCOPE} ORDER BY organization_id LIMIT :size"""


@dataclass(frozen=True, slots=True)
class Window:
    """What a department reads: its scope and the subtree it asks for."""

    scope: str
    region_path: str

    @property
    def values(self) -> dict[str, str]:
        """The subtree as a range of paths: from the path to the one after its last `/`; none if empty."""
        high = self.region_path.removesuffix("/") + "0" if self.region_path else ""
        return {"scope": self.scope, "low": self.region_path, "high": high}


@dataclass(frozen=True, slots=True)
class PublicChange:
    """A change of an organization as it becomes public, with the state after it."""

    organization: UUID
    region_path: str
    sequence: int
    state: bytes
    event_id: UUID
    type: str
    traceparent: str


COLUMNS = tuple(field.name for field in fields(PublicChange))


class Feed:
    """The feed of one gateway database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def states_of(
        self, connection: "Connection", organizations: Iterable[str]
    ) -> dict[str, OrganizationState]:
        """Public states of some organizations, of those that have one."""
        values = {"organizations": [UUID(one) for one in set(organizations)], "scope": "r:/"}
        text, arguments = bind(STATES_OF, values)
        rows = await connection.fetch(text, *arguments)
        return {one: OrganizationState.from_binary(bytes(state)) for one, state in rows}

    async def put(self, connection: "Connection", changes: Sequence[PublicChange]) -> None:
        """States, events and deliveries in the caller's transaction; the head is locked until it commits.

        The changes of one organization follow one another.
        """
        head = await self._value(connection, NEXT, {"count": len(changes), "scope": "r:/"})
        columns = {f"{name}s": [getattr(one, name) for one in changes] for name in COLUMNS}
        await self._value(connection, PUT, columns | {"head": head, "count": len(changes)})

    async def head(self) -> int:
        """The last position that is committed."""
        found: int = await self.database.pool.fetchval(HEAD)
        return found

    async def events(
        self, window: Window, after: int, head: int, types: Sequence[str], size: int
    ) -> list[Mapping[str, Any]]:
        """Events after a position up to the head, in commit order."""
        values = {"after": after, "head": head, "types": list(types), "size": size}
        return await self._rows(EVENTS, window.values | values)

    async def states(self, window: Window, after: str, size: int) -> list[Mapping[str, Any]]:
        """States by organization after an id."""
        return await self._rows(STATES, window.values | {"after": UUID(after), "size": size})

    async def _rows(self, text: str, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        rendered, arguments = bind(text, values)
        return [dict(row) for row in await self.database.pool.fetch(rendered, *arguments)]

    async def _value(self, connection: "Connection", text: str, values: Mapping[str, Any]) -> Any:
        rendered, arguments = bind(text, values)
        return await connection.fetchval(rendered, *arguments)
