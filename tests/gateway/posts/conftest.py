"""The rooms of posts on their database, called as the door calls them."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.posts.rpc import PostsRpc
from gateway.posts.store import Posts
from kit.call import Call, enter
from kit.contracts import rpcs
from kit.database import Database, connect
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.regions import hainan
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.conftest import Workload

PATH = "/460000000000/"
KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})


@dataclass
class Room:
    """The servicer of posts."""

    database: Database

    def __post_init__(self) -> None:
        self.unit = Unit(self.database, Doorbell(), KEYRING)
        self.posts = Posts(self.database, self.unit)
        self.rpc = PostsRpc(self.posts, self.unit)
        self.admin = Caller("admin", Role.SEC_ADMIN, "a1", "460000000000", PATH)
        self.second = Caller("second", Role.SEC_ADMIN, "a2", "460000000000", PATH)

    async def call(self, name: str, who: Caller | None = None, **fields: Any) -> Any:
        rpc = next(one for one in rpcs() if one.service == "PostsService" and one.name == name)
        enter(Call(who or self.admin, rpc.path, rpc.access))
        method = re.sub("([A-Z])", r"_\1", name).lower().lstrip("_")
        return await getattr(self.rpc, method)(rpc.request(**fields), None)

    async def propose(self, account: str, role: str, region: str, **fields: Any) -> Any:
        fields.setdefault("post_id", str(uuid7()))
        answer = await self.call(
            "GrantPost", account=account, role=Role[role], region_code=region, **fields
        )
        return answer.post

    async def confirm(self, post_id: str, who: Caller | None = None, **fields: Any) -> Any:
        fields = {"request_id": str(uuid7())} | fields
        return (await self.call("ConfirmPost", who or self.second, post_id=post_id, **fields)).post

    async def grant(self, account: str, role: str, region: str, **fields: Any) -> Any:
        """In force by two administrators."""
        return await self.confirm((await self.propose(account, role, region, **fields)).post_id)

    def acting(self, post: Any) -> Caller:
        """The holder of a post under it, as the gateway makes the caller."""
        node = hainan().get(post.region.code)
        return Caller(
            post.account, Role(post.role), post.post_id, node.code, node.path,
            delegator=post.delegator,
        )  # fmt: skip

    async def revoke(self, post_id: str, **fields: Any) -> Any:
        fields = {"request_id": str(uuid7()), "reason": "调离"} | fields
        return (await self.call("RevokePost", post_id=post_id, **fields)).post


@pytest.fixture
async def room(workload: Workload) -> Room:
    return Room(await workload("gateway"))


@pytest.fixture
async def rows() -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Reads what is stored, past row security: as a superuser of the test's server."""
    from kit.embedded.roles import superuser
    from kit.settings import settings

    connection = await superuser(settings().database("gateway"), settings())
    yield connection.fetch
    await connection.close()


@pytest.fixture
async def app() -> AsyncIterator[Any]:
    """The application role, with no scope set."""
    connection = await connect("gateway", "app")
    yield connection
    await connection.close()
