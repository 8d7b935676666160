"""The end of the stream at the gateway: what is asked while a bundle leaves, leaves with the next.

A call alone leaves at once. A workload that does not know the carrier is called unary. What a
broken or silent stream carries is asked once more on another one, which leads to the next process
of the workload: every change has a key of its caller's making, so that it happens once.
"""

import asyncio
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata

from kit.carrier.bundle import HELLO, LARGEST, PATH, take
from kit.interceptor import PROBLEM
from kit.telemetry import metrics
from proto.gen.minzheng.common.v1.carrier_pb import (
    AnswerBundle,
    CallBundle,
    CarriedAnswer,
    CarriedCall,
)

RENEWAL = 20.0
"""Seconds after which calls go to a new stream: the old one has answered long before the server
ends its connection. For as long a workload without carrier is not asked again."""
DOUBT = 2.0
"""Seconds without any answer after which what a stream carries is asked on another one too."""
REPEATS, EARNED = 10.0, 0.1
"""Repeats that may be made at once, and what each answer adds to them: no more than a tenth of all
calls is asked twice, also while nobody answers."""
STATUS = {code.value[0]: code for code in StatusCode}


class NotCarried(Exception):
    """The workload does not know the carrier; the call was not begun."""


@dataclass(slots=True, eq=False)
class Pending:
    """A call and the answer its caller waits for."""

    path: str
    body: bytes
    headers: dict[str, str]
    until: float
    """Time of the loop at which the caller gives up."""
    answer: asyncio.Future[bytes]
    stream: "Stream" = field(init=False)
    sent: float = field(init=False)
    """Time of the loop at which it was sent last, on `stream`."""
    ways: int = field(default=0, init=False)
    """Streams that may still answer."""
    again: bool = field(default=False, init=False)
    """It has been sent a second time."""
    look: asyncio.TimerHandle | None = field(default=None, init=False)

    def fail(self, error: Exception) -> None:
        """Raise at the caller."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def settle(self, told: CarriedAnswer) -> None:
        """One way's answer to the caller: of two the first success counts, a refusal is the last's."""
        self.ways -= 1
        if told.status:
            if not self.ways:
                self.fail(failure(STATUS.get(told.status, StatusCode.UNKNOWN), told.body))
        elif not self.answer.done():
            self.answer.set_result(told.body)

    def wire(self, number: int) -> bytes:
        """The call as it leaves under that number."""
        left = self.until - asyncio.get_running_loop().time()
        call = CarriedCall(
            number=number,
            path=self.path,
            headers=self.headers,
            deadline_ms=max(1, int(left * 1000)),
            body=self.body,
        )
        return CallBundle(calls=[call]).to_binary()


def failure(code: StatusCode, problem: bytes = b"") -> AioRpcError:
    """The error a unary call would have ended with."""
    trailer = Metadata((PROBLEM, problem)) if problem else Metadata()
    return AioRpcError(code, Metadata(), trailer, details=code.name)


class Carrier:
    """Unary calls to one workload over `channel`."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.streams: set[Stream] = set()
        """The one in use, and older ones with calls to be answered."""
        self._current: Stream | None = None
        self._unary: dict[str, Any] = {}
        self._unary_until = 0.0
        self._repeats = REPEATS

    async def call(
        self, path: str, wire: bytes, metadata: Sequence[tuple[str, str]], seconds: float
    ) -> bytes:
        """The answer to a request, both in protobuf binary, at most so many seconds later.

        Raises grpc.aio.AioRpcError as a unary call does.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._unary_until:
            try:
                return await self._carried(path, wire, metadata, now + seconds)
            except NotCarried:
                seconds -= asyncio.get_running_loop().time() - now
        method = self._unary.get(path)
        if method is None:
            method = self._unary[path] = self.channel.unary_unary(path)
        answer: bytes = await method(wire, timeout=seconds, metadata=metadata)
        return answer

    async def _carried(
        self, path: str, wire: bytes, metadata: Sequence[tuple[str, str]], until: float
    ) -> bytes:
        if len(wire) > LARGEST:
            raise failure(StatusCode.RESOURCE_EXHAUSTED)
        pending = Pending(
            path, wire, dict(metadata), until, asyncio.get_running_loop().create_future()
        )
        self._send(pending)
        self._look(pending)
        try:
            answer = await pending.answer
        finally:
            if pending.look:
                pending.look.cancel()
        self._repeats = min(REPEATS, self._repeats + EARNED)
        return answer

    def _look(self, pending: Pending) -> None:
        """Ask on another stream what waits for a silent one; fail what its caller waits for no more."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now >= pending.until:
            pending.fail(failure(StatusCode.DEADLINE_EXCEEDED))
            return
        silent = max(pending.sent, pending.stream.heard) + DOUBT
        if now >= silent:
            self._retire(pending.stream)
            if self._may_repeat(pending):
                self._again(pending)
        doubtful = silent if now < silent and not pending.again else pending.until
        pending.look = loop.call_at(min(doubtful, pending.until), self._look, pending)

    def _may_repeat(self, pending: Pending) -> bool:
        if pending.again or self._repeats < 1:
            return False
        self._repeats -= 1
        named = pending.path.rpartition(".")[2]  # As the RPC's other metrics call it.
        metrics.repeats.add(1, metrics.labels("gateway", named))
        return True

    def _send(self, pending: Pending) -> None:
        now = asyncio.get_running_loop().time()
        if self._current is not None and now > self._current.born + RENEWAL:
            self._retire(self._current)
        if self._current is None:
            self._current = Stream(self, now)
            self.streams.add(self._current)
        pending.sent, pending.stream = now, self._current
        pending.ways += 1
        self._current.send(pending)

    def _retire(self, stream: "Stream") -> None:
        """The next call goes to another stream."""
        stream.retire()
        self._forget(stream)

    def left(self, stream: "Stream", pending: Sequence[Pending]) -> None:
        """A workload drains and has not begun these calls."""
        self._retire(stream)
        for one in pending:
            one.ways -= 1
            if not one.ways:
                self._again(one)

    def ended(self, stream: "Stream", code: StatusCode) -> None:
        """A stream ended; what becomes of its calls without an answer."""
        self.streams.discard(stream)
        self._forget(stream)
        if code is StatusCode.UNIMPLEMENTED:
            self._unary_until = asyncio.get_running_loop().time() + RENEWAL
        for pending in tuple(stream.open.values()):
            pending.ways -= 1
            if pending.ways:
                continue
            if code is StatusCode.UNIMPLEMENTED:
                pending.fail(NotCarried())
            elif code is StatusCode.OK or self._may_repeat(pending):
                self._again(pending)
            else:
                pending.fail(failure(StatusCode.UNAVAILABLE))

    def _again(self, pending: Pending) -> None:
        if pending.again:
            pending.fail(failure(StatusCode.UNAVAILABLE))
        elif not pending.answer.done():
            pending.again = True
            self._send(pending)

    def _forget(self, stream: "Stream") -> None:
        if self._current is stream:
            self._current = None

    async def close(self) -> None:
        """Close the channel; calls without an answer fail."""
        self._repeats = -math.inf
        for stream in tuple(self.streams):
            stream.call.cancel()
        await self.channel.close()


class Stream:
    """One stream: a writer, a reader, and the calls without an answer."""

    def __init__(self, carrier: Carrier, born: float) -> None:
        self.carrier = carrier
        self.born = self.heard = born
        self.call = carrier.channel.stream_stream(PATH)()
        self.open: dict[int, Pending] = {}
        """Calls without an answer, in the order they were made."""
        self.waiting: dict[int, bytes] = {}
        self.retired = False
        self.news = asyncio.Event()
        self._numbers = itertools.count(1)
        self._writing = asyncio.create_task(self._write())
        self._reading = asyncio.create_task(self._read())

    def send(self, pending: Pending) -> None:
        """Let a call leave with the next bundle."""
        number = next(self._numbers)
        self.waiting[number] = pending.wire(number)
        self.open[number] = pending
        pending.answer.add_done_callback(lambda _: self._forget(number))
        self.news.set()

    def _forget(self, number: int) -> None:
        self.open.pop(number, None)
        self.waiting.pop(number, None)

    def retire(self) -> None:
        """No more calls; the stream ends when all are answered."""
        self.retired = True
        self.news.set()

    async def _write(self) -> None:
        try:
            if HELLO not in tuple(await self.call.initial_metadata()):
                return
            while self.waiting or not self.retired:
                if self.waiting:
                    await self.call.write(take(self.waiting)[1])
                else:
                    self.news.clear()
                    await self.news.wait()
            await self.call.done_writing()
        except (AioRpcError, asyncio.InvalidStateError):
            # The stream has ended; the reader learns how.
            return

    async def _read(self) -> None:
        code = StatusCode.UNAVAILABLE
        try:
            while (wire := await self.call.read()) is not grpc.aio.EOF:
                self._take(AnswerBundle.from_binary(wire))
            code = StatusCode.OK
        except AioRpcError as error:
            code = error.code()
        finally:
            self._writing.cancel()
            self.call.cancel()
            self.carrier.ended(self, code)

    def _take(self, bundle: AnswerBundle) -> None:
        self.heard = asyncio.get_running_loop().time()
        for told in bundle.answers:
            if pending := self.open.pop(told.number, None):
                pending.settle(told)
        if bundle.has_field("begun_up_to"):
            later = [number for number in self.open if number > bundle.begun_up_to]
            self.waiting.clear()
            self.carrier.left(self, [self.open.pop(number) for number in later])
