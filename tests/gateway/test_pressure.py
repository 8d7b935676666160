"""More than the door can answer: readers are refused first, after a moment, and a slow sender takes no place."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.middleware import SECURITY
from gateway.pressure import CHANGES, PATIENCE, READINGS, WAITING, Pressure
from kit.recent import Recent


class Desk:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.entered = asyncio.Semaphore(0)
        self.noted = Recent()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        self.entered.release()
        await self.open.wait()
        await Response("done")(scope, receive, send)

    async def came(self, count: int = 1) -> None:
        """So many more are inside."""
        async with asyncio.timeout(10):
            for _ in range(count):
                await self.entered.acquire()


@asynccontextmanager
async def busy(method: str, count: int) -> AsyncIterator[tuple[Desk, httpx.AsyncClient]]:
    """So many requests in work."""
    desk = Desk()
    door = Pressure(desk, lambda _, problem: problem.response(), desk.noted)
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
        asked = [asyncio.create_task(http.request(method, "/work")) for _ in range(count)]
        await desk.came(count)
        yield desk, http
        desk.open.set()
        assert {one.status_code for one in await asyncio.gather(*asked)} == {200}
        assert door.busy == 0


async def test_readers_are_refused_first_and_changes_still_let_in() -> None:
    async with busy("GET", READINGS) as (desk, http):
        refused = await http.get("/work")
        assert (refused.status_code, refused.json()["code"]) == (503, "api.busy")
        assert refused.headers["retry-after"]
        change = asyncio.create_task(http.post("/work"))
        await desk.came()
        desk.open.set()
        assert (await change).status_code == 200
        assert (await http.get("/work")).status_code == 200


async def test_a_refusal_is_as_careful_as_every_answer_and_counts() -> None:
    async with busy("GET", READINGS) as (desk, http):
        for path in ("/work", "/api/v1/work"):
            refused = await http.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "api.busy")
            for name, value in SECURITY.items():
                assert refused.headers[name] == value, (path, name)
        told = desk.noted.told()
        assert (told.calls, told.failed) == (2, 2)


async def test_above_the_other_bound_changes_wait_outside_too() -> None:
    async with busy("POST", CHANGES) as (_, http):
        assert (await http.post("/work")).status_code == 503


@pytest.mark.parametrize("path", ["/health/readiness", "/static/x/base.css"])
async def test_what_tells_of_the_door_is_always_answered(path: str) -> None:
    async with busy("GET", READINGS) as (desk, http):
        asked = asyncio.create_task(http.get(path))
        await desk.came()
        desk.open.set()
        assert (await asked).status_code == 200


async def test_readers_before_a_full_door_come_in_one_by_one_as_others_leave() -> None:
    async with busy("GET", READINGS) as (desk, http):
        waiting = [asyncio.create_task(http.get("/work")) for _ in range(3)]
        await asyncio.sleep(PATIENCE / 10)
        assert desk.entered.locked(), "somebody came in though it is full"
        desk.open.set()
        assert {one.status_code for one in await asyncio.gather(*waiting)} == {200}


async def test_a_reader_waits_no_longer_than_its_patience() -> None:
    async with busy("GET", READINGS) as (_, http):
        began = time.monotonic()
        refused = await http.get("/work")
        assert refused.status_code == 503
        assert PATIENCE - 0.01 <= time.monotonic() - began < 5


async def test_before_a_full_door_there_is_room_for_so_many() -> None:
    async with busy("GET", READINGS) as (_, http):
        waiting = [asyncio.create_task(http.get("/work")) for _ in range(WAITING)]
        await asyncio.sleep(0)
        await asyncio.sleep(PATIENCE / 10)
        began = time.monotonic()
        assert (await http.get("/work")).status_code == 503
        assert time.monotonic() - began < PATIENCE / 2
        assert {one.status_code for one in await asyncio.gather(*waiting)} == {503}


async def test_who_goes_away_before_the_door_keeps_no_place() -> None:
    async with busy("GET", READINGS) as (desk, http):
        waiting = [asyncio.create_task(http.get("/work")) for _ in range(5)]
        await asyncio.sleep(PATIENCE / 10)
        for one in waiting:
            one.cancel()
        desk.open.set()
        assert (await http.get("/work")).status_code == 200


async def test_a_slow_sender_takes_no_place() -> None:
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"begun"
        await never.wait()

    async with busy("GET", READINGS - 1) as (desk, http):
        sending = [asyncio.create_task(http.post("/work", content=slow())) for _ in range(CHANGES)]
        await asyncio.sleep(0.01)
        asked = asyncio.create_task(http.get("/work"))
        await desk.came()
        desk.open.set()
        assert (await asked).status_code == 200
        never.set()
        assert {one.status_code for one in await asyncio.gather(*sending)} == {200}
