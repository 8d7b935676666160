"""The gateway at the desk of notifications: takes letters out and reports, as the platform itself."""

from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from protobuf import Message

from gateway.channels import Channels
from kit.contracts import rpc_by_path
from kit.identity import Minter, system
from proto.gen.minzheng.notifications.v1.dispatches_pb import (
    DispatchState,
    OpenDispatchRequest,
    OpenDispatchResponse,
    ReportDispatchRequest,
)

SERVICE = "/minzheng.notifications.v1.DispatchesService"
WHO = system("gateway")


class Desk(Protocol):
    """The port."""

    async def open(self, dispatch_id: str) -> OpenDispatchResponse:
        """Text and address of a dispatch that is to be sent now."""

    async def report(self, dispatch_id: str, state: DispatchState, reason: str) -> bool:
        """Tell what became of a dispatch; False where there is none."""


@dataclass
class NotificationsDesk:
    """The desk by gRPC; every call has a token of its own, and is audited there."""

    channels: Channels
    minter: Minter

    async def open(self, dispatch_id: str) -> OpenDispatchResponse:
        """Raises grpc.aio.AioRpcError."""
        answer: Any = await self._call("OpenDispatch", OpenDispatchRequest(dispatch_id=dispatch_id))
        assert isinstance(answer, OpenDispatchResponse), "the contract says so"
        return answer

    async def report(self, dispatch_id: str, state: DispatchState, reason: str) -> bool:
        """Raises grpc.aio.AioRpcError, save for a dispatch nobody knows."""
        told = ReportDispatchRequest(dispatch_id=dispatch_id, state=state, reason=reason)
        try:
            await self._call("ReportDispatch", told)
        except grpc.aio.AioRpcError as error:
            if error.code() in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT):
                return False
            raise
        return True

    async def _call(self, name: str, request: Message) -> Message:
        rpc, wire = rpc_by_path()[f"{SERVICE}/{name}"], request.to_binary()
        token = self.minter.mint(WHO, rpc.workload, path=rpc.path, body=wire)
        return await self.channels.call(rpc, wire, (("authorization", f"Bearer {token}"),))
