"""X6: the bus hangs or dies under load; no request is refused for it, and everything leaves after."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import kafka
import pytest
from kafka.structs import TopicPartition

from gateway.demo.application import form as demo_form
from kit.embedded.real.kafka import Broker
from kit.log.kafka.client import connection
from tests.faults.evidence import ask, unseen
from tests.faults.figures import note
from tests.platform import Platform
from tests.real.conftest import own_broker
from tests.real.watching import drained, process, restarted, until
from tests.stories.people import Town

KILLS = int(os.environ.get("MINZHENG_FAULT_KILLS", "1"))
STOPPED_SECONDS = float(os.environ.get("MINZHENG_FAULT_STOPPED", "10"))
"""How long the bus stands still; the full form is 60."""
DRAIN_SECONDS, NOISE = 60.0, 2.0
"""Goal, and how much longer a busy machine may take."""
BACK_SECONDS = 120.0
FACTS = "minzheng.filing.v1"
STATED = "SELECT count(*)::int AS n FROM kit.outbox"
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


@asynccontextmanager
async def filing(town: Town, brand: str) -> AsyncIterator[list[str]]:
    """Filings are submitted one after another meanwhile; any refusal fails the test."""
    enough, done = asyncio.Event(), list[str]()

    async def work() -> None:
        while not enough.is_set():
            form = demo_form("", town.community, 7, "大同里社区综合服务中心三楼")
            name = f"{brand}{str(len(done)).translate(DIGITS)}"
            filing_id = await town.draft(name, form)
            await town.submit(filing_id)
            done.append(filing_id)

    await town.sign_in_again("resident.datong")
    load = asyncio.create_task(work())
    try:
        yield done
    finally:
        enough.set()
        await load
    assert done


async def unpublished(platform: Platform) -> int:
    """Facts in the outbox of filing, asked of its database: a status would ask the broker too."""
    [row] = await ask(platform, "filing", f"{STATED} WHERE published_at IS NULL")
    return int(row["n"])


def numbered(word: str, number: int) -> str:
    """A brand for each round: names are taken once."""
    return word + str(number).translate(DIGITS)


async def test_it_stands_still(platform: Platform, town: Town) -> None:
    """SIGSTOP: connections stay open and nothing is answered."""
    drains, filed = [], 0
    for number in range(KILLS):
        broker = process(platform, "kafka")["pid"]
        async with filing(town, numbered("停摆", number)) as done:
            os.kill(broker, signal.SIGSTOP)
            try:
                stopped = asyncio.create_task(asyncio.sleep(STOPPED_SECONDS))
                await seen_away(platform)
                await stopped
                assert await unpublished(platform) > 0, "the fault was missed: all facts left"
            finally:
                os.kill(broker, signal.SIGCONT)
        drains.append(await drained(platform, DRAIN_SECONDS * NOISE))
        filed += len(done)
    told("stands still", drains, filed)


async def test_it_is_killed(platform: Platform, town: Town) -> None:
    """kill -9; the supervisor starts it again."""
    drains, filed = [], 0
    for number in range(KILLS):
        before = process(platform, "kafka")

        async def back(before: dict[str, object] = before) -> bool:
            return await asyncio.to_thread(restarted, platform, before)

        async with filing(town, numbered("断链", number)) as done:
            os.kill(before["pid"], signal.SIGKILL)
            await until(back, BACK_SECONDS, "the broker was not started again")
        drains.append(await drained(platform, DRAIN_SECONDS * NOISE))
        filed += len(done)
    told("killed", drains, filed)


async def test_it_loses_everything(platform: Platform, town: Town, open_folder: Path) -> None:
    """kill -9, and its disk is empty: topics made anew, facts sent again, as bus-degraded says."""
    drains, filed = [], 0
    for number in range(KILLS):
        async with filing(town, numbered("失忆", number)) as done:
            await asyncio.to_thread(lose, platform, open_folder / f"lost-{number}")
            await command(platform, "prepare")
            for workload in platform.status()["workloads"]:
                await command(platform, "replay", "republish", workload, "--reason", "演练")
        drains.append(await drained(platform, DRAIN_SECONDS * NOISE))
        filed += len(done)
        assert await unseen(platform) == []
        [row] = await ask(platform, "filing", STATED)
        assert await asyncio.to_thread(held, platform) >= row["n"] > 0
    told("loses everything", drains, filed)


def lose(platform: Platform, empty: Path) -> None:
    """Kill the broker and give it a disk formatted as a new one is; the supervisor starts it."""
    Broker(own_broker(empty), print).prepare()
    data = platform.settings.var / "kafka" / "data"
    os.kill(process(platform, "kafka")["pid"], signal.SIGKILL)
    data.rename(data.with_name(empty.name))
    (empty / "kafka" / "data").rename(data)


def held(platform: Platform) -> int:
    """Records of filing's facts on the bus."""
    client = kafka.KafkaConsumer(**connection(platform.settings))
    try:
        numbers = client.partitions_for_topic(FACTS)
        return sum(client.end_offsets([TopicPartition(FACTS, n) for n in numbers]).values())
    finally:
        client.close()


async def command(platform: Platform, *words: str) -> None:
    """A command of the operator; AssertionError with what it says where it fails."""
    done = await asyncio.to_thread(platform.run, *words)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"


async def seen_away(platform: Platform) -> None:
    """`minzheng status` says of every workload that the bus does not answer."""
    rows: Any = await asyncio.to_thread(lambda: platform.status()["workloads"])
    assert [name for name, row in rows.items() if row["lag"] is not None] == []


def told(fault: str, drains: list[float], filed: int) -> None:
    """Print and keep the figures."""
    seconds = [round(one, 1) for one in drains]
    print(f"bus {fault}: {filed} filings accepted, drained in {seconds} s")
    note("bus", fault=fault, kills=KILLS, filed=filed, drains=seconds)
