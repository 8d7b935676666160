"""X15: facts nobody can read, in every topic, while people go on working."""

import asyncio
import os
import time
from collections.abc import Sequence

from protobuf import Message

from kit.ids import uuid7
from kit.log.port import Record
from kit.log.postgres import PostgresLog
from kit.reactions.replay import discard
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged
from proto.gen.minzheng.subscriptions.v1.facts_pb import SubscriptionApproved
from tests.faults import evidence
from tests.faults.departments import settings_of
from tests.faults.replicas import WORKLOADS
from tests.faults.scene import Scene
from tests.kit.facts.helpers import record, submitted
from tests.platform import Platform

PARKED = "SELECT aggregate, array_agg(version ORDER BY id) AS versions FROM kit.parked GROUP BY 1"
STATED_AT = "SELECT event_id::text, created_at FROM kit.outbox"
TOLD_AT = "SELECT event_id::text, min(sent_at) AS sent_at FROM message GROUP BY 1"
WINDOW = float(os.environ.get("MINZHENG_FAULT_WINDOW", "1"))
"""Seconds before and after poison whose facts are compared."""


def poisoned() -> dict[str, list[Record]]:
    """By topic: a fact nobody can read and a good one of the same aggregate behind it."""
    organization, account, subscription = (str(uuid7()) for _ in range(3))
    facts: dict[str, list[Message]] = {
        "minzheng.filing.v1": [submitted(organization, n) for n in (1, 2)],
        "minzheng.posts.v1": [
            PostChanged(account=account, fact_version=n, grants_version=n) for n in (1, 2)
        ],
        "minzheng.subscriptions.v1": [
            SubscriptionApproved(subscription_id=subscription, fact_version=n) for n in (1, 2)
        ],
    }
    return {topic: [spoilt(record(one)), record(two)] for topic, (one, two) in facts.items()}


def spoilt(sent: Record) -> Record:
    """The same with a payload that is no message."""
    return Record(sent.key, b"\xff\xff\xff", sent.headers)


async def poison(scene: Scene) -> None:
    """X15: only the poisoned aggregates wait; who gives them up lets the next facts follow."""
    await asyncio.sleep(WINDOW)
    log, sent, at = await PostgresLog.open(settings_of(scene.platform)), poisoned(), time.time()
    producer = log.producer()
    for topic, records in sent.items():
        assert await producer.send(topic, records) == [None, None]
    await log.close()
    wanted = {records[0].key for records in sent.values()}
    await asyncio.gather(asyncio.sleep(WINDOW), parked(scene.platform, wanted))
    scene.poisoned.append(at)
    for name in WORKLOADS:
        connection = await scene.platform.database(name)
        for aggregate in sorted(wanted):
            async with connection.transaction():
                while await discard(connection, aggregate, consumer=name):
                    continue
        await connection.close()


async def parked(platform: Platform, wanted: set[str]) -> None:
    """Return when each poisoned aggregate waits somewhere, its good fact behind the bad one."""
    found: dict[str, list[int]] = {}
    for _ in range(600):
        found = {}
        for name in WORKLOADS:
            for row in await evidence.ask(platform, name, PARKED):
                found[row["aggregate"]] = row["versions"]
        assert set(found) <= wanted, "another aggregate is parked too"
        if set(found) == wanted and all(versions == [1, 2] for versions in found.values()):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"parked: {found}")


async def delays(scene: Scene) -> dict[str, float]:
    """From a fact to its message, p99 in seconds: before and beside poison."""
    stated = {
        row["event_id"]: row["created_at"].timestamp()
        for row in await evidence.ask(scene.platform, "filing", STATED_AT)
    }
    before, beside = list[float](), list[float]()
    for row in await evidence.ask(scene.platform, "notifications", TOLD_AT):
        at = stated.get(row["event_id"], 0.0)
        delay = row["sent_at"].timestamp() - at
        for moment in scene.poisoned:
            if moment - WINDOW <= at < moment + WINDOW:
                (before if at < moment else beside).append(delay)
    return {"before": p99(before), "beside": p99(beside)}


def p99(found: Sequence[float]) -> float:
    """The 99th percentile; 0 of nothing."""
    return round(sorted(found)[int(len(found) * 0.99)], 3) if found else 0.0
