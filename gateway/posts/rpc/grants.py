"""Posts listed, proposed, confirmed and revoked."""

from grpc.aio import ServicerContext

from gateway.posts import domain, view
from gateway.posts.domain import Holdings, Outcome, Post
from gateway.posts.holders import holder
from gateway.posts.rpc.work import actor, expect_reach, page_after, page_of, reach
from gateway.posts.store import Posts
from kit.call import current
from kit.regions import hainan
from kit.unit import Unit
from proto.gen.minzheng.posts.v1 import posts_pb as pb

SOURCE_ENDED = "所代理的岗位已撤销"


class Grants:
    """What security administrators do, and what everybody sees of their own."""

    posts: Posts
    unit: Unit

    async def list_own_posts(
        self, request: pb.ListOwnPostsRequest, context: ServicerContext
    ) -> pb.ListOwnPostsResponse:
        """The caller's own posts that are in force or will be, and what they have delegated."""
        account = current().who.subject
        holdings, moment = await self.posts.held(account)
        today = moment.today
        own = [post for post in holdings.posts if post.granted and not post.over(today)]
        given = [post for post in await self.posts.delegated(account) if not post.over(today)]
        return pb.ListOwnPostsResponse(
            posts=[view.post(post, today) for post in own],
            delegations=[view.post(post, today) for post in given],
        )

    async def list_posts(
        self, request: pb.ListPostsRequest, context: ServicerContext
    ) -> pb.ListPostsResponse:
        """Posts under the caller's node, ended ones too, newest first."""
        who, (size, after) = current().who, page_of(request.page)
        path = reach(request.region) if request.region else who.region_path
        state = request.state.name if request.state else ""
        rows = await self.posts.listed(
            who.scope,
            path,
            size,
            after=after,
            state=state,
            of=request.import_id,
            account=request.account,
        )
        return pb.ListPostsResponse(
            posts=[view.post(post, moment.today) for post, moment in rows[:size]],
            page=page_after([post.post_id for post, _ in rows], size),
        )

    async def grant_post(
        self, request: pb.GrantPostRequest, context: ServicerContext
    ) -> pb.GrantPostResponse:
        """A post for another account, at a place in the caller's reach; it waits for confirmation."""
        reach(request.region_code)

        async def attempt() -> pb.GrantPostResponse:
            holdings, moment = await self.posts.held(request.account)
            who = holder(self.unit.keyring, request.post_id, request.id_number, moment.today)
            asked = view.asked(request, who)
            outcome = domain.propose(holdings, asked, actor(), moment, hainan())
            answer = pb.GrantPostResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.GrantPostResponse, attempt)

    async def confirm_post(
        self, request: pb.ConfirmPostRequest, context: ServicerContext
    ) -> pb.ConfirmPostResponse:
        """A post in the caller's reach in force, as its second person."""

        async def attempt() -> pb.ConfirmPostResponse:
            holdings, post, moment = await self.posts.load(request.post_id, current().who.scope)
            expect_reach(post.region_path)
            outcome = domain.confirm(holdings, post, actor(), moment)
            answer = pb.ConfirmPostResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.ConfirmPostResponse, attempt)

    async def revoke_post(
        self, request: pb.RevokePostRequest, context: ServicerContext
    ) -> pb.RevokePostResponse:
        """A post in the caller's reach ended now, and every delegation of it."""

        async def attempt() -> pb.RevokePostResponse:
            own, post, moment = await self.posts.load(request.post_id, current().who.scope)
            expect_reach(post.region_path)
            # What its account held before the delegations were read: one made since is met as Stale.
            affected = [post, *await self.posts.derived(request.post_id)]
            others = {one.account for one in affected} - {own.account}
            held, _ = await self.posts.held_by(others) if others else ({}, moment)
            held[own.account] = own

            def rule(holdings: Holdings, one: Post) -> Outcome:
                reason = request.reason if one.post_id == post.post_id else SOURCE_ENDED
                return domain.revoke(holdings, one, actor(), reason, moment)

            # By account: two revocations that meet wait for each other in one order.
            affected = [held[one.account].find(one.post_id) or one for one in affected]
            ordered = sorted(affected, key=lambda one: (one.account, one.post_id))
            outcomes = domain.in_turn(held, ordered, rule)
            ended = next(o.post for o in outcomes if o.post.post_id == post.post_id)
            answer = pb.RevokePostResponse(post=view.post(ended, moment.today))
            await self.posts.save_all(outcomes, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.RevokePostResponse, attempt)
