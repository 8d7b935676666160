"""A carried call is answered, refused and ended as a unary one."""

import asyncio
import random

import grpc
from grpc import StatusCode

from kit.carrier.bundle import LARGEST, PATH
from kit.carrier.server import MOST
from kit.identity import ANONYMOUS
from kit.ids import uuid7
from kit.interceptor import PROBLEM
from proto.gen.minzheng.common.v1.carrier_pb import (
    AnswerBundle,
    CallBundle,
    CarriedAnswer,
    CarriedCall,
)
from proto.gen.minzheng.common.v1.problem_pb import Problem
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.kit.carrier.conftest import (
    DECIDE,
    HUGE,
    LEAD,
    MINTER,
    NAMES,
    REFUSED,
    WAITING,
    Gateway,
    Place,
    bearer,
    request,
    until,
)


def problem(error: grpc.aio.AioRpcError) -> Problem:
    """The problem in the trailer, where the gateway looks for it."""
    return Problem.from_binary(dict(error.trailing_metadata() or ())[PROBLEM])  # type: ignore[arg-type]


def padded(name: str, size: int) -> bytes:
    """A request with a field nobody knows, of so many bytes."""
    digits = [size >> shift & 127 | (128 if shift < 21 else 0) for shift in (0, 7, 14, 21)]
    return request(name) + bytes([0xC2, 0x3E, *digits]) + b"x" * size


async def test_a_thousand_answers_are_kept_apart(place: Place, gateway: Gateway) -> None:
    names = [f"第{n:04}名" + "长" * random.randrange(80) for n in range(1000)]
    for batch in (names[:200], names[200:210], names[210:400], names[400:600], names[600:800]):
        assert await asyncio.gather(*map(gateway.ask, batch)) == batch
    for name in names[800:]:
        assert await gateway.ask(name) == name
    assert set(place.rooms.asked.values()) == {1}
    assert len(gateway.carrier.streams) == 1


async def test_a_refusal_arrives_whole(place: Place, gateway: Gateway) -> None:
    error = await gateway.refused(gateway.ask(REFUSED))
    told = problem(error)
    assert error.code() is StatusCode.INVALID_ARGUMENT
    assert (told.kind, told.code, told.detail) == ("invalid", "filing.name", "名称不可用。")
    found = [(v.field, v.rule, v.message) for v in told.violations]
    assert found == [("name", "name.taken", "已有同名。")]


async def test_the_door_holds_the_rules_of_the_contract(place: Place, gateway: Gateway) -> None:
    told = problem(await gateway.refused(gateway.ask("短")))
    assert (told.code, [v.field for v in told.violations]) == ("common.invalid", ["name"])
    assert not place.rooms.asked


async def test_without_token_nobody_passes(place: Place, gateway: Gateway) -> None:
    error = await gateway.refused(gateway.carrier.call(DECIDE, b"", (), 30))
    assert (error.code(), problem(error).kind) == (StatusCode.UNAUTHENTICATED, "unauthenticated")


async def test_a_fresh_token_is_for_its_own_body(place: Place, gateway: Gateway) -> None:
    mine, other = (
        pb.DecideFilingRequest(filing_id=str(uuid7()), request_id=str(uuid7())).to_binary()
        for _ in range(2)
    )
    sent = bearer(MINTER.mint(LEAD, "filing", path=DECIDE, body=mine))
    assert await gateway.carrier.call(DECIDE, mine, sent, 30) == b""
    error = await gateway.refused(gateway.carrier.call(DECIDE, other, sent, 30))
    assert error.code() is StatusCode.UNAUTHENTICATED
    kept = bearer(MINTER.mint(LEAD, "filing"))
    error = await gateway.refused(gateway.carrier.call(DECIDE, mine, kept, 30))
    assert error.code() is StatusCode.UNAUTHENTICATED


async def test_an_unknown_path(place: Place, gateway: Gateway) -> None:
    for path in (
        "/minzheng.filing.v1.FilingService/Nothing",
        "/minzheng.filing.v1.FilingService/GetFiling",
    ):
        error = await gateway.refused(gateway.send(b"", path=path))
        assert error.code() is StatusCode.UNIMPLEMENTED
    assert await gateway.ask("名称之一") == "名称之一"
    assert len(gateway.carrier.streams) == 1


async def test_the_deadline_ends_both_ends(place: Place, gateway: Gateway) -> None:
    error = await gateway.refused(gateway.ask(WAITING, seconds=0.05))
    assert error.code() is StatusCode.DEADLINE_EXCEEDED
    await until(lambda: place.rooms.cancelled == 1)
    assert await gateway.ask("名称之一") == "名称之一"
    assert not next(iter(gateway.carrier.streams)).open


async def test_the_workload_holds_the_deadline_by_itself(place: Place, gateway: Gateway) -> None:
    headers = dict(bearer(MINTER.mint(ANONYMOUS, "filing")))
    sent = [
        CarriedCall(number=n, path=NAMES, headers=headers, body=request(WAITING), deadline_ms=left)
        for n, left in ((1, 0), (2, 50))
    ]
    stream = gateway.carrier.channel.stream_stream(PATH)()
    await stream.write(CallBundle(calls=sent).to_binary())
    await stream.done_writing()
    found: dict[int, CarriedAnswer] = {}
    while (wire := await stream.read()) is not grpc.aio.EOF:
        found |= {told.number: told for told in AnswerBundle.from_binary(wire).answers}
    assert Problem.from_binary(found[1].body).code == "common.deadline_missing"
    assert found[2].status == StatusCode.DEADLINE_EXCEEDED.value[0]
    assert place.rooms.cancelled == 1


async def test_who_gives_up_forgets(place: Place, gateway: Gateway) -> None:
    asking = asyncio.create_task(gateway.ask(WAITING))
    await until(lambda: place.rooms.waiting == 1)
    asking.cancel()
    await asyncio.wait((asking,))
    assert asking.cancelled()
    assert not next(iter(gateway.carrier.streams)).open
    place.rooms.gate.set()
    assert await gateway.ask("名称之一") == "名称之一"


async def test_no_more_than_may_run(place: Place, gateway: Gateway) -> None:
    names = [f"{WAITING}{n}" for n in range(MOST)]
    asking = [asyncio.create_task(gateway.ask(name)) for name in names]
    await until(lambda: place.rooms.waiting == MOST)
    error = await gateway.refused(gateway.ask("名称之一"))
    assert error.code() is StatusCode.RESOURCE_EXHAUSTED
    place.rooms.gate.set()
    assert await asyncio.gather(*asking) == names
    assert await gateway.ask("名称之一") == "名称之一"


async def test_what_is_too_large_fails_alone(place: Place, gateway: Gateway) -> None:
    error, name = await asyncio.gather(gateway.refused(gateway.ask(HUGE)), gateway.ask("名称之一"))
    assert (error.code(), name) == (StatusCode.RESOURCE_EXHAUSTED, "名称之一")
    error = await gateway.refused(gateway.send(b"x" * (LARGEST + 1)))
    assert error.code() is StatusCode.RESOURCE_EXHAUSTED
    assert len(gateway.carrier.streams) == 1


async def test_large_calls_travel_alone(place: Place, gateway: Gateway) -> None:
    size = LARGEST - 1_000
    await asyncio.gather(*(gateway.send(padded(f"名称之{n}", size)) for n in range(3)))
    assert place.rooms.asked.total() == 3
    assert len(gateway.carrier.streams) == 1
