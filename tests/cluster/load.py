"""People at the edge without pause: what they asked, what failed, and when."""

import asyncio
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from gateway.demo.client import PASSWORD
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from tests.cluster.deployed import ISSUER, URL

PEOPLE = 12
LIMIT_SECONDS = 10.0
"""A person waits no longer for an answer."""
SIGN_IN_AGAIN_SECONDS = 60
COMMUNITY = "460106004002"
WRITE_EVERY = 10


@dataclass
class Load:
    """Runs beside what is done to the cluster.

    Every request has a connection of its own, as if each came from somebody else. One that was not
    answered, or was told to come again, is sent once more after a moment with the same key: that
    counts as `again`; only if that fails too has the person seen an error.
    """

    asked: int = 0
    again: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)
    slowest: float = 0.0
    began: float = 0.0
    seconds: float = 0.0
    token: str = ""

    def __enter__(self) -> "Load":
        self.over = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self.began = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.began

    def reach(self, count: int, seconds: float = 900) -> None:
        """Go on until so many were asked."""
        end = time.monotonic() + seconds
        while self.asked < count and time.monotonic() < end:
            time.sleep(0.2)

    @property
    def told(self) -> str:
        """In a sentence."""
        rate = self.asked / self.seconds if self.seconds else 0
        errors = f"{len(self.failures)} failed"
        if self.failures:
            first, last = (self.failures[n][0] - self.began for n in (0, -1))
            errors += f" ({first:.1f} s to {last:.1f} s after the start)"
        return f"{self.asked} requests ({rate:.0f}/s), {errors}, {self.again} answered at the second try, slowest {self.slowest:.1f} s"

    def expect_unhurt(self) -> None:
        """AssertionError where a request failed."""
        assert not self.failures, (self.told, self.failures[:5])

    async def _all(self) -> None:
        self.token = await _token()
        renewing = asyncio.create_task(self._renew())
        await asyncio.gather(*(self._person(n) for n in range(PEOPLE)))
        renewing.cancel()

    async def _renew(self) -> None:
        """One sign-in for all: the sign-on takes two of one name at once for guessing."""
        while True:
            await asyncio.sleep(SIGN_IN_AGAIN_SECONDS)
            with suppress(Exception):
                self.token = await _token()

    async def _person(self, number: int) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=URL, timeout=LIMIT_SECONDS, limits=limits, trust_env=False) as http:  # fmt: skip
            turn = number
            while not self.over.is_set():
                turn += 1
                if turn % WRITE_EVERY == 0:
                    await self._ask(http, "POST", "/api/v1/filings", self.token)
                else:
                    await self._ask(http, "GET", "/api/v1/organizations?page.size=20", "")

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, token: str) -> None:
        headers = {"idempotency-key": str(uuid7()), "authorization": f"Bearer {token}"} if token else {}  # fmt: skip
        body = {"filingId": str(uuid7()), "communityCode": COMMUNITY} if method == "POST" else None
        began = time.monotonic()
        for attempt in (1, 2):
            what = await _once(http, method, path, headers, body)
            if not what:
                break
            if attempt == 1:
                self.again += 1
                await asyncio.sleep(0.5)
        else:
            self.again -= 1
            self.failures.append((began, what))
        self.asked += 1
        self.slowest = max(self.slowest, time.monotonic() - began)


async def _once(
    http: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], body: object
) -> str:
    """Empty where it was answered well, else what happened."""
    try:
        answer = await http.request(method, path, headers=headers, json=body)
    except httpx.HTTPError as error:
        return type(error).__name__
    return "" if answer.is_success else f"{answer.status_code} {answer.text[:200]}"


async def _token() -> str:
    return (await sign_in(ISSUER, "resident.datong", PASSWORD)).access_token
