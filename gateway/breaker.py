"""Whether a workload is called at all: not while most calls to it end without its answer.

A process that hangs would hold every place at the door for five seconds a call, and with them
those who need nothing of it. Who is refused here may come again in a moment.
"""

import logging
from collections import deque
from dataclasses import dataclass, field

import grpc

from gateway.problems import TRAILER
from kit.telemetry import metrics

SPAN, LEAST, SHARE = 10, 20, 0.5
"""It opens when of the calls that ended in so many seconds, at least so many, half had no answer."""
REST = 1.0
"""Seconds between calls that are let through to try."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Breaker:
    """The calls of one gateway to one workload; `now` is in seconds of any steady clock."""

    workload: str
    rests_until: float | None = None
    """When the next call may try; None while all may."""
    _ended: "deque[Second]" = field(default_factory=deque)

    def may_call(self, now: float) -> bool:
        """A call may be made; while the workload rests, one a second."""
        if self.rests_until is None:
            return True
        if now < self.rests_until:
            return False
        self.rests_until = now + REST
        return True

    def answered(self, now: float) -> None:
        """The workload answered a call, be it with a refusal."""
        if self.rests_until is not None:
            log.warning("%s answers again", self.workload)
            self.rests_until = None
            self._ended.clear()
        self._note(now, 0)

    def missed(self, now: float) -> None:
        """A call ended without an answer."""
        self._note(now, 1)
        calls = sum(one.calls for one in self._ended)
        missed = sum(one.missed for one in self._ended)
        if self.rests_until is None and calls >= LEAST and missed >= calls * SHARE:
            log.warning("%s rests: %d of %d calls not answered", self.workload, missed, calls)
            metrics.rests.add(1, metrics.labels("gateway", self.workload, metrics.FAILED))
            self.rests_until = now + REST

    def _note(self, now: float, missed: int) -> None:
        second = int(now)
        while self._ended and self._ended[0].second <= second - SPAN:
            self._ended.popleft()
        if not self._ended or self._ended[-1].second != second:
            self._ended.append(Second(second))
        self._ended[-1].calls += 1
        self._ended[-1].missed += missed


@dataclass(slots=True)
class Second:
    """What ended in a second."""

    second: int
    calls: int = 0
    missed: int = 0


def is_answer(error: grpc.aio.AioRpcError) -> bool:
    """A refusal of the workload, not a call that never came back."""
    if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return True
    return any(key == TRAILER for key, _ in error.trailing_metadata() or ())
