"""The door over real gRPC: a role without the function is refused and leaves its audit row."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from joserfc.jwk import ECKey

from kit.database import Database
from kit.identity import Caller, Minter, Verifier
from kit.ids import uuid7
from kit.interceptor import PROBLEM, Door
from kit.outbox import Doorbell
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.problem_pb import Problem
from proto.gen.minzheng.filing.v1.filing_pb import DecideFilingRequest, ListFilingsRequest
from tests.conftest import Workload
from tests.filing.service import Filing

KEY = ECKey.generate_key("P-256")
SERVICE = "/minzheng.filing.v1.FilingService/"


@pytest.fixture
async def database(workload: Workload) -> Database:
    return await workload("filing")


@pytest.fixture
async def channel(database: Database, tmp_path: Path) -> AsyncIterator[grpc.aio.Channel]:
    """The filing service behind its door, on a unix socket."""
    public = dict(KEY.as_dict(private=False)) | {"kid": KEY.thumbprint(), "use": "sig"}
    verifier = Verifier.from_json("filing", json.dumps({"keys": [public]}))
    unit = Unit(database, Doorbell(), Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32}))
    server = grpc.aio.server(interceptors=(Door(verifier, unit),))
    Filing(database).rpc.add_to_server(server)
    server.add_insecure_port(f"unix:{tmp_path}/s")
    await server.start()
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/s") as opened:
        yield opened
    await server.stop(0)


async def refused(channel: grpc.aio.Channel, name: str, body: bytes, token: str) -> Problem:
    """The problem of a call that must be refused."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await channel.unary_unary(SERVICE + name)(
            body, metadata=(("authorization", f"Bearer {token}"),), timeout=10
        )
    trailer = dict(error.value.trailing_metadata() or ())
    return Problem.from_binary(bytes(trailer[PROBLEM]))


async def test_a_role_without_the_function_leaves_its_audit_row(
    channel: grpc.aio.Channel, database: Database
) -> None:
    who = Caller("somebody", Role.EXPERT, region_code="460000000000", region_path="/460000000000/")
    body = DecideFilingRequest(filing_id=str(uuid7()), request_id=str(uuid7())).to_binary()
    token = Minter(KEY).mint(who, "filing", path=SERVICE + "DecideFiling", body=body)
    problem = await refused(channel, "DecideFiling", body, token)
    assert (problem.kind, problem.code) == ("forbidden", "common.no_function")
    rows = await database.pool.fetch("SELECT subject, action, outcome, reason FROM kit.audit")
    assert [tuple(row) for row in rows] == [("somebody", "decide", "refused", "common.no_function")]


async def test_a_refused_read_leaves_nothing(channel: grpc.aio.Channel, database: Database) -> None:
    token = Minter(KEY).mint(Caller("somebody", Role.EXPERT), "filing")
    problem = await refused(channel, "ListFilings", ListFilingsRequest().to_binary(), token)
    assert problem.kind == "forbidden"
    assert await database.pool.fetchval("SELECT count(*) FROM kit.audit") == 0


async def test_a_fresh_action_refuses_a_kept_token(channel: grpc.aio.Channel) -> None:
    body = DecideFilingRequest(filing_id=str(uuid7()), request_id=str(uuid7())).to_binary()
    kept = Minter(KEY).mint(Caller("lead", Role.TOWN_LEAD), "filing")
    assert (await refused(channel, "DecideFiling", body, kept)).kind == "unauthenticated"


async def test_no_token_no_answer(channel: grpc.aio.Channel) -> None:
    assert (await refused(channel, "GetPledgeText", b"", "garbage")).kind == "unauthenticated"
