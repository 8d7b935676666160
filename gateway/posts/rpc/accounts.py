"""Accounts disabled and enabled."""

from collections.abc import Callable

from grpc.aio import ServicerContext

from gateway.posts import accounts
from gateway.posts.accounts import Standing
from gateway.posts.domain import Actor, Holdings
from gateway.posts.rpc.work import actor
from gateway.posts.store import Posts
from kit.unit import Unit
from proto.gen.minzheng.posts.v1 import posts_pb as pb

Rule = Callable[[Holdings, Actor, str], Standing]


class Accounts:
    """What security administrators do about accounts."""

    posts: Posts
    unit: Unit

    async def disable_account(
        self, request: pb.DisableAccountRequest, context: ServicerContext
    ) -> pb.DisableAccountResponse:
        """An account that may do nothing from now on."""

        async def attempt() -> pb.DisableAccountResponse:
            answer = pb.DisableAccountResponse(enabled=False)
            await self._stand(accounts.disable, request, answer)
            return answer

        return await self.unit.once(request, pb.DisableAccountResponse, attempt)

    async def enable_account(
        self, request: pb.EnableAccountRequest, context: ServicerContext
    ) -> pb.EnableAccountResponse:
        """An account that may act again."""

        async def attempt() -> pb.EnableAccountResponse:
            answer = pb.EnableAccountResponse(enabled=True)
            await self._stand(accounts.enable, request, answer)
            return answer

        return await self.unit.once(request, pb.EnableAccountResponse, attempt)

    async def _stand(
        self,
        rule: Rule,
        request: pb.DisableAccountRequest | pb.EnableAccountRequest,
        answer: pb.DisableAccountResponse | pb.EnableAccountResponse,
    ) -> None:
        holdings, moment = await self.posts.held(request.account)
        standing = rule(holdings, actor(), request.reason)
        await self.posts.stand(standing, moment, request, answer)
