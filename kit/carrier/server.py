"""The end of the stream at a workload: calls come in bundles, finished answers leave together.

Nothing waits for a bundle to fill. A process that drains says which calls it has begun, answers
them and lets the client end the stream: whoever ends it while the other writes breaks it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc.aio import ServicerContext

from kit.carrier.bundle import HELLO, LARGEST, METHOD, SERVICE, take
from kit.contracts import rpc_by_path
from kit.interceptor import Door, Refused, Room
from proto.gen.minzheng.common.v1.carrier_pb import (
    AnswerBundle,
    CallBundle,
    CarriedAnswer,
    CarriedCall,
)

MOST = 256
"""Calls of a process that run or wait to leave at a time."""
UNKNOWN = Refused(grpc.StatusCode.UNIMPLEMENTED)
LATE = Refused(grpc.StatusCode.DEADLINE_EXCEEDED)
FULL = Refused(grpc.StatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gRPC handler is looked up by."""

    method: str
    invocation_metadata: tuple[()] = ()


class Carrier:
    """Takes carried calls through the door to their rooms; servicers register here too."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.draining = False
        self.streams: set[Stream] = set()
        self._handlers: list[grpc.GenericRpcHandler] = []
        self._rooms: dict[str, Room] = {}

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """What a generated servicer registers with, as at a server."""
        self._handlers += handlers

    def add_to_server(self, server: grpc.aio.Server) -> None:
        """Serve the stream beside the unary calls."""
        handlers = {METHOD: grpc.stream_stream_rpc_method_handler(self._carry)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    async def _carry(self, _requests: Any, context: ServicerContext) -> None:
        stream = Stream(self, context)
        self.streams.add(stream)
        try:
            await stream.serve()
        finally:
            self.streams.discard(stream)

    def drain(self) -> None:
        """Begin no more calls; every stream ends once what it began is answered."""
        self.draining = True
        for stream in self.streams:
            stream.take_leave()

    @property
    def full(self) -> bool:
        """As many calls run as may."""
        return sum(stream.begun for stream in self.streams) >= MOST

    async def answer(self, call: CarriedCall) -> bytes | Refused:
        """What the room answers, or how the call was refused."""
        rpc = rpc_by_path().get(call.path)
        room = rpc and (self._rooms.get(rpc.path) or self._find(rpc.path))
        if not rpc or not room:
            return UNKNOWN
        timed = call.deadline_ms > 0
        return await self.door.answer(rpc, room, call.body, call.headers, timed=timed)

    def _find(self, path: str) -> Room | None:
        found = filter(None, (handler.service(Asked(path)) for handler in self._handlers))
        for handler in found:
            room: Room = handler.unary_unary
            self._rooms[path] = room
            return room
        return None


class Stream:
    """One stream: a reader, a writer, and a task for each call."""

    def __init__(self, carrier: Carrier, context: ServicerContext) -> None:
        self.carrier = carrier
        self.context = context
        self.begun = 0
        """Calls whose answers have not left."""
        self.last = 0
        """Number of the call that was begun last; clients count up."""
        self.running: set[asyncio.Task[None]] = set()
        self.finished: dict[int, bytes] = {}
        self.news = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    async def serve(self) -> None:
        """Until the client writes no more; a client that is gone cancels."""
        await self.context.send_initial_metadata((HELLO,))
        if self.carrier.draining:
            self.take_leave()
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait((self.reading, writing), return_when=asyncio.FIRST_COMPLETED)
            if self.running and not writing.done():
                await asyncio.wait(self.running)
            self.news.set()
            await writing
        finally:
            for task in (self.reading, writing, *self.running):
                task.cancel()
        if self.reading.exception():
            await self.context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no bundle")

    async def _read(self) -> None:
        while (wire := await self.context.read()) is not grpc.aio.EOF:
            for call in CallBundle.from_binary(wire).calls:
                if not self.carrier.draining:
                    self._begin(call)

    def take_leave(self) -> None:
        """Tell the client what is not begun here."""
        self.begun += 1
        self._leave(0, AnswerBundle(begun_up_to=self.last))

    def _begin(self, call: CarriedCall) -> None:
        full = self.carrier.full
        self.last = call.number
        self.begun += 1
        if full:
            self._finish(call.number, FULL)
            return
        task = asyncio.create_task(self._run(call))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def _run(self, call: CarriedCall) -> None:
        try:
            async with asyncio.timeout(call.deadline_ms / 1000 or None):
                outcome = await self.carrier.answer(call)
        except TimeoutError:
            outcome = LATE
        self._finish(call.number, outcome)

    def _finish(self, number: int, outcome: bytes | Refused) -> None:
        if isinstance(outcome, bytes) and len(outcome) > LARGEST:
            outcome = FULL
        if isinstance(outcome, bytes):
            answer = CarriedAnswer(number=number, body=outcome)
        else:
            status = outcome.status.value[0]
            answer = CarriedAnswer(number=number, status=status, body=outcome.problem)
        self._leave(number, AnswerBundle(answers=[answer]))

    def _leave(self, number: int, told: AnswerBundle) -> None:
        self.finished[number] = told.to_binary()
        self.news.set()

    async def _write(self) -> None:
        while self.finished or self.running or not self.reading.done():
            if not self.finished:
                self.news.clear()
                await self.news.wait()
                continue
            numbers, bundle = take(self.finished)
            # Before the write: a client that has its answer may ask again at once.
            self.begun -= len(numbers)
            await self.context.write(bundle)
