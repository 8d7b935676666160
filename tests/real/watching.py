"""Looking at a running platform until something holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.platform import Platform


def process(platform: Platform, name: str) -> dict[str, Any]:
    """A process of the platform as `minzheng status` shows it."""
    rows: Any = platform.status()["processes"]
    return dict(next(row for row in rows if row["name"] == name))


def restarted(platform: Platform, before: dict[str, Any]) -> bool:
    """The process runs again, as another one."""
    now = process(platform, before["name"])
    return bool(now["running"] and now["pid"] != before["pid"])


def waiting(platform: Platform) -> int:
    """Facts that have not left, have not been taken in, or are parked; -1 while that is unknown."""
    found: Any = platform.status()["workloads"]
    if any(row is None or row["lag"] is None for row in found.values()):
        return -1
    return sum(
        row["outbox_unpublished"] + row["parked"] + sum(row["lag"].values())
        for row in found.values()
    )


async def until(question: Callable[[], Awaitable[bool]], seconds: float, complaint: str) -> float:
    """Seconds until the answer is yes."""
    began = time.monotonic()
    while not await question():
        assert time.monotonic() - began < seconds, complaint
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def drained(platform: Platform, seconds: float) -> float:
    """Seconds until no fact waits anywhere."""

    async def empty() -> bool:
        return await asyncio.to_thread(waiting, platform) == 0

    return await until(empty, seconds, "facts still wait")
