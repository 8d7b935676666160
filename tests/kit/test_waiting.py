"""A process waits for what it stands on, says so, and goes on by itself."""

import asyncio
import logging

import asyncpg
import pytest

from kit import server, waiting
from kit.database import connect
from services.filing.service import SERVICE
from tests.conftest import Workload


class Sleeper:
    """Stands in for sleeping; what is awaited may arrive meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slept: list[float] = []
        self.arrive_after = 10**6
        self.arrived = asyncio.Event()
        monkeypatch.setattr(waiting.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == self.arrive_after:
            await self.arrive()

    async def arrive(self) -> None:
        self.arrived.set()


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch) -> Sleeper:
    return Sleeper(monkeypatch)


async def test_it_asks_again_ever_later_and_says_what_for(
    sleeper: Sleeper, caplog: pytest.LogCaptureFixture
) -> None:
    sleeper.arrive_after = 7

    async def ask() -> str:
        if not sleeper.arrived.is_set():
            raise ConnectionRefusedError("secret text")
        return "there"

    with caplog.at_level(logging.WARNING):
        assert await waiting.waited("the bus", ask) == "there"
    assert sleeper.slept == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert caplog.messages[0] == "waiting for the bus: ConnectionRefusedError; again in 0.2 s"
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InvalidPasswordError("x"),
        asyncpg.InvalidCatalogNameError("x"),
        asyncpg.CannotConnectNowError("x"),
        asyncpg.TooManyConnectionsError("x"),
        waiting.NotYet("x"),
    ],
)
async def test_what_the_operator_has_yet_to_make_is_waited_for(
    sleeper: Sleeper, error: Exception
) -> None:
    sleeper.arrive_after = 1

    async def ask() -> None:
        if not sleeper.arrived.is_set():
            raise error

    await waiting.waited("it", ask)
    assert sleeper.slept == [0.2]


async def test_a_mistake_of_ours_is_not_waited_out(sleeper: Sleeper) -> None:
    async def ask() -> None:
        raise asyncpg.PostgresSyntaxError("x")

    with pytest.raises(asyncpg.PostgresSyntaxError):
        await waiting.waited("it", ask)
    assert sleeper.slept == []


async def test_a_process_that_waits_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, waits = asyncio.Event(), asyncio.Event()

    async def start(_: object) -> None:
        waits.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(server.Host, "start", start)
    starting = asyncio.create_task(server.started(SERVICE, stop))
    await waits.wait()
    stop.set()
    assert await starting is None


async def test_a_workload_waits_for_its_last_migration(
    workload: Workload, sleeper: Sleeper, caplog: pytest.LogCaptureFixture
) -> None:
    await workload("filing")
    await waiting.migrated("filing")
    assert sleeper.slept == []
    owner = await connect("filing", "owner")
    last = "component = 'filing' AND number = (SELECT max(number) FROM migration WHERE component = 'filing')"
    row = await owner.fetchrow(f"DELETE FROM public.migration WHERE {last} RETURNING *")

    async def arrive() -> None:
        await owner.execute("INSERT INTO public.migration VALUES ($1, $2, $3, $4, $5)", *row)

    sleeper.arrive_after, sleeper.arrive = 2, arrive  # type: ignore[method-assign]
    try:
        await waiting.migrated("filing")
    finally:
        await owner.close()
    assert len(sleeper.slept) == 2
    assert caplog.messages[-1].startswith(
        "waiting for the database of filing: 1 migrations from 00"
    )
