"""Connections to the services: one kept channel per workload, on which calls are carried."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from protobuf import Message

from gateway.breaker import Breaker, is_answer
from kit import doors
from kit.carrier.client import Carrier, failure
from kit.contracts import Rpc
from kit.settings import settings
from kit.telemetry import traceparent

GATEWAY = "gateway"
DEADLINE = 5.0
"""Seconds a call may take."""

OPTIONS = (
    # A peer that vanished is noticed; our servers take no offense at pings this often (kit.server).
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # A restarted service is found again at once.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # New streams go to the next pod of a name, and new pods are found at the next connection.
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.dns_min_time_between_resolutions_ms", 2_000),
    ("grpc.enable_http_proxy", 0),
)

Metadata = Sequence[tuple[str, str]]


def connect(workload: str) -> grpc.aio.Channel:
    """A channel to a workload at the address the settings name; to our own rooms, where they listen."""
    config = settings()
    own = workload == GATEWAY and config.listen
    return doors.connect(own or doors.address(config, workload), OPTIONS)


@dataclass
class Channels:
    """Carriers by workload, made at their first call inside the running loop."""

    connect: Callable[[str], Any] = connect
    breakers: dict[str, Breaker] = field(default_factory=dict)
    """By workload."""
    _carriers: dict[str, Carrier] = field(default_factory=dict)
    _age: int = 0
    """Of the certificate that the channels show."""
    _leaving: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, rpc: Rpc, wire: bytes, metadata: Metadata) -> Message:
        """The answer to a request already in protobuf binary (its token may be bound to the bytes).

        Raises grpc.aio.AioRpcError: DEADLINE_EXCEEDED after 5 s, UNAVAILABLE at once while most
        calls to the workload end without its answer.
        """
        breaker = self._breaker(rpc.workload)
        if not breaker.may_call(time.monotonic()):
            raise failure(grpc.StatusCode.UNAVAILABLE)
        carrier = self._carrier(rpc.workload)
        sent = (*metadata, *traceparent().items())
        try:
            answer = await carrier.call(rpc.path, wire, sent, DEADLINE)
        except grpc.aio.AioRpcError as error:
            note = breaker.answered if is_answer(error) else breaker.missed
            note(time.monotonic())
            raise
        breaker.answered(time.monotonic())
        return rpc.response.from_binary(answer)

    def _breaker(self, workload: str) -> Breaker:
        breaker = self.breakers.get(workload)
        if breaker is None:
            breaker = self.breakers[workload] = Breaker(workload)
        return breaker

    def _carrier(self, workload: str) -> Carrier:
        age = doors.age(settings().tls)
        if age != self._age:
            self._age = age
            self._renew()
        carrier = self._carriers.get(workload)
        if carrier is None:
            carrier = self._carriers[workload] = Carrier(self.connect(workload))
        return carrier

    def _renew(self) -> None:
        """Calls go to new channels with the new certificate; the old ones close behind their calls."""
        for carrier in self._carriers.values():
            task = asyncio.create_task(self._leave(carrier))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        self._carriers.clear()

    async def _leave(self, carrier: Carrier) -> None:
        await asyncio.sleep(DEADLINE)
        await carrier.close()

    async def close(self) -> None:
        """Close every channel."""
        for carrier in self._carriers.values():
            await carrier.close()
        self._carriers.clear()
