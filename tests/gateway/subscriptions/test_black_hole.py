"""X18, as a figure: one address of twenty never answers; how long the nineteen others wait."""

import asyncio
import json
import os
import time

from kit.ids import uuid7
from tests.faults.figures import note
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.webhooks import Desk
from tests.sink import Received, Reply, Sink, black_hole

EVENTS = int(os.environ.get("MINZHENG_FAULT_EVENTS", "4"))
GAP = 1.0
"""Seconds between two changes: with twenty addresses a pace at which nothing queues."""
GATE, NOISE = 3.0, 1.0
"""Times slower than without the hole, and seconds that are no slowness; the goal is 1.1 times."""


class Watch:
    """When a change was made and when the last of the others heard of it."""

    def __init__(self) -> None:
        self.made: dict[str, float] = {}
        self.organizations = [str(uuid7()) for _ in range(2 * EVENTS)]
        self.waits: list[float] = []

    async def hear(self, request: Received) -> Reply:
        """A department hears of a change."""
        organization = json.loads(request.body)["data"]["organizationId"]
        self.waits.append(time.monotonic() - self.made[organization])
        return Reply()

    async def play(self, desk: Desk, listeners: int) -> float:
        """Changes at a steady pace; p99 from the change to the arrival, of all who listen."""
        self.waits.clear()
        for _ in range(EVENTS):
            organization = self.organizations.pop()
            self.made[organization] = time.monotonic()
            await desk.room.filed(DATONGLI, organization=organization)
            await asyncio.sleep(GAP)
        end = time.monotonic() + 60
        while len(self.waits) < EVENTS * listeners:
            assert time.monotonic() < end, f"{len(self.waits)} arrived"
            await asyncio.sleep(0.05)
        return sorted(self.waits)[int(len(self.waits) * 0.99)]


async def test_the_others_hear_as_fast_as_without_the_hole(
    desk: Desk, departments: list[Sink]
) -> None:
    watch, stop = Watch(), asyncio.Event()
    for one in departments:
        one.behavior = watch.hear
    working = asyncio.create_task(desk.worker.run(stop))
    whole = await watch.play(desk, 20)
    departments[0].behavior = black_hole
    hole = await watch.play(desk, 19)
    for task in list(desk.worker.running):
        task.cancel()
    stop.set()
    await working
    note("black_hole", events=EVENTS, whole=round(whole, 3), hole=round(hole, 3),
         ratio=round(hole / whole, 2))  # fmt: skip
    assert hole < GATE * whole + NOISE
