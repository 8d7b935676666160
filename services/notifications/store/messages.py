"""Messages: kept by reactions, read by whom they are addressed to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
from protobuf import Message

from kit.call import current
from kit.database import Database
from kit.errors import not_found
from kit.identity import Caller
from kit.ids import uuid7
from kit.regions import hainan
from kit.sql import bind, positions
from kit.unit import Audit, Change, Unit
from services.notifications.domain.causes import Text
from services.notifications.store import IN_SCOPE, SYSTEM, reach

if TYPE_CHECKING:
    from kit.database import Connection

SHOWN = "m.message_id, m.subject, m.body, m.template, m.template_version, m.about, m.sent_at"
JOINED = "message m LEFT JOIN read_mark r ON r.message_id = m.message_id AND r.account = :account"
TO_ACCOUNT = "m.to_account = :account"
TO_POST = "m.to_role = :role AND m.to_node = :node"


def _newest(address: str) -> str:
    return f"""(SELECT {SHOWN}, r.read_at FROM {JOINED}
 WHERE {address} AND (:after::uuid IS NULL OR m.message_id < :after)
 AND (NOT :unread OR r.read_at IS NULL) AND {IN_SCOPE}
 ORDER BY m.message_id DESC LIMIT :size)"""


# Each inbox has its own index in the order of the page; no message lies in both.
LIST = f"{_newest(TO_ACCOUNT)} UNION ALL {_newest(TO_POST)} ORDER BY message_id DESC LIMIT :size"
LOAD = f"""SELECT {SHOWN}, m.node_path, r.read_at, clock_timestamp() AS now FROM {JOINED}
 WHERE m.message_id = :message_id AND ({TO_ACCOUNT} OR ({TO_POST})) AND {IN_SCOPE}"""
MARK = f"""INSERT INTO read_mark (message_id, account, read_at)
 SELECT :message_id, :account, :read_at WHERE {IN_SCOPE}
 ON CONFLICT DO NOTHING RETURNING message_id"""
KEEP = f"""INSERT INTO message (message_id, to_account, to_role, to_node, node_path, subject, body,
 template, template_version, about, event_id, ordinal, sent_at)
 SELECT :message_id, :to_account, :to_role, :to_node, :node_path, :subject, :body,
 :template, :template_version, :about, :event_id, :ordinal, now() WHERE {IN_SCOPE}
 ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Messages:
    """Reads and marks for callers."""

    database: Database
    unit: Unit

    async def newest(
        self, who: Caller, *, size: int, after: UUID | None, unread: bool
    ) -> Sequence[asyncpg.Record]:
        """Messages to the caller's account and post, newest first, beginning after `after`."""
        page = {"size": size, "after": after, "unread": unread}
        text, arguments = bind(LIST, reach(who) | _post(who) | page)
        rows: Sequence[asyncpg.Record] = await self.database.pool.fetch(text, *arguments)
        return rows

    async def load(self, message_id: UUID, who: Caller) -> asyncpg.Record:
        """A message and the time of the read. Refusal NOT_FOUND unless addressed to the caller."""
        text, arguments = bind(LOAD, reach(who) | _post(who) | {"message_id": message_id})
        row = await self.database.pool.fetchrow(text, *arguments)
        if row is None:
            raise not_found()
        return row

    async def mark(
        self, row: asyncpg.Record, read_at: datetime, request: Message, response: Message
    ) -> None:
        """Keep the first reading. Raises Stale when another request of the caller was faster."""
        values = {"message_id": row["message_id"], "read_at": read_at}
        audit = Audit(str(row["message_id"]), row["node_path"], read_at, None)
        change = Change(MARK, reach(current().who) | values, audit)
        await self.unit.write(change, request, response)


def _post(who: Caller) -> dict[str, object]:
    return {"role": who.role.name, "node": who.region_code}


Kept = tuple[UUID, Text]
"""A message under its id."""


async def keep(
    connection: "Connection", told: Iterable[tuple[UUID, Iterable[Text]]]
) -> Sequence[Kept]:
    """Keep the messages of events; an event that was kept already changes nothing."""
    text, names = positions(KEEP)
    made = [
        (uuid7(), event_id, ordinal, message)
        for event_id, texts in told
        for ordinal, message in enumerate(texts)
    ]
    rows = [_row(*one) for one in made]
    await connection.executemany(text, [[row[name] for name in names] for row in rows])
    return [(message_id, message) for message_id, _, _, message in made]


def _row(message_id: UUID, event_id: UUID, ordinal: int, message: Text) -> dict[str, object]:
    node = message.to.node
    return reach(SYSTEM) | {
        "message_id": message_id,
        "to_account": message.to.account,
        "to_role": message.to.role,
        "to_node": node,
        "node_path": hainan().get(node).path if node else "",
        "subject": message.subject,
        "body": message.body,
        "template": message.template,
        "template_version": message.template_version,
        "about": message.about,
        "event_id": event_id,
        "ordinal": ordinal,
    }
