"""Streams end, break and are renewed; calls notice only what they must."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from kit.carrier import client
from kit.carrier.bundle import METHOD, PATH, SERVICE
from kit.telemetry import metrics
from tests.kit.carrier.conftest import NAMES, WAITING, Gateway, Place, Start, until

WORKERS = 8


async def work(gateway: Gateway, enough: Callable[[], bool]) -> list[str]:
    """Ask without pause, a name only once; answers the names."""
    numbers, names = itertools.count(), []

    async def worker() -> None:
        while not enough():
            name = f"第{next(numbers)}个名称"
            assert await gateway.ask(name) == name
            names.append(name)

    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    return names


async def test_a_workload_that_drains_under_load_fails_nobody(start: Start) -> None:
    one, two = await start("127.0.0.1:0"), await start("127.0.0.1:0")
    channel = grpc.aio.insecure_channel(f"ipv4:127.0.0.1:{one.port},127.0.0.1:{two.port}")
    gateway = Gateway(client.Carrier(channel))
    working = asyncio.create_task(work(gateway, lambda: two.rooms.asked.total() > 300))
    await until(lambda: one.rooms.asked.total() > 300 or working.done())
    await one.drain()
    names = await working
    assert one.rooms.asked + two.rooms.asked == dict.fromkeys(names, 1)
    await gateway.carrier.close()


async def test_what_runs_is_answered_before_the_end(place: Place, gateway: Gateway) -> None:
    asking = asyncio.create_task(gateway.ask(WAITING))
    await until(lambda: place.rooms.waiting == 1)
    draining = asyncio.create_task(place.drain())
    await asyncio.sleep(0)
    place.rooms.gate.set()
    assert await asking == WAITING
    async with asyncio.timeout(10):
        await draining


async def test_an_idle_stream_holds_up_no_end(place: Place, gateway: Gateway) -> None:
    await gateway.ask("名称之一")
    async with asyncio.timeout(10):
        await place.drain()
    await until(lambda: not gateway.carrier.streams)


async def test_a_broken_stream_fails_what_it_carries_only(
    start: Start, place: Place, gateway: Gateway
) -> None:
    asking = asyncio.create_task(gateway.ask(WAITING))
    await until(lambda: place.rooms.waiting == 1)
    await place.server.stop(0)
    assert (await gateway.refused(asking)).code() is StatusCode.UNAVAILABLE
    await until(lambda: place.rooms.cancelled == 1)
    following = await start()
    # As a unary call, one that meets the channel before it has found the new process fails.
    await asyncio.wait_for(gateway.carrier.channel.channel_ready(), 30)
    assert await gateway.ask("名称之一") == "名称之一"
    assert following.rooms.asked == {"名称之一": 1}


async def test_who_is_gone_waits_for_nothing(
    place: Place, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    asking = asyncio.create_task(gateway.ask(WAITING))
    await until(lambda: place.rooms.waiting == 1)
    await gateway.carrier.close()
    assert (await gateway.refused(asking)).code() is StatusCode.UNAVAILABLE
    await until(lambda: place.rooms.cancelled == 1 and not place.carrier.streams)
    assert caplog.records == []


async def test_a_call_that_cannot_be_written_fails_alone(place: Place, gateway: Gateway) -> None:
    with pytest.raises((TypeError, ValueError)):
        await gateway.carrier.call(NAMES, b"", (("authorization", "\ud800"),), 30)
    assert await gateway.ask("名称之一") == "名称之一"
    assert len(gateway.carrier.streams) == 1


async def test_nobody_notices_a_renewal(
    place: Place, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RENEWAL", 0.005)
    seen = set()

    def enough() -> bool:
        seen.update(gateway.carrier.streams)
        return len(seen) > 20

    names = await work(gateway, enough)
    assert place.rooms.asked == dict.fromkeys(names, 1)
    await until(lambda: len(gateway.carrier.streams) == 1)
    assert len(place.carrier.streams) == 1


async def test_a_workload_without_carrier_is_called_unary(
    start: Start, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await start(carries=False)
    names = [f"名称之{n}" for n in range(20)]
    assert await asyncio.gather(*map(gateway.ask, names)) == names
    assert place.rooms.asked == dict.fromkeys(names, 1)
    assert (await gateway.refused(gateway.ask("短"))).code() is StatusCode.INVALID_ARGUMENT
    opened: list[str] = []
    monkeypatch.setattr(gateway.carrier.channel, "stream_stream", opened.append)
    assert await gateway.ask("再来一次") == "再来一次"
    assert opened == []


async def test_who_is_sent_away_twice_fails(tmp_path: Path, gateway: Gateway) -> None:
    ended = []

    async def end(_requests: Any, _context: Any) -> None:
        ended.append(1)

    server = grpc.aio.server()
    handlers = {METHOD: grpc.stream_stream_rpc_method_handler(end)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"unix:{tmp_path}/s")
    await server.start()
    error = await gateway.refused(gateway.ask("名称之一"))
    assert (error.code(), len(ended)) == (StatusCode.UNAVAILABLE, 2)
    await server.stop(0)


async def test_noise_ends_the_stream_alone(place: Place, gateway: Gateway) -> None:
    noise = gateway.carrier.channel.stream_stream(PATH)()
    await noise.write(b"\xff\xff\xff")
    error = await gateway.refused(noise.read())
    assert error.code() is StatusCode.INVALID_ARGUMENT
    assert await gateway.ask("名称之一") == "名称之一"


@dataclass
class Twins:
    """Two processes of a workload, and the gateway's end that knows both."""

    places: tuple[Place, Place]
    gateway: Gateway

    async def asked(self, name: str) -> tuple[Place, Place, "asyncio.Task[str]"]:
        """A call that one of them holds: that one, the other, and the call."""
        asking = asyncio.create_task(self.gateway.ask(name))
        await until(lambda: any(place.rooms.waiting for place in self.places))
        holding, other = sorted(self.places, key=lambda place: -place.rooms.waiting)
        other.rooms.gate.set()
        return holding, other, asking


@pytest.fixture
async def twins(start: Start) -> AsyncIterator[Twins]:
    one, two = await start("127.0.0.1:0"), await start("127.0.0.1:0")
    channel = grpc.aio.insecure_channel(
        f"ipv4:127.0.0.1:{one.port},127.0.0.1:{two.port}",
        (("grpc.lb_policy_name", "round_robin"),),
    )
    gateway = Gateway(client.Carrier(channel))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "RENEWAL", -1)
        while not (one.rooms.asked and two.rooms.asked):
            await gateway.ask("名称之一")
    one.rooms.asked.clear()
    two.rooms.asked.clear()
    yield Twins((one, two), gateway)
    await gateway.carrier.close()


async def test_what_a_broken_stream_carried_the_next_process_answers(twins: Twins) -> None:
    holding, other, asking = await twins.asked(WAITING)
    await holding.server.stop(0)
    assert await asking == WAITING
    assert other.rooms.asked == {WAITING: 1}


async def test_what_a_silent_process_holds_the_next_one_answers(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DOUBT", 0.1)
    holding, other, asking = await twins.asked(WAITING)
    assert await asking == WAITING
    assert (holding.rooms.waiting, other.rooms.asked[WAITING]) == (1, 1)
    assert await twins.gateway.ask("名称之一") == "名称之一"
    holding.rooms.gate.set()
    await until(lambda: not holding.rooms.waiting)


async def test_of_two_ways_a_refusal_counts_only_from_the_last(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DOUBT", 0.1)
    holding, other, asking = await twins.asked(WAITING)
    other.rooms.refuses = True
    await until(lambda: other.rooms.asked.total() == 1)
    await twins.gateway.refused(twins.gateway.ask("后来的名称"))
    assert not asking.done()
    holding.rooms.gate.set()
    assert await asking == WAITING


async def test_who_answers_others_is_not_doubted(
    place: Place, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DOUBT", 0.6)
    asking = asyncio.create_task(gateway.ask(WAITING))
    for number in range(20):
        await asyncio.sleep(0.06)
        await gateway.ask(f"名称之{number}")
    place.rooms.gate.set()
    assert await asking == WAITING
    assert place.rooms.asked[WAITING] == 1


async def test_no_more_than_a_tenth_is_asked_twice(
    place: Place, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    counter = SimpleNamespace(add=lambda count, named: told.extend([named["type"]] * count))
    monkeypatch.setattr(metrics, "repeats", counter)
    monkeypatch.setattr(client, "DOUBT", 0.05)
    names = [f"{WAITING}{number}" for number in range(40)]
    asking = [asyncio.create_task(gateway.ask(name)) for name in names]
    await until(lambda: place.rooms.asked.total() == len(names) + client.REPEATS)
    await asyncio.sleep(0.3)
    assert place.rooms.asked.total() == len(names) + client.REPEATS
    place.rooms.gate.set()
    assert await asyncio.gather(*asking) == names
    assert told == ["FilingService/CheckName"] * int(client.REPEATS)
