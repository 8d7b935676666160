"""Subscriptions on their database, driven as departments and civil affairs drive them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from gateway.subscriptions.delivering.outbound import Outbound
from gateway.subscriptions.delivering.worker import Deliverer
from gateway.subscriptions.rpc.webhooks import WebhooksRpc
from gateway.subscriptions.store.deliveries import Deliveries
from gateway.subscriptions.store.subscriptions import Subscriptions
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.regions import hainan
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.gateway.subscriptions.conftest import PROVINCE, Room
from tests.sink import Authority, Sink

FILED = "cn.gov.hainan.organization.filed.v1"
LONGHUA = "460106000000"
ALLOWED = (ip_network("127.0.0.0/8"),)
NETWORKS = ["127.9.0.0/24"]
PATIENCE = 60.0
"""Seconds; nothing in a test waits for it but what is meant to hang."""
SHORT = 0.3


def department(account: str = "dept", region: str = PROVINCE) -> Caller:
    """A department's client."""
    return Caller(account, Role.DEPT, "post", region, hainan().get(region).path)


def approver(
    account: str = "lin", region: str = LONGHUA, role: Role = Role.COUNTY_APPROVE
) -> Caller:
    """Who decides in a region."""
    return Caller(account, role, "post", region, hainan().get(region).path)


@dataclass
class Clock:
    """The clock of the schedule: the database's, moved on by the test."""

    deliveries: Deliveries
    ahead: timedelta = timedelta()

    async def now(self) -> datetime:
        """Now, as the worker sees it."""
        return await self.deliveries.now() + self.ahead


@dataclass
class Desk:
    """The room of subscriptions with a worker whose clock is the test's."""

    room: Room
    authority: Authority
    post: Outbound
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        database = self.room.database
        self.keyring = Keyring.load()
        self.unit = Unit(database, Doorbell(), self.keyring)
        self.subscriptions = Subscriptions(database, self.unit, self.keyring)
        self.deliveries = Deliveries(database, self.subscriptions)
        self.clock = Clock(self.deliveries)
        self.rpc = WebhooksRpc(self.deliveries, self.unit, self.post, ALLOWED)
        self.worker = self.another()

    def another(self) -> Deliverer:
        """A worker as a second gateway has one."""
        return Deliverer(self.deliveries, self.post, self.clock.now)

    async def call(self, name: str, who: Caller, **fields: Any) -> Any:
        """An RPC under a post, with a key of its own unless one is given."""
        rpc = rpc_by_path()[f"/minzheng.subscriptions.v1.WebhooksService/{name}"]
        known = {one.local_name for one in rpc.request.desc().fields}
        if "request_id" in known:
            fields.setdefault("request_id", str(uuid7()))
        enter(Call(who, rpc.path, rpc.access))
        method = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]
        return await getattr(self.rpc, method)(rpc.request(**fields), None)

    async def requested(self, url: str, who: Caller | None = None, **fields: Any) -> str:
        """A subscription asked for; answers its id."""
        asked: dict[str, Any] = {
            "subscription_id": str(uuid7()), "region_code": LONGHUA, "types": [FILED],
            "purpose": "社会组织信息共享", "url": url, "networks": NETWORKS,
        }  # fmt: skip
        answer = await self.call("RequestSubscription", who or department(), **asked | fields)
        return str(answer.subscription.subscription_id)

    async def live(self, sink: Sink, who: Caller | None = None, **fields: Any) -> str:
        """A subscription that delivers; the sink must accept its test."""
        who = who or department()
        found = await self.requested(sink.url, who, **fields)
        await self.call("ApproveSubscription", approver(region=PROVINCE, role=Role.PROV_SO),
                        subscription_id=found)  # fmt: skip
        await self.call("RotateSecret", who, subscription_id=found)
        tested = await self.call("TestSubscription", who, subscription_id=found)
        assert tested.subscription.state.name == "LIVE", tested.outcome
        sink.received.clear()
        sink.accepted.clear()
        return found

    async def settle(self) -> None:
        """Deliver what is due, until nothing is due and nothing is under way."""
        while True:
            # An attempt that ends beside a round frees what that round did not see.
            idle = not self.worker.running
            if not await self.worker.round() and idle:
                return
            if self.worker.running:
                await asyncio.wait(self.worker.running)

    async def play(self, span: timedelta) -> None:
        """Let the schedule run: from one due attempt to the next, up to a span from now."""
        end = await self.clock.now() + span
        while True:
            await self.settle()
            due = await self.next_due()
            if due is None or due > end:
                break
            now = await self.clock.now()
            self.clock.ahead += max(due - now, timedelta()) + timedelta(milliseconds=1)
        self.clock.ahead += max(end - await self.clock.now(), timedelta())

    async def next_due(self) -> datetime | None:
        """When the next attempt can be made at all."""
        rows = await self.rows("""SELECT min(greatest(d.due_at, s.held_until)) AS due FROM delivery d
         JOIN subscription s USING (subscription_id) WHERE NOT d.delivered AND s.state = 'LIVE'
         AND NOT EXISTS (SELECT FROM delivery e WHERE e.subscription_id = d.subscription_id
         AND e.organization_id = d.organization_id AND NOT e.delivered AND e.number < d.number)""")
        due: datetime | None = rows[0]["due"]
        return due

    async def rows(self, text: str, *values: Any) -> list[Mapping[str, Any]]:
        """Rows as the administrator sees them."""
        async with self.deliveries.acting() as connection:
            return [dict(row) for row in await connection.fetch(text, *values)]

    async def feed_ids(self) -> list[str]:
        """Event ids in the order of the feed."""
        return [str(row["event_id"]) for row in await self.rows("SELECT * FROM feed ORDER BY 1")]

    async def waiting(self) -> int:
        """Deliveries that have not arrived."""
        rows = await self.rows("SELECT count(*)::int AS n FROM delivery WHERE NOT delivered")
        found: int = rows[0]["n"]
        return found

    async def state(self, subscription_id: str) -> Any:
        """A subscription as the department sees it."""
        answer = await self.call("GetSubscription", department(), subscription_id=subscription_id)
        return answer.subscription
