"""Sessions of an account as the security administrator sees and ends them."""

from typing import Any

import pytest

from gateway.session.rpc import SessionsRpc
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.sessions.v1.sessions_pb import (
    AccountSession,
    EndSessionsRequest,
    GetSignOnPolicyRequest,
    ListSessionsRequest,
)
from tests.gateway.session.conftest import CLERK, World
from tests.gateway.session.test_sign_on import MINE

ADMIN = Caller("admin", Role.SEC_ADMIN, "post", "460000000000", "/460000000000/")
AUDITED = """SELECT subject, action, reason FROM kit.audit
 WHERE action = 'end_sessions' ORDER BY id"""


class Desk:
    """The room of sessions, called as the door calls it."""

    def __init__(self, world: World) -> None:
        self.rpc = SessionsRpc(world.rows, world.posts, world.unit)

    async def ask(self, method: str, request: Any) -> Any:
        name = "".join(part.capitalize() for part in method.split("_"))
        rpc = rpc_by_path()[f"/minzheng.sessions.v1.SessionsService/{name}"]
        enter(Call(ADMIN, rpc.path, rpc.access))
        return await getattr(self.rpc, method)(request, None)

    async def sessions(self, account: str) -> list[AccountSession]:
        answer = await self.ask("list_sessions", ListSessionsRequest(account=account))
        return list(answer.sessions)

    async def end(self, account: str, request_id: str, session_id: str = "") -> int:
        request = EndSessionsRequest(
            account=account, request_id=request_id, session_id=session_id, reason="设备遗失"
        )
        return int((await self.ask("end_sessions", request)).ended)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


async def test_sessions_are_told_with_their_post_and_no_person(world, browser, clerk, desk) -> None:
    await browser.sign_in(CLERK)
    (one,) = await desk.sessions(clerk)
    assert one.post_title == "街道（乡镇）经办·海口市龙华区大同街道"
    assert one.started_at <= one.seen_at
    assert await desk.sessions("somebody") == []


async def test_what_is_over_is_told_no_more(world, browser, clerk, desk) -> None:
    await browser.sign_in(CLERK)
    await world.age(seen_at=16)
    assert await desk.sessions(clerk) == []


async def test_an_ended_session_opens_nothing(world, browser, clerk, desk) -> None:
    other = await world.browser()
    await browser.sign_in(CLERK)
    await other.sign_in(CLERK)
    newest, oldest = await desk.sessions(clerk)
    key = str(uuid7())
    assert await desk.end(clerk, key, oldest.session_id) == 1
    assert await desk.end(clerk, key, oldest.session_id) == 1, "the same request is told the same"
    assert (await browser.client.get(MINE)).status_code == 401
    assert (await other.client.get(MINE)).status_code == 200
    assert [one.session_id for one in await desk.sessions(clerk)] == [newest.session_id]
    assert await desk.end(clerk, str(uuid7())) == 1
    assert (await other.client.get(MINE)).status_code == 401
    assert await desk.end(clerk, str(uuid7())) == 0
    rows = [tuple(row) for row in await world.database.pool.fetch(AUDITED)]
    assert rows == [("admin", "end_sessions", "设备遗失")] * 5, "each session, and each request"


async def test_a_session_of_somebody_else_is_not_ended(world, browser, clerk, desk) -> None:
    await browser.sign_in(CLERK)
    (one,) = await desk.sessions(clerk)
    assert await desk.end("somebody", str(uuid7()), one.session_id) == 0
    assert (await browser.client.get(MINE)).status_code == 200


async def test_the_policy_is_that_of_the_rules(desk) -> None:
    policy = (await desk.ask("get_sign_on_policy", GetSignOnPolicyRequest())).policy
    assert (policy.idle_seconds, policy.absolute_seconds) == (900, 28_800)
    assert (policy.second_factor_seconds, policy.token_seconds) == (300, 60)
