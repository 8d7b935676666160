"""What the door does when more is asked than can be answered: it says so soon, to readers first.

A queue without a bound answers everybody too late. With bounds of number and of time those who are
let in are answered in time, and the others know within a moment that they are to come again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.middleware import CAME, SecurityHeaders, method_of, secure
from gateway.problems import Problem
from kit.recent import Recent
from kit.telemetry import metrics

FULL = Problem(503, "api.busy", "系统繁忙", "当前办理人数较多，请稍后重试。已提交的内容不受影响。")
CHANGES, READINGS = 128, 96
"""Requests in work: above the first nothing more is let in, above the second nothing that only reads.

Two cores answer some 200 a second, so that whoever is let in last waits about half a second.
"""
WAITING, PATIENCE = 512, 0.3
"""Readers before a full door, and seconds that each of them waits: a burst passes, a flood is refused."""
READING = frozenset({"GET", "HEAD"})
ALWAYS = ("/health/", "/static/")
"""What tells of the door itself, and files, which cost next to nothing."""
PROGRAMS = "/api/"


@dataclass(slots=True)
class Pressure:
    """Counts requests whose body has come, so that a slow sender takes no place.

    It stands before everything that costs: a refused call of a program has no span and an answer
    that was written beforehand.
    """

    app: ASGIApp
    shown: Callable[[Request, Problem], Response]
    """The answer of a problem, to a person."""
    requests: Recent
    patience: float = PATIENCE
    """Seconds that a reader waits before the door."""
    busy: int = 0
    waiting: "dict[asyncio.Future[None], Place]" = field(default_factory=dict, init=False)
    """Readers before the door: a place that is left goes to the first of them."""
    told: Response = field(default_factory=FULL.response, init=False)
    """The answer to a program."""

    def __post_init__(self) -> None:
        secure(self.told.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse."""
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS):
            return await self.app(scope, receive, send)
        scope[CAME] = time.monotonic()
        place = Place(self, receive)
        try:
            if scope["method"] in READING:
                let_in = await self._place_of(place)
            else:
                let_in = self.busy < CHANGES
            if not let_in:
                return await self._refuse(scope, receive, send)
            await self.app(scope, place.receive, send)
        finally:
            place.leave()

    async def _place_of(self, place: "Place") -> bool:
        """Whether a reader has its place: at once, or when one is left in time."""
        if self.busy < READINGS:
            place.take()
        elif len(self.waiting) < WAITING:
            loop = asyncio.get_running_loop()
            turn = loop.create_future()
            self.waiting[turn] = place
            patience = loop.call_later(self.patience, _settle, turn)
            try:
                await turn
            finally:
                patience.cancel()
                self.waiting.pop(turn, None)
        return place.taken

    def left(self) -> None:
        """A place is free again: for who waits first."""
        self.busy -= 1
        if self.waiting and self.busy < READINGS:
            turn = next(iter(self.waiting))
            self.waiting.pop(turn).take()
            _settle(turn)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        waited = time.monotonic() - scope[CAME]
        self.requests.note(waited, failed=True)
        metrics.http.record(
            waited, metrics.labels("gateway", f"{method_of(scope)} busy", metrics.FAILED)
        )
        program = scope["path"].startswith(PROGRAMS)
        answer = self.told if program else SecurityHeaders(self.shown(Request(scope), FULL))
        await answer(scope, receive, send)


def _settle(turn: asyncio.Future[None]) -> None:
    """End a wait once: a place may be left in the moment in which the patience ends."""
    if not turn.done():
        turn.set_result(None)


@dataclass(slots=True)
class Place:
    """Of one request among those in work."""

    pressure: Pressure
    source: Receive
    taken: bool = False

    async def receive(self) -> Message:
        """The next part of the body; with the last one the place is taken."""
        message = await self.source()
        if message["type"] == "http.request" and not message.get("more_body"):
            self.take()
        return message

    def take(self) -> None:
        """Be counted, once."""
        if not self.taken:
            self.taken = True
            self.pressure.busy += 1

    def leave(self) -> None:
        """Make room."""
        if self.taken:
            self.taken = False
            self.pressure.left()
