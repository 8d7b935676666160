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

    async def call(self, name: str, who: Caller | None = None, **fields: Any) -> Any:
        rpc = next(one for one in rpcs() if one.service == "PostsService" and one.name == name)
        enter(Call(who or self.admin, rpc.path, rpc.access))
        method = re.sub("([A-Z])", r"_\1", name).lower().lstrip("_")
        return await getattr(self.rpc, method)(rpc.request(**fields), None)

    async def grant(self, account: str, role: str, region: str, **fields: Any) -> Any:
        fields.setdefault("post_id", str(uuid7()))
        answer = await self.call(
            "GrantPost", account=account, role=Role[role], region_code=region, **fields
        )
        return answer.post

    async def revoke(self, post_id: str, **fields: Any) -> Any:
        fields = {"request_id": str(uuid7()), "reason": "调离"} | fields
        return (await self.call("RevokePost", post_id=post_id, **fields)).post


@pytest.fixture
async def room(workload: Workload) -> Room:
    return Room(await workload("gateway"))


@pytest.fixture
async def rows() -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Reads what is stored, past row security: as a superuser of the test's server."""
    from kit.embedded.roles import _superuser
    from kit.settings import settings

    connection = await _superuser(settings().database("gateway"), settings())
    yield connection.fetch
    await connection.close()


@pytest.fixture
async def app() -> AsyncIterator[Any]:
    """The application role, with no scope set."""
    connection = await connect("gateway", "app")
    yield connection
    await connection.close()
