"""The feed on the log: the history of changes and its compacted twin, for departments with a bus.

The feed is its own outbox. Its positions are given out in commit order without gaps, so that here,
unlike in a table with a sequence, a cursor loses nothing. What the log did not acknowledge is sent
again with everything after it: at least once, under the same event id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.subscriptions.event import cloud_event
from kit.database import Database
from kit.log.port import Log, Record
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent

HISTORY = "public.organization.changed.v1"
"""Every change: the state after it."""
TWIN = "public.organization.state.v1"
"""The last state of every organization: to be compacted by key."""
PUBLISHED = {HISTORY: "delete", TWIN: "compact"}
BATCH = 200
SCOPE = "SELECT set_config('minzheng.scope', 'r:/', true)"
NEXT = """SELECT position, event_id, sequence, type, at, traceparent, state FROM feed
 WHERE position > (SELECT position FROM published) ORDER BY position LIMIT $1"""
DONE = "UPDATE published SET position = $1 WHERE position < $1"
AGAIN = "UPDATE published SET position = 0"
"""After it the whole feed is sent again."""
ATTRIBUTES = (
    "specversion", "id", "source", "type", "subject", "time", "dataschema", "partitionkey",
    "sequence", "regioncode", "traceparent", "classification",
)  # fmt: skip


class Publisher:
    """Writes what the log does not hold yet; by a timer, so one gateway does it at a time."""

    def __init__(self, database: Database, log: Log) -> None:
        self.database = database
        self.log = log
        self.ready = False

    async def run(self) -> int:
        """Send until nothing is left; answers how many. Raises what the log failed with."""
        if not self.ready:
            await self.log.ensure(list(PUBLISHED))
            self.ready = True
        sent = 0
        while rows := await self._rows():
            await self._send(rows)
            sent += len(rows)
        return sent

    async def _rows(self) -> Sequence[Mapping[str, Any]]:
        async with self.database.transaction("publish") as connection:
            await connection.execute(SCOPE)
            return [dict(row) for row in await connection.fetch(NEXT, BATCH)]

    async def _send(self, rows: Sequence[Mapping[str, Any]]) -> None:
        records = [record_of(cloud_event(row)) for row in rows]
        producer = self.log.producer()
        try:
            results = [
                one for topic in (HISTORY, TWIN) for one in await producer.send(topic, records)
            ]
        finally:
            await producer.close()
        for failed in filter(None, results):
            raise failed
        await self.database.pool.execute(DONE, rows[-1]["position"])


def record_of(event: CloudEvent) -> Record:
    """An event in binary mode: attributes in headers, the state as JSON, keyed by organization.

    `ce_traceparent` is the trace of the origin, `traceparent` that of the last hop.
    """
    attributes = [(f"ce_{name}", getattr(event, name)) for name in ATTRIBUTES]
    headers = [*attributes, ("content-type", event.datacontenttype)]
    if event.traceparent:
        headers.append(("traceparent", event.traceparent))
    assert event.data is not None, "the feed holds states"
    value = event.data.to_json(always_emit_implicit=True).encode()
    return Record(
        event.partitionkey, value, tuple((name, text.encode()) for name, text in headers if text)
    )
