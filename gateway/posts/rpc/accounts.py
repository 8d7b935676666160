"""Accounts disabled and enabled."""

from collections.abc import Callable
from typing import TypeVar

from grpc.aio import ServicerContext

from gateway.posts import accounts
from gateway.posts.accounts import Standing
from gateway.posts.domain import Holdings
from gateway.posts.rpc.work import actor
from gateway.posts.store import Posts
from kit.acting import Actor
from kit.unit import Unit
from proto.gen.minzheng.posts.v1 import posts_pb as pb

Rule = Callable[[Holdings, Actor, str], Standing]
Request = pb.DisableAccountRequest | pb.EnableAccountRequest
Told = TypeVar("Told", pb.DisableAccountResponse, pb.EnableAccountResponse)


class Accounts:
    """What security administrators do about accounts."""

    posts: Posts
    unit: Unit

    async def disable_account(
        self, request: pb.DisableAccountRequest, context: ServicerContext
    ) -> pb.DisableAccountResponse:
        """An account that may do nothing from now on."""
        return await self._stand(accounts.disable, request, pb.DisableAccountResponse())

    async def enable_account(
        self, request: pb.EnableAccountRequest, context: ServicerContext
    ) -> pb.EnableAccountResponse:
        """An account that may act again."""
        return await self._stand(accounts.enable, request, pb.EnableAccountResponse(enabled=True))

    async def _stand(self, rule: Rule, request: Request, answer: Told) -> Told:
        """Load, apply one rule, save, answer."""

        async def attempt() -> Told:
            holdings, moment = await self.posts.held(request.account)
            standing = rule(holdings, actor(), request.reason)
            await self.posts.stand(standing, moment, request, answer)
            return answer

        return await self.unit.once(request, type(answer), attempt)
