"""More than the door can answer: readers are refused first, after a moment, and a slow sender takes no place."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.middleware import CAME, SECURITY, Spans
from gateway.pressure import CHANGES, READINGS, WAITING, Pressure
from kit.recent import Recent

SHORT, LONG = 0.05, 30.0
"""Seconds of patience: soon over, and longer than any test."""


class Desk:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.entered = asyncio.Semaphore(0)
        self.noted = Recent()
        self.waited = 0.0
        """Seconds before the door, of who came in last."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        self.waited = time.monotonic() - scope.get(CAME, time.monotonic())
        self.entered.release()
        await self.open.wait()
        await Response("done")(scope, receive, send)

    async def came(self, count: int = 1) -> None:
        """So many more are inside."""
        async with asyncio.timeout(10):
            for _ in range(count):
                await self.entered.acquire()


@dataclass
class Full:
    """A door with so many requests in work."""

    desk: Desk
    door: Pressure
    http: httpx.AsyncClient

    async def before(self, count: int) -> list[asyncio.Task[httpx.Response]]:
        """So many readers more, all of them waiting."""
        asked = [asyncio.create_task(self.http.get("/work")) for _ in range(count)]
        async with asyncio.timeout(10):
            while len(self.door.waiting) < count:  # noqa: ASYNC110 - the door tells nobody who waits
                await asyncio.sleep(0)
        return asked


@asynccontextmanager
async def busy(method: str, count: int, patience: float = SHORT) -> AsyncIterator[Full]:
    """So many requests in work."""
    desk = Desk()
    door = Pressure(desk, lambda _, problem: problem.response(), desk.noted, patience)
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
        asked = [asyncio.create_task(http.request(method, "/work")) for _ in range(count)]
        await desk.came(count)
        yield Full(desk, door, http)
        desk.open.set()
        assert {one.status_code for one in await asyncio.gather(*asked)} == {200}
        assert (door.busy, door.waiting) == (0, {})


async def test_readers_are_refused_first_and_changes_still_let_in() -> None:
    async with busy("GET", READINGS) as full:
        refused = await full.http.get("/work")
        assert (refused.status_code, refused.json()["code"]) == (503, "api.busy")
        assert refused.headers["retry-after"]
        change = asyncio.create_task(full.http.post("/work"))
        await full.desk.came()
        full.desk.open.set()
        assert (await change).status_code == 200
        assert (await full.http.get("/work")).status_code == 200


async def test_a_refusal_is_as_careful_as_every_answer_and_counts() -> None:
    async with busy("GET", READINGS) as full:
        for path in ("/work", "/api/v1/work"):
            refused = await full.http.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "api.busy")
            for name, value in SECURITY.items():
                assert refused.headers[name] == value, (path, name)
        told = full.desk.noted.told()
        assert (told.calls, told.failed) == (2, 2)


async def test_above_the_other_bound_changes_wait_outside_too() -> None:
    async with busy("POST", CHANGES) as full:
        assert (await full.http.post("/work")).status_code == 503


@pytest.mark.parametrize("path", ["/health/readiness", "/static/x/base.css"])
async def test_what_tells_of_the_door_is_always_answered(path: str) -> None:
    async with busy("GET", READINGS) as full:
        asked = asyncio.create_task(full.http.get(path))
        await full.desk.came()
        full.desk.open.set()
        assert (await asked).status_code == 200


async def test_readers_before_a_full_door_come_in_one_by_one_as_others_leave() -> None:
    async with busy("GET", READINGS, LONG) as full:
        waiting = await full.before(3)
        assert full.desk.entered.locked(), "somebody came in though it is full"
        full.desk.open.set()
        assert {one.status_code for one in await asyncio.gather(*waiting)} == {200}


async def test_a_reader_waits_as_long_as_its_patience() -> None:
    async with busy("GET", READINGS) as full:
        began = time.monotonic()
        assert (await full.http.get("/work")).status_code == 503
        assert time.monotonic() - began >= SHORT - 0.01


async def test_what_is_waited_before_the_door_is_part_of_a_requests_time() -> None:
    async with busy("GET", READINGS, LONG) as full:
        [reader] = await full.before(1)
        await asyncio.sleep(SHORT)
        full.desk.open.set()
        await reader
        assert full.desk.waited >= SHORT - 0.01
    noted, desk = Recent(), Desk()
    desk.open.set()
    spans = Spans(desk, lambda _: "/work", noted)

    async def came_a_second_ago(scope: Scope, receive: Receive, send: Send) -> None:
        await spans(scope | {CAME: time.monotonic() - 1}, receive, send)

    transport = httpx.ASGITransport(came_a_second_ago)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
        assert (await http.get("/work")).status_code == 200
    assert noted.told().p95 >= 1


async def test_before_a_full_door_there_is_room_for_so_many() -> None:
    async with busy("GET", READINGS, LONG) as full:
        waiting = await full.before(WAITING)
        async with asyncio.timeout(LONG / 2):
            assert (await full.http.get("/work")).status_code == 503
        full.desk.open.set()
        assert {one.status_code for one in await asyncio.gather(*waiting)} == {200}


async def test_who_goes_away_before_the_door_keeps_no_place() -> None:
    async with busy("GET", READINGS, LONG) as full:
        for one in await full.before(5):
            one.cancel()
        full.desk.open.set()
        assert (await full.http.get("/work")).status_code == 200


async def test_a_place_left_in_the_moment_the_patience_ends_is_taken() -> None:
    went_wrong: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: went_wrong.append(told))
    async with busy("GET", READINGS) as full:
        (reader,) = await full.before(1)
        time.sleep(2 * SHORT)  # noqa: ASYNC251 - nobody runs while the patience ends
        full.desk.open.set()
        assert (await reader).status_code == 200
    assert went_wrong == []


async def test_a_slow_sender_takes_no_place() -> None:
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"begun"
        await never.wait()

    async with busy("GET", READINGS - 1) as full:
        sending = [
            asyncio.create_task(full.http.post("/work", content=slow())) for _ in range(CHANGES)
        ]
        await asyncio.sleep(0.01)
        asked = asyncio.create_task(full.http.get("/work"))
        await full.desk.came()
        full.desk.open.set()
        assert (await asked).status_code == 200
        never.set()
        assert {one.status_code for one in await asyncio.gather(*sending)} == {200}
