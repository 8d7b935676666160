"""Connections to the services: one kept channel per workload, on which calls are carried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from protobuf import Message

from kit.carrier.client import Carrier
from kit.contracts import Rpc
from kit.doors import address
from kit.settings import settings
from kit.telemetry import traceparent

DEADLINE = 5.0
"""Seconds a call may take."""

OPTIONS = (
    # An idle peer that vanished is noticed; a shorter interval is taken for an attack by servers.
    ("grpc.keepalive_time_ms", 310_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # A restarted service is found again at once.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_http_proxy", 0),
)

Metadata = Sequence[tuple[str, str]]


def connect(workload: str) -> grpc.aio.Channel:
    """A channel to a workload at the address the settings name."""
    return grpc.aio.insecure_channel(address(settings(), workload), options=OPTIONS)


@dataclass
class Channels:
    """Carriers by workload, made at their first call inside the running loop."""

    connect: Callable[[str], Any] = connect
    _carriers: dict[str, Carrier] = field(default_factory=dict)

    async def call(self, rpc: Rpc, wire: bytes, metadata: Metadata) -> Message:
        """The answer to a request already in protobuf binary (its token may be bound to the bytes).

        Raises grpc.aio.AioRpcError, DEADLINE_EXCEEDED after 5 s.
        """
        carrier = self._carriers.get(rpc.workload)
        if carrier is None:
            carrier = self._carriers[rpc.workload] = Carrier(self.connect(rpc.workload))
        sent = (*metadata, *traceparent().items())
        return rpc.response.from_binary(await carrier.call(rpc.path, wire, sent, DEADLINE))

    async def close(self) -> None:
        """Close every channel."""
        for carrier in self._carriers.values():
            await carrier.close()
        self._carriers.clear()
