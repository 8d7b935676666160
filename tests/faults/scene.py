"""People at work on a platform while something is broken, and how long things took."""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median

import httpx

from kit.ids import uuid7
from tests.faults.load import Load
from tests.faults.test_kill import COMMUNITY
from tests.platform import Platform

REFUSED = 2.0
"""Seconds within which a request is refused where it cannot be answered (target)."""
SLACK = 3.0
"""A gate is so many times its target."""
PROBES = 24


@dataclass
class Scene:
    """The platform, the people on it, and how long things took."""

    platform: Platform
    http: httpx.AsyncClient
    load: Load
    seconds: dict[str, list[float]] = field(default_factory=dict)
    poisoned: list[float] = field(default_factory=list)
    """When, in seconds since the epoch."""

    def took(self, what: str, seconds: float, target: float) -> None:
        """Note a time; AssertionError at three times its target."""
        self.seconds.setdefault(what, []).append(round(seconds, 2))
        assert seconds < SLACK * target, f"{what} after {seconds:.1f} s"

    def summary(self) -> dict[str, dict[str, float]]:
        """Of each kind: how often, the median, the longest."""
        return {
            what: {"times": len(found), "median": round(median(found), 2), "longest": max(found)}
            for what, found in self.seconds.items()
        }

    async def probe(self) -> tuple[int, float]:
        """A write of somebody new: status and seconds; 0 where the door itself broke."""
        made = {"filingId": str(uuid7()), "communityCode": COMMUNITY}
        token = self.load.people["resident.datong"].token
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid7())}
        began = time.monotonic()
        try:
            answer = await self.http.post("/api/v1/filings", json=made, headers=headers)
            return answer.status_code, time.monotonic() - began
        except httpx.TransportError as error:
            print(f"the door broke: {error!r}")
            return 0, time.monotonic() - began

    async def good(self) -> float:
        """Seconds until a write succeeds."""
        began = time.monotonic()
        while (await self.probe())[0] != 200:
            assert time.monotonic() < began + 60, "no write succeeds any more"
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def refusals(self, gate: float = REFUSED) -> int:
        """Many writes at once while something is broken: answered or refused in time, nothing hangs.

        Answers how many were not done.
        """
        answers = await asyncio.gather(*(self.probe() for _ in range(PROBES)))
        assert {status for status, _ in answers} <= {200, 409, 503, 504}, answers
        refused = [seconds for status, seconds in answers if status >= 503]
        for seconds in refused:
            self.took("refused", seconds, gate)
        return sum(status != 200 for status, _ in answers)
