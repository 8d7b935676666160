"""X3, X5, X7, X15, X16: the database, the log, a relay and facts fail under people who go on working.

One platform with two replicas of everything bears all of it; at the end the same judge as after
random kills looks at what is held. Times are noted; a gate is three times its target.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from kit.outbox.relay import KEY
from tests.faults import evidence, verdict
from tests.faults.figures import note
from tests.faults.journal import Journal
from tests.faults.load import KINDS, Load
from tests.faults.poison import delays, poison
from tests.faults.replicas import WORKLOADS, Doors, pids, second
from tests.faults.scene import Scene
from tests.faults.test_kill import until
from tests.platform import Platform

CRASHES = int(os.environ.get("MINZHENG_FAULT_CRASHES", "1"))
CUTS = int(os.environ.get("MINZHENG_FAULT_CUTS", "1"))
"""Of each kind: backends ended, no connection to be had, all connections busy."""
STOPS = int(os.environ.get("MINZHENG_FAULT_STOPS", "1"))
STOPPED = float(os.environ.get("MINZHENG_FAULT_STOPPED", "3"))
LOSSES = int(os.environ.get("MINZHENG_FAULT_LOSSES", "1"))
POISONS = int(os.environ.get("MINZHENG_FAULT_POISONS", "1"))
READY, GOOD, HEALED = 10.0, 5.0, 5.0
"""Targets in seconds: server ready, first good request after it, first good after a fault."""
RATE, LIVES = 40, 6
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = ANY ($1) AND pid <> pg_backend_pid() AND usename LIKE '%\\_app'"""
LOCKED = """FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()
 AND l.classid = 0 AND l.objid::bigint = $1"""
LEADER = f"SELECT a.client_port {LOCKED}"
HOLDER = f"SELECT pg_terminate_backend(l.pid) {LOCKED}"
LOSE = """WITH records AS (DELETE FROM log.record), offsets AS (DELETE FROM log.committed)
 UPDATE log.head SET next_offset = 0"""
Fault = Callable[["Scene"], Awaitable[None]]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform to break parts of."""
    var = tmp_path_factory.mktemp("parts") / "var"
    running = Platform.prepare(var, MINZHENG_CRASH_POINTS="1")
    with running.serving():
        yield running


def test_parts_that_fail_lose_nothing(platform: Platform, tmp_path: Path) -> None:
    with second(platform) as port, closing(Journal(tmp_path / "journal.jsonl")) as journal:
        asyncio.run(run(platform, journal, port))


async def run(platform: Platform, journal: Journal, port: int) -> None:
    doors = Doors([int(platform.environment["MINZHENG_HTTP_PORT"]), port])
    async with httpx.AsyncClient(transport=doors, base_url=platform.url, timeout=20) as http:
        load = Load(platform, http, journal, RATE)
        scene = Scene(platform, http, load)
        await load.sign_in()
        undisturbed = {await load.live(kind): kind for kind in KINDS}
        async with working(load):
            await play(scene, "crash", crash_the_database, CRASHES)
            await play(scene, "ended", end_backends, CUTS)
            await play(scene, "full", no_connection_to_be_had, CUTS)
            await play(scene, "busy", all_connections_busy, CUTS)
            await play(scene, "stopped", stop_the_relay, STOPS)
            await play(scene, "lost", lose_the_log, LOSSES)
            await play(scene, "poison", poison, POISONS)
        await verdict.rest(platform)
        judged = await verdict.judge(platform, load, undisturbed, log_lost=True)
        note("parts", seconds=scene.summary(), again=judged.again, facts=judged.facts,
             writes=journal.writes, unknown=journal.unknown, lives=len(load.kinds),
             stopped=STOPPED, delays=await delays(scene), counts={"crash": CRASHES, "cut": CUTS, "stop": STOPS,
                                      "lose": LOSSES, "poison": POISONS})  # fmt: skip


@asynccontextmanager
async def working(load: Load) -> AsyncIterator[None]:
    """People work while the block runs; what they began is finished."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        signing = group.create_task(load.keep_signed_in())
        work = group.create_task(load.drive(random.Random(3), LIVES, enough))
        yield
        enough.set()
        await work
        signing.cancel()


async def play(scene: Scene, name: str, fault: Fault, times: int) -> None:
    """A fault so often, each time when people are at work again and somebody waits for an answer."""
    for _ in range(times):
        before = scene.load.answered
        await until(lambda before=before: scene.load.answered > before + LIVES, f"no work: {name}")  # type: ignore[misc]
        await until(lambda: scene.load.in_flight > 0, f"nobody asks: {name}")
        await fault(scene)


async def crash_the_database(scene: Scene) -> None:
    """X3: kill -9 of the server's first process; its others follow."""
    said = (scene.platform.var / "postgres" / "postmaster.pid").read_text()
    os.kill(int(said.split()[0]), signal.SIGKILL)
    began = time.monotonic()
    await asyncio.sleep(0.1)
    while not await accepts(scene.platform):
        assert time.monotonic() < began + 60, "the server stays away"
        await asyncio.sleep(0.05)
    scene.took("server ready", time.monotonic() - began, READY)
    scene.took("good after crash", await scene.good(), GOOD)


async def accepts(platform: Platform) -> bool:
    """The server accepts connections."""
    try:
        await (await platform.database("filing")).close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True


def databases() -> list[str]:
    """The workloads' databases and the log's."""
    return [f"minzheng_{name}" for name in (*WORKLOADS, "log")]


async def administer(platform: Platform, text: str, *values: object, workload: str = "log") -> None:
    """A statement of the administrator."""
    await evidence.ask(platform, workload, text, *values)


async def end_backends(scene: Scene) -> None:
    """X5: every connection of every process is cut."""
    await administer(scene.platform, CUT, databases())
    await scene.refusals()
    scene.took("healed of ended backends", await scene.good(), HEALED)


async def no_connection_to_be_had(scene: Scene) -> None:
    """X5: the server takes no more connections of filing and of the gateway."""
    places = ["minzheng_filing", "minzheng_gateway"]
    for place in places:
        await administer(scene.platform, f"ALTER DATABASE {place} CONNECTION LIMIT 0")
    await administer(scene.platform, CUT, places)
    assert await scene.refusals() > 0, "the fault was missed"
    for place in places:
        await administer(scene.platform, f"ALTER DATABASE {place} CONNECTION LIMIT -1")
    scene.took("healed of too many connections", await scene.good(), HEALED)


async def all_connections_busy(scene: Scene) -> None:
    """X5: every connection of filing waits for a table that somebody holds."""
    holder = await scene.platform.database("filing")
    async with holder.transaction():
        await holder.execute("LOCK TABLE filing IN ACCESS EXCLUSIVE MODE")
        assert await scene.refusals() > 0, "the fault was missed"
    await holder.close()
    scene.took("healed of an empty pool", await scene.good(), HEALED)


async def stop_the_relay(scene: Scene) -> None:
    """X16: the process whose relay leads stands still; the server gives its lock away; it goes on."""
    leader = await leading(scene.platform)
    os.kill(pids(scene.platform)[leader], signal.SIGSTOP)
    try:
        await asyncio.sleep(STOPPED / 3)
        await administer(scene.platform, HOLDER, KEY, workload="filing")
        await asyncio.sleep(STOPPED * 2 / 3)
        assert await leading(scene.platform) != leader, "nobody took the lock over"
    finally:
        os.kill(pids(scene.platform)[leader], signal.SIGCONT)
    scene.took("good after a stopped relay", await scene.good(), HEALED)


async def leading(platform: Platform) -> str:
    """Name of the process whose relay of filing holds the lock."""
    for _ in range(200):
        rows = await evidence.ask(platform, "filing", LEADER, KEY)
        ports = {row["client_port"] for row in rows}
        for name in ("filing", "filing 2"):
            if ports & local_ports(pids(platform)[name]):
                return name
        await asyncio.sleep(0.05)
    raise AssertionError("no relay of filing leads")


def local_ports(pid: int) -> set[int]:
    """Ports of a process's own ends."""
    try:
        return {one.laddr.port for one in psutil.Process(pid).net_connections("tcp")}
    except psutil.Error:
        return set()


async def lose_the_log(scene: Scene) -> None:
    """X7: the log loses every record and every offset; the outboxes send all they keep again."""
    await administer(scene.platform, LOSE)
    for name in WORKLOADS:
        done = await asyncio.to_thread(
            scene.platform.run, "replay", "republish", name, "--reason", "演练"
        )
        assert done.returncode == 0, done.stderr
