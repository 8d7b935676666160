"""The feed on its database, written as the reaction writes it, read as departments read it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gateway.subscriptions.delivering.outbound import Outbound
from gateway.subscriptions.reactions import Changes
from gateway.subscriptions.rpc.feed import SubscriptionsRpc
from gateway.subscriptions.store.feed import Feed
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database, connect
from kit.identity import Caller
from kit.ids import uuid7
from kit.reactions import Event
from kit.regions import hainan
from kit.settings import Settings
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled
from proto.gen.minzheng.filing.v1.filing_pb import Category, OrganizationClass
from tests.conftest import Workload
from tests.sink import Authority, Sink

if TYPE_CHECKING:
    from tests.gateway.subscriptions.webhooks import Desk

PROVINCE = "460000000000"
DATONGLI, TIANYA, YANGPU, DANZHOU = "460106004002", "460204198005", "460400499001", "460400100001"
"""Communities: below a township, of Sanya without one, of 洋浦, of 儋州."""
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
WRITERS = 12


def department(region: str = PROVINCE) -> Caller:
    """A department's post at a node."""
    return Caller("dept", Role.DEPT, "post", region, hainan().get(region).path)


def fact(community: str, name: str = "演示组织", organization: str = "") -> OrganizationFiled:
    """A filing of an organization in a community; a new one unless it is named."""
    node = hainan().get(community)
    return OrganizationFiled(
        organization_id=organization or str(uuid7()),
        fact_version=1,
        filing_id=str(uuid7()),
        name=name,
        region_path=node.path,
        community_code=community,
        authority_code=node.authority or "",
        applicant_account="account-of-a-person",
        actor_role=Role.TOWN_LEAD,
        filing_no="SQBA4601060042026000017",
        organization_class=OrganizationClass.BA_ST,
        category=Category.GYCS,
        filed_on="2026-03-06",
    )


def head(organization: str, version: int) -> dict[str, Any]:
    """What a later fact of an organization in 大同里 says beside its own."""
    node = hainan().get(DATONGLI)
    return {
        "organization_id": organization,
        "fact_version": version,
        "region_path": node.path,
        "community_code": DATONGLI,
        "filing_no": "SQBA4601060042026000017",
    }


def heading(stated: Any) -> Event:
    """The headers a fact comes with."""
    return Event(
        event_id=uuid7(),
        type=stated.desc().type_name,
        aggregate_id=stated.organization_id,
        version=stated.fact_version,
        occurred_at=datetime.now(UTC),
        traceparent=TRACE,
        headers={"traceparent": TRACE},
    )


@dataclass
class Room:
    """Feed, reaction and servicer."""

    database: Database

    def __post_init__(self) -> None:
        self.feed = Feed(self.database)
        self.changes = Changes(self.feed)
        self.rpc = SubscriptionsRpc(self.feed)

    async def filed(self, community: str, name: str = "演示组织", organization: str = "") -> str:
        """A filing becomes public; answers the organization."""
        stated = fact(community, name, organization)
        async with self.database.transaction() as connection:
            await self.apply(connection, stated)
        return stated.organization_id

    async def apply(self, connection: Any, stated: OrganizationFiled) -> None:
        """The reaction in a transaction of the caller's."""
        await self.changes.on_fact(connection, stated, heading(stated))

    async def read(self, name: str, who: Caller, **fields: Any) -> Any:
        """An RPC under a post."""
        rpc = rpc_by_path()[f"/minzheng.subscriptions.v1.SubscriptionsService/{name}"]
        enter(Call(who, rpc.path, rpc.access))
        method = {"ListEvents": self.rpc.list_events, "GetSnapshot": self.rpc.get_snapshot}[name]
        return await method(rpc.request(**fields), None)  # type: ignore[operator]

    async def events(self, who: Caller, **fields: Any) -> Sequence[Any]:
        """The events a post is shown."""
        found: Sequence[Any] = (await self.read("ListEvents", who, **fields)).events
        return found


@pytest.fixture
async def room(workload: Workload) -> Room:
    """An empty feed."""
    room = Room(await workload("gateway"))
    owner = await connect("gateway", "owner")
    await owner.execute("UPDATE feed_head SET position = 0")
    await owner.execute("UPDATE published SET position = 0")
    await owner.close()
    return room


@pytest.fixture
async def writers(room: Room) -> AsyncIterator[Room]:
    """The same feed with a connection for each writer, so that readers never wait for one."""
    database = await Database.open("gateway", size=WRITERS)
    yield Room(database)
    await database.close()


@pytest.fixture
async def sink(postgres: Settings, authority: Authority) -> AsyncIterator[Sink]:
    """A department's server that accepts everything."""
    async with Sink(authority) as running:
        yield running


@pytest.fixture
async def desk(room: Room, authority: Authority) -> AsyncIterator["Desk"]:
    """Subscriptions over an empty feed."""
    from tests.gateway.subscriptions.webhooks import ALLOWED, PATIENCE, Desk

    post = Outbound(ALLOWED, authority.client(), PATIENCE)
    yield Desk(room, authority, post)
    await post.close()


@pytest.fixture
async def departments(desk: "Desk") -> AsyncIterator[list[Sink]]:
    """Twenty departments that subscribed."""
    from tests.gateway.subscriptions.webhooks import department

    sinks = [await Sink(desk.authority).__aenter__() for _ in range(20)]
    for number, one in enumerate(sinks):
        await desk.live(one, department(f"dept-{number}"))
    yield sinks
    for one in sinks:
        await one.__aexit__()
