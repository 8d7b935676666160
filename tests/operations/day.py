"""What exercises share: the platform, its people, what they see of it, and what is written down."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from gateway.demo.client import PASSWORD, Person
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from tests.faults.load import Load
from tests.faults.scene import Scene
from tests.faults.test_kill import COMMUNITY, pids
from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.sink import Sink

LONGEST = 90.0
"""Seconds after which something that should be seen or mended is neither."""
WHY = ("--reason", "game day")


class Skipped(Exception):
    """An exercise that this machine does not allow, and why."""


@dataclass
class Exercise:
    """What was done, how it was seen, how it was mended; seconds to both."""

    injected: str
    began: float = field(default_factory=time.monotonic)
    detected: str = ""
    repaired: str = ""
    seen_after: float = 0.0
    mended_after: float = 0.0

    def seen(self, by: str) -> None:
        """Note the signal."""
        self.detected, self.seen_after = by, time.monotonic() - self.began

    def mended(self, by: str) -> None:
        """Note the repair."""
        self.repaired, self.mended_after = by, time.monotonic() - self.began


@dataclass(frozen=True)
class Answer:
    """What became of a request."""

    status: int
    seconds: float
    trace: str
    again: str
    """Header Retry-After."""


@dataclass
class Day:
    """The platform, people on it, neighbors, and a department that subscribed."""

    platform: Platform
    http: httpx.AsyncClient
    load: Load
    sink: Sink
    subscription: str
    neighbors: Neighbors

    @property
    def scene(self) -> Scene:
        """The people as the fault tests see them."""
        return Scene(self.platform, self.http, self.load)

    async def command(self, *words: str, code: int = 0) -> str:
        """A command of `minzheng`; what it printed. AssertionError where it ends otherwise."""
        done: subprocess.CompletedProcess[str] = await asyncio.to_thread(self.platform.run, *words)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    async def status(self) -> Any:
        """`minzheng status`."""
        return await asyncio.to_thread(self.platform.status)

    async def row(self, workload: str) -> Any:
        """A workload's row of the status; None while its database does not answer."""
        return (await self.status())["workloads"][workload]

    async def lag(self, workload: str) -> int:
        """Facts a workload has not taken in."""
        return sum((await self.row(workload))["lag"].values())

    async def until(self, check: Callable[[], Awaitable[Any]], otherwise: str) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + LONGEST
        while not await check():
            assert time.monotonic() < end, otherwise
            await asyncio.sleep(0.3)

    async def person(self, username: str) -> Person:
        """Somebody of the demo realm, signed in."""
        issuer = self.platform.environment["MINZHENG_ISSUER"]
        tokens = await sign_in(issuer, username, PASSWORD)
        return Person(username, self.http, tokens.access_token)

    async def told(self, workload: str) -> dict[str, Any]:
        """What the pages of operation show of a workload."""
        admin = await self.person("sys-admin")
        found = await admin.get(f"/api/v1/operations/{workload}/status")
        status: dict[str, Any] = found["status"]
        return status

    async def ask(self) -> Answer:
        """A write of somebody new."""
        token = self.load.people["resident.datong"].token
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid7())}
        made = {"filingId": str(uuid7()), "communityCode": COMMUNITY}
        began = time.monotonic()
        found = await self.http.post("/api/v1/filings", json=made, headers=headers)
        named = found.headers.get
        seconds = time.monotonic() - began
        return Answer(found.status_code, seconds, named("x-trace-id", ""), named("retry-after", ""))

    async def trace(self, trace: str, wanted: str) -> str:
        """The first line of `minzheng trace` that has `wanted` in it, once it is written."""
        lines: list[str] = []

        async def written() -> bool:
            lines[:] = (await self.command("trace", trace)).splitlines()
            return any(wanted in line for line in lines)

        await self.until(written, f"no {wanted} in the trace {trace}")
        return next(line.strip() for line in lines if wanted in line)

    @asynccontextmanager
    async def database(self, workload: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A session of the database's administrator."""
        connection = await self.platform.database(workload)
        try:
            yield connection
        finally:
            connection.terminate()

    @contextmanager
    def standing_still(self, name: str) -> Iterator[int]:
        """A process stopped, by its id; whatever happens, it goes on afterwards."""
        stopped = pids(self.platform)[name]
        os.kill(stopped, signal.SIGSTOP)
        try:
            yield stopped
        finally:
            with suppress(ProcessLookupError):
                os.kill(stopped, signal.SIGCONT)

    async def back(self, name: str, ended: int) -> None:
        """Return when `minzheng up` has started a process again."""

        async def anew() -> bool:
            return pids(self.platform)[name] not in (0, ended)

        await self.until(anew, f"{name} stays away")

    @asynccontextmanager
    async def says(self, log: Path, text: str) -> AsyncIterator[None]:
        """What makes a log say something; ends when it has."""
        before = log.stat().st_size if log.exists() else 0

        async def said() -> bool:
            with log.open("rb") as stream:
                stream.seek(before)
                return text in stream.read().decode(errors="replace")

        async with asyncio.TaskGroup() as group:
            group.create_task(self.until(said, f"{log.name} does not say: {text}"))
            yield

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.platform.var / "log" / f"{name}.log"


@contextmanager
def taken(place: Path) -> Iterator[None]:
    """A file in a folder's place; the folder comes back, whatever happens."""
    aside = place.with_name(f"{place.name}.aside")
    place.rename(aside)
    place.touch()
    try:
        yield
    finally:
        place.unlink()
        aside.rename(place)
