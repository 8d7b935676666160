"""What the door makes of bodies, deadlines and refusals: nothing unreadable is an accident."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from kit.contracts import Rpc, rpc_by_path
from kit.errors import Kind, Refusal, not_found
from kit.identity import Caller, Verifier
from kit.interceptor import PROBLEM, Door, parse
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.problem_pb import Problem
from proto.gen.minzheng.filing.v1.filing_pb import CheckNameRequest

PLEDGE = "/minzheng.filing.v1.FilingService/GetPledgeText"
NAMES = "/minzheng.filing.v1.FilingService/CheckName"


class Everybody:
    """Takes any token for somebody without a post."""

    service = "filing"

    def verify(self, _token: str, **_rest: Any) -> Caller:
        return Caller("", Role.ANONYMOUS)


class Mark:
    """Something a room holds."""


class Room(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Refuses every call; remembers whether what it held is gone."""

    def __init__(self) -> None:
        self.held: list[weakref.ref[Mark]] = []

    def service(self, _details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(self.refuse)

    async def refuse(self, _request: Any, _context: Any) -> None:
        mark = Mark()
        self.held.append(weakref.ref(mark))
        try:
            raise KeyError("within")
        except KeyError as error:
            raise not_found() from error


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
async def channel(tmp_path: Path, room: Room) -> AsyncIterator[grpc.aio.Channel]:
    door = Door(cast(Verifier, Everybody()), cast(Unit, None))
    server = grpc.aio.server(interceptors=(door,))
    server.add_generic_rpc_handlers((room,))
    server.add_insecure_port(f"unix:{tmp_path}/s")
    await server.start()
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/s") as opened:
        yield opened
    await server.stop(0)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def refused(channel: grpc.aio.Channel, seconds: float | None = 5) -> str:
    """Code of the refusal."""
    metadata = (("authorization", "Bearer x"),)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await channel.unary_unary(PLEDGE)(b"", metadata=metadata, timeout=seconds)
    trailer = dict(error.value.trailing_metadata() or ())
    return Problem.from_binary(bytes(trailer[PROBLEM])).code


async def test_a_refused_request_is_let_go_at_once(
    channel: grpc.aio.Channel, room: Room, no_collector: None
) -> None:
    for _ in range(5):
        assert await refused(channel) == "common.not_found"
    await asyncio.sleep(0.05)
    assert len(room.held) == 5
    assert [held() for held in room.held] == [None] * 5


async def test_a_call_names_its_deadline(channel: grpc.aio.Channel, room: Room) -> None:
    assert await refused(channel, seconds=None) == "common.deadline_missing"
    assert room.held == []


def rpc(path: str) -> Rpc:
    return rpc_by_path()[path]


@pytest.mark.parametrize(
    "body",
    [b"\x0b" * 100_000, b"\xff\xff", CheckNameRequest(name="a\x00b").to_binary(), b"\x0a\x02\xc3"],
    ids=["nested groups", "noise", "U+0000", "no UTF-8"],
)
def test_what_cannot_be_read_is_malformed(body: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        parse(rpc(NAMES), body)
    assert (refusal.value.kind, refusal.value.code) == (Kind.MALFORMED, "common.malformed")


def test_zero_bytes_outside_of_texts_are_no_matter() -> None:
    body = CheckNameRequest(name="海口市龙华区", community_code="460106004002").to_binary()
    assert parse(rpc(NAMES), body + b"\x98\x06\x00")
