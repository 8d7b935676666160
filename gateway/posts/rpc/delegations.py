"""A post delegated for a leave, and taken back."""

from grpc.aio import ServicerContext

from gateway.posts import delegation, view
from gateway.posts.domain import Asked
from gateway.posts.rpc.work import actor
from gateway.posts.store import Posts
from kit.call import current
from kit.errors import not_found
from kit.unit import Unit
from proto.gen.minzheng.posts.v1 import posts_pb as pb


class Delegations:
    """What the holder of a post does with it."""

    posts: Posts
    unit: Unit

    async def delegate_post(
        self, request: pb.DelegatePostRequest, context: ServicerContext
    ) -> pb.DelegatePostResponse:
        """The post the caller acts under, for another account; it waits for an administrator."""

        async def attempt() -> pb.DelegatePostResponse:
            who = current().who
            held, moment = await self.posts.held_by((who.subject, request.account))
            own = held[who.subject]
            source = own.find(who.post_id)
            if source is None or not source.in_force(moment.today):
                raise not_found()
            first, last = view.day(request.valid_from), view.day(request.valid_to)
            asked = Asked(request.post_id, source.role, source.region_code, first, last)
            outcome = delegation.delegate(
                own, source, held[request.account], asked, actor(), request.reason, moment
            )
            answer = pb.DelegatePostResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.DelegatePostResponse, attempt)

    async def end_delegation(
        self, request: pb.EndDelegationRequest, context: ServicerContext
    ) -> pb.EndDelegationResponse:
        """A delegation ended now by its delegator or its holder; anybody else finds nothing."""

        async def attempt() -> pb.EndDelegationResponse:
            who = current().who
            holdings, post, moment = await self.posts.load(request.post_id, who.scope)
            outcome = delegation.end(holdings, post, actor(), request.reason, moment)
            answer = pb.EndDelegationResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.EndDelegationResponse, attempt)
