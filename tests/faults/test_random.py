"""X2: kill -9 of any process at any moment under a steady mixed load, two replicas of everything.

0 accepted lost, 0 double effects although much comes again, order kept, the audit trail verifies,
and departments that read by webhook, feed and log hold the same. A seed replays the schedule.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kit.embedded.sign_in import client_token
from kit.ids import uuid7
from tests.faults import verdict
from tests.faults.departments import Copies, of_county
from tests.faults.figures import note
from tests.faults.journal import Journal
from tests.faults.load import KINDS, Load
from tests.faults.replicas import WORKLOADS, Doors, pids, second
from tests.faults.test_kill import Client, until
from tests.faults.test_webhooks import PATH, subscribe, undelivered
from tests.platform import Platform
from tests.sink import Authority, Sink

KILLS = int(os.environ.get("MINZHENG_FAULT_RANDOM", "6"))
SEED = int(os.environ.get("MINZHENG_FAULT_SEED", "221"))
"""The short form has always the same schedule, in which offsets of every consumer are forgotten;
`make faults` draws a seed and prints it."""
RATE, LIVES = 40, 10
"""Writes a second at most, lives at once."""
LONGEST = float(os.environ.get("MINZHENG_FAULT_MOMENT", "0.5"))
"""Seconds between two kills at most, after work goes on."""
VICTIMS = [f"{name}{which}" for name in WORKLOADS for which in ("", " 2")]
REPLAYED = 20
"""Events that the department asks for again."""
REWOUND = 8
"""Records of a partition whose offset a consumer's death may take back."""
REWIND = """UPDATE log.committed SET next_offset = greatest(0, next_offset - $2)
 WHERE consumer_group = $1"""


@dataclass(frozen=True)
class Blow:
    """One kill of the schedule."""

    victim: str
    moment: float
    """Seconds after work goes on."""
    forgets: bool
    """The log forgets the last offsets of the consumer."""


@dataclass
class Tally:
    """What the kills hit."""

    busy: Counter[str]
    idle: int = 0
    forgotten: int = 0
    seconds: int = 0


def schedule(seed: int) -> Iterator[Blow]:
    """The kills by the seed: each victim in turn of a shuffled row, without end."""
    chance, row = random.Random(seed), list[str]()
    while True:
        row = row or chance.sample(VICTIMS, len(VICTIMS))
        victim = row.pop()
        yield Blow(victim, chance.uniform(0, LONGEST), chance.random() < 0.3)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Platform]:
    """A platform whose processes are started again at once, however often they die."""
    running = Platform.prepare(
        tmp_path_factory.mktemp("random") / "var",
        MINZHENG_CRASH_POINTS="1",
        MINZHENG_WEBHOOK_PATIENCE="2",
        MINZHENG_DEPARTMENT_CA=str(authority.file),
    )
    with running.serving():
        yield running


def test_any_process_at_any_moment(
    platform: Platform, authority: Authority, tmp_path: Path
) -> None:
    print(f"MINZHENG_FAULT_SEED={SEED} MINZHENG_FAULT_RANDOM={KILLS}")
    with second(platform) as port, closing(Journal(tmp_path / "journal.jsonl")) as journal:
        journal.note("seed", str(SEED))
        asyncio.run(run(platform, authority, journal, port))


async def run(platform: Platform, authority: Authority, journal: Journal, port: int) -> None:
    doors = Doors([int(platform.environment["MINZHENG_HTTP_PORT"]), port])
    copies = Copies()
    async with (
        httpx.AsyncClient(transport=doors, base_url=platform.url, timeout=6) as http,
        Sink(authority, behavior=copies.hook.behave) as sink,
    ):
        subscription = await subscribe(platform, http, sink)
        load = Load(platform, http, journal, RATE)
        await load.sign_in()
        undisturbed = {await load.live(kind): kind for kind in KINDS}
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            signing = group.create_task(load.keep_signed_in())
            group.create_task(copies.feed.follow(platform, http, random.Random(SEED + 1), over))
            group.create_task(copies.log.follow(platform, random.Random(SEED + 2), over))
            tally = await kill_under_load(platform, http, load, subscription)
            await verdict.rest(platform)
            await arrived(platform, load, copies)
            over.set()
            signing.cancel()
        await load.sign_in()
        judged = await verdict.judge(platform, load, undisturbed)
        again = judged.again + copies.expect_same(load.filed.values())
        expect_hits(tally, again)
        note("sudden", seed=SEED, kills=KILLS, busy=tally.busy, idle=tally.idle,
             forgotten=tally.forgotten, again=again, facts=judged.facts, effects=judged.effects,
             writes=journal.writes, unknown=journal.unknown, filed=len(load.filed),
             lives=len(load.kinds), seconds=tally.seconds, deaths=copies.log.deaths)  # fmt: skip


async def kill_under_load(
    platform: Platform, http: httpx.AsyncClient, load: Load, subscription: str
) -> Tally:
    """The kills while people work; what they began is finished."""
    enough, began = asyncio.Event(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.drive(random.Random(SEED + 3), LIVES, enough))
        tally = await strike_all(platform, http, load, subscription)
        tally.seconds = round(time.monotonic() - began)
        enough.set()
    return tally


async def strike_all(
    platform: Platform, http: httpx.AsyncClient, load: Load, subscription: str
) -> Tally:
    """The schedule until KILLS came with a request in flight; a pause and a replay in between."""
    tally = Tally(Counter())
    turns = {KILLS // 3: pause, 2 * KILLS // 3: resume_and_replay}
    for blow in schedule(SEED):
        if tally.busy.total() == KILLS:
            return tally
        turn = turns.pop(tally.busy.total(), None)
        if turn:
            await turn(await department(platform, http, load.journal), subscription)
        busy = await strike(platform, load, blow)
        tally.busy[blow.victim] += busy
        tally.idle += not busy
        if blow.forgets:
            tally.forgotten += await forget(platform, blow.victim.split()[0])
    raise AssertionError("the schedule has no end")


async def strike(platform: Platform, load: Load, blow: Blow) -> bool:
    """Kill when work goes on; whether a request was in flight. Returns when it is started again."""
    before = load.answered
    await until(lambda: load.answered > before + LIVES, f"no work before {blow.victim} dies")
    await until(lambda: bool(pids(platform).get(blow.victim)), f"{blow.victim} is away")
    await asyncio.sleep(blow.moment)
    killed, busy = pids(platform)[blow.victim], load.in_flight > 0
    if not killed:
        return False
    os.kill(killed, signal.SIGKILL)
    await until(lambda: pids(platform)[blow.victim] not in (0, killed), f"{blow.victim} is away")
    return busy


async def forget(platform: Platform, group: str) -> int:
    """Take the offsets of a consumer back, as a log does that lost its last commits."""
    connection = await platform.database("log")
    try:
        answer = await connection.execute(REWIND, group, REWOUND)
        return int(answer.split()[-1])
    finally:
        await connection.close()


async def department(platform: Platform, http: httpx.AsyncClient, journal: Journal) -> Client:
    """The department's system with a fresh token; it asks until it is answered."""
    issuer = platform.environment["MINZHENG_ISSUER"]
    token = await client_token(issuer, "dept-social-work", "demo-only-dept-social-work")
    return Client(http, token, journal)


async def pause(dept: Client, subscription: str) -> None:
    """Nothing is to be sent for a while."""
    asked = {"reason": "系统检修"}
    await dept.send("POST", f"{PATH}/{subscription}:pause", str(uuid7()), json=asked)


async def resume_and_replay(dept: Client, subscription: str) -> None:
    """On again, and what came before once more."""
    await dept.send("POST", f"{PATH}/{subscription}:resume", str(uuid7()), json={})
    asked = {"after": "0", "until": str(REPLAYED)}
    await dept.send("POST", f"{PATH}/{subscription}:redeliver", str(uuid7()), json=asked)


async def arrived(platform: Platform, load: Load, copies: Copies) -> None:
    """The department has everything by every way, and nothing is on its way any more."""
    organizations = len(load.filed)
    for _ in range(1200):
        known = len(copies.feed.states), len(copies.log.states)
        all_there = known == (organizations, organizations) and (
            len(copies.hook.states) == len(of_county(copies.feed.states))
        )
        if all_there and not await undelivered(platform):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{known} of {organizations}, {len(copies.hook.states)} by webhook")


def expect_hits(tally: Tally, again: Counter[str]) -> None:
    """A run in which nothing failed and nothing came again missed its faults."""
    assert tally.busy.total() == KILLS
    wanted = 200 if KILLS >= 200 else 1
    assert again.total() >= wanted, f"too little came again: {dict(again)}"
