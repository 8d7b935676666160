"""The feed and the states: written by reactions, read by departments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kit.database import Database
from kit.sql import bind
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState

if TYPE_CHECKING:
    from kit.database import Connection

IN_SCOPE = "(SELECT set_config('minzheng.scope', :scope, true)) IS NOT NULL"
IN_REGION = "region_path >= :low AND region_path < :high"
NEXT = "UPDATE feed_head SET position = position + 1 RETURNING position"
SEQUENCE = f"""SELECT coalesce(max(sequence), 0) + 1 FROM organization_state
 WHERE organization_id = :organization_id AND {IN_SCOPE}"""
STATE = f"""SELECT state FROM organization_state
 WHERE organization_id = :organization_id AND {IN_SCOPE}"""
PUT_STATE = """INSERT INTO organization_state (organization_id, region_path, sequence, state)
 VALUES (:organization_id, :region_path, :sequence, :state)
 ON CONFLICT (organization_id) DO UPDATE SET sequence = :sequence, state = :state,
 region_path = :region_path"""
PUT_EVENT = """INSERT INTO feed (position, event_id, organization_id, sequence, type, region_path,
 at, traceparent, state) VALUES (:position, :event_id, :organization_id, :sequence, :type,
 :region_path, now(), :traceparent, :state)"""
FAN_OUT = """INSERT INTO delivery (subscription_id, position, organization_id, redelivery, due_at)
 SELECT subscription_id, :position, :organization_id, false, now() FROM subscription
 WHERE state IN ('LIVE', 'PAUSED') AND :type = ANY (types)
 AND starts_with(:region_path, region_path)"""
"""A statement after the head is locked: it sees every subscription that went live before."""
HEAD = "SELECT position FROM feed_head"
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


class Feed:
    """The feed of one gateway database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def next_sequence(self, connection: "Connection", organization_id: str) -> int:
        """The organization's next public change."""
        values = {"organization_id": UUID(organization_id), "scope": "r:/"}
        found: int = await self._value(connection, SEQUENCE, values)
        return found

    async def state(self, connection: "Connection", organization_id: str) -> OrganizationState:
        """The organization's public state; its filing was taken in before, facts come in order."""
        values = {"organization_id": UUID(organization_id), "scope": "r:/"}
        return OrganizationState.from_binary(bytes(await self._value(connection, STATE, values)))

    async def put(
        self,
        connection: "Connection",
        state: OrganizationState,
        region_path: str,
        event_id: UUID,
        type: str,
        traceparent: str,
    ) -> None:
        """State, event and deliveries in the caller's transaction; the head is locked until it commits."""
        values = {
            "organization_id": UUID(state.organization_id),
            "region_path": region_path,
            "sequence": state.sequence,
            "state": state.to_binary(),
            "event_id": event_id,
            "type": type,
            "traceparent": traceparent,
        }
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        await self._value(connection, PUT_STATE, values)
        values["position"] = await connection.fetchval(NEXT)
        await self._value(connection, PUT_EVENT, values)
        await self._value(connection, FAN_OUT, values)

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
