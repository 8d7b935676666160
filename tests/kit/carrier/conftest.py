"""A workload with two rooms behind the real door, on a unix socket, and the gateway's end."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from joserfc.jwk import ECKey

from kit.carrier import client, server
from kit.errors import Violation, invalid
from kit.identity import ANONYMOUS, Caller, Minter, Verifier
from kit.interceptor import Door
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb

KEY = ECKey.generate_key("P-256")
MINTER = Minter(KEY)
SERVICE = "minzheng.filing.v1.FilingService"
NAMES, DECIDE = f"/{SERVICE}/CheckName", f"/{SERVICE}/DecideFiling"
COMMUNITY = "460106004002"
REFUSED, WAITING, HUGE = "不予通过的名称", "等待的名称", "太长的答复"


@dataclass
class Rooms:
    """Answers a name with itself; some names are refused, wait for the gate, or answer too much."""

    asked: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    cancelled: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False
    """Every name."""

    def add_to_server(self, place: Any) -> None:
        """Register, as a generated servicer does."""
        handlers = {
            "CheckName": grpc.unary_unary_rpc_method_handler(self.check_name),
            "DecideFiling": grpc.unary_unary_rpc_method_handler(self.decide_filing),
        }
        place.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    async def check_name(self, request: pb.CheckNameRequest, _context: Any) -> Any:
        self.asked[request.name] += 1
        if request.name.startswith(WAITING):
            await self.wait()
        if self.refuses or request.name.startswith(REFUSED):
            raise invalid(
                "filing.name", "名称不可用。", Violation("name", "name.taken", "已有同名。")
            )
        said = request.name * (400_000 if request.name.startswith(HUGE) else 1)
        return pb.CheckNameResponse(findings=[pb.NameFinding(message=said)])

    async def wait(self) -> None:
        self.waiting += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.waiting -= 1

    async def decide_filing(self, _request: Any, _context: Any) -> Any:
        return pb.DecideFilingResponse()


@dataclass
class Place:
    """A running workload."""

    rooms: Rooms
    carrier: server.Carrier
    server: grpc.aio.Server
    port: int

    async def drain(self) -> None:
        """End as `kit.server` does."""
        self.carrier.drain()
        await self.server.stop(20)


Start = Callable[..., Awaitable[Place]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts workloads, on the socket of the test or at another address."""
    places: list[Place] = []

    async def begin(address: str = f"unix:{tmp_path}/s", *, carries: bool = True) -> Place:
        public = dict(KEY.as_dict(private=False)) | {"kid": KEY.thumbprint(), "use": "sig"}
        door = Door(Verifier.from_json("filing", json.dumps({"keys": [public]})), cast(Unit, None))
        rooms, carrier = Rooms(), server.Carrier(door)
        listening = grpc.aio.server(interceptors=(door,))
        for place in (listening, carrier):
            rooms.add_to_server(place)
        if carries:
            carrier.add_to_server(listening)
        port = listening.add_insecure_port(address)
        await listening.start()
        places.append(Place(rooms, carrier, listening, port))
        return places[-1]

    yield begin
    for place in places:
        await place.server.stop(0)


@dataclass
class Gateway:
    """The gateway's end, as somebody without a post."""

    carrier: client.Carrier

    async def ask(self, name: str, seconds: float = 30) -> str:
        """What the room says about a name."""
        return heard(await self.send(request(name), seconds))

    async def send(self, wire: bytes, seconds: float = 30, path: str = NAMES) -> bytes:
        """A call with a kept token."""
        token = MINTER.mint(ANONYMOUS, "filing")
        return await self.carrier.call(path, wire, bearer(token), seconds)

    async def refused(self, sent: Awaitable[object]) -> grpc.aio.AioRpcError:
        """How a call ends that must fail."""
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await sent
        return error.value


def request(name: str) -> bytes:
    return pb.CheckNameRequest(name=name, community_code=COMMUNITY).to_binary()


def heard(answer: bytes) -> str:
    return pb.CheckNameResponse.from_binary(answer).findings[0].message


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


LEAD = Caller("lead", Role.TOWN_LEAD, region_code="460106004000", region_path="/460106004000/")


async def until(check: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    for _ in range(10_000):
        if check():
            return
        await asyncio.sleep(0.003)
    raise AssertionError("it never came true")


@pytest.fixture
async def place(start: Start) -> Place:
    return await start()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    carrier = client.Carrier(grpc.aio.insecure_channel(f"unix:{tmp_path}/s"))
    yield Gateway(carrier)
    await carrier.close()
