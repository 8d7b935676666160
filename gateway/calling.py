"""The gateway's one way to a service: field rules, token, deadline, trace, one retry on the stale floor.

REST and pages go it alike. Read `forward`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import grpc
from protobuf import Message
from starlette.requests import Request

from gateway.channels import Metadata
from gateway.problems import of_rpc_error
from gateway.transcoding.uuids import lower, uuids_of
from gateway.transcoding.validation import check
from kit.contracts import Rpc, rpcs
from kit.crash import point
from kit.errors import Kind, Refusal, Violation
from kit.floors import stale
from kit.operations.routing import routed


class Caller(Protocol):
    """Who calls: verifies the caller's token and makes the metadata of the internal call."""

    async def metadata(
        self, request: Request, rpc: Rpc, body: bytes, *, anew: bool = False
    ) -> Metadata:
        """Metadata for a call of `rpc` with that request; Refusal 401 or 403.

        `anew`: from the posts as they are now, not as they were a moment ago.
        """


class Calls(Protocol):
    """The services, as `gateway.channels.Channels` reaches them."""

    async def call(self, rpc: Rpc, wire: bytes, metadata: Metadata) -> Message:
        """The answer of a service."""


async def forward(
    request: Request, rpc: Rpc, message: Message, caller: Caller, services: Calls
) -> Message:
    """A service's answer to a message that fits its contract. Raises AioRpcError, Refusal."""
    wire, rpc = message.to_binary(), routed(rpc, message)
    metadata = await caller.metadata(request, rpc, wire)
    if rpc.changes:
        point("gateway", "before_forward")
    try:
        answer = await services.call(rpc, wire, metadata)
    except grpc.aio.AioRpcError as error:
        if of_rpc_error(error).code != stale().code:
            raise
        metadata = await caller.metadata(request, rpc, wire, anew=True)
        answer = await services.call(rpc, wire, metadata)
    if rpc.changes:
        point("gateway", "after_answer")
    return answer


class Refused(Refusal):
    """What a service refused; `trace_id` is the number to read out when asking for help."""

    def __init__(
        self, kind: Kind, code: str, detail: str, violations: Sequence[Violation], trace_id: str
    ) -> None:
        super().__init__(kind, code, detail, violations)
        self.trace_id = trace_id


def refused(error: grpc.aio.AioRpcError) -> Refused:
    """The refusal of a service, or what became of the call."""
    told = of_rpc_error(error)
    kind = next(kind for kind in Kind if kind.http == told.status)
    return Refused(kind, told.code, told.detail, told.violations, told.trace_id)


@dataclass(frozen=True, slots=True)
class Calling:
    """Calls in the name of who sent a request."""

    caller: Caller
    services: Calls

    async def ask(self, request: Request, message: Message) -> Any:
        """The answer to a message; its class says which RPC. Raises Refusal, also a service's."""
        rpc, uuids = by_request()[type(message)]
        check(message)
        lower(message, uuids)
        try:
            return await forward(request, rpc, message, self.caller, self.services)
        except grpc.aio.AioRpcError as error:
            raise refused(error) from error


@cache
def by_request() -> dict[type[Message], tuple[Rpc, tuple[str, ...]]]:
    """RPCs by the class of their request (each has its own), with its fields that are UUIDs."""
    return {rpc.request: (rpc, uuids_of(rpc.request)) for rpc in rpcs()}


def rpc_of(request: type[Message]) -> Rpc:
    """The RPC that takes such requests; KeyError for a message that is none."""
    return by_request()[request][0]
