"""The RPCs of posts."""

from uuid import UUID

from grpc.aio import ServicerContext

from gateway.posts import domain, view
from gateway.posts.domain import Actor
from gateway.posts.store import Posts
from kit.access import Subject, require
from kit.call import current
from kit.paging import decode, encode
from kit.regions import hainan
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.posts.v1 import posts_pb as pb
from proto.gen.minzheng.posts.v1.posts_pb_grpc import PostsServiceService

SIZE = 20


class PostsRpc(PostsServiceService):
    """The servicer."""

    def __init__(self, posts: Posts, unit: Unit) -> None:
        self.posts = posts
        self.unit = unit

    async def list_own_posts(
        self, request: pb.ListOwnPostsRequest, context: ServicerContext
    ) -> pb.ListOwnPostsResponse:
        """The caller's own posts that are in force or will be."""
        holdings, moment = await self.posts.held(current().who.subject)
        shown = [
            view.post(post, moment.today)
            for post in holdings.posts
            if post.revoked_at is None and not post.over(moment.today)
        ]
        return pb.ListOwnPostsResponse(posts=shown)

    async def list_posts(
        self, request: pb.ListPostsRequest, context: ServicerContext
    ) -> pb.ListPostsResponse:
        """Posts under the caller's node, ended ones too, newest first."""
        asked, who = request.page or PageRequest(), current().who
        size = asked.size or SIZE
        path = reach(request.region) if request.region else who.region_path
        (after,) = decode(asked.token, UUID) if asked.token else ("",)
        rows = await self.posts.listed(who.scope, path, size, str(after))
        token = encode(rows[size - 1][0].post_id) if len(rows) > size else ""
        return pb.ListPostsResponse(
            posts=[view.post(post, moment.today) for post, moment in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def grant_post(
        self, request: pb.GrantPostRequest, context: ServicerContext
    ) -> pb.GrantPostResponse:
        """A post for another account, at a place in the caller's reach."""
        reach(request.region_code)

        async def attempt() -> pb.GrantPostResponse:
            holdings, moment = await self.posts.held(request.account)
            outcome = domain.grant(holdings, view.asked(request), actor(), moment, hainan())
            answer = pb.GrantPostResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.GrantPostResponse, attempt)

    async def revoke_post(
        self, request: pb.RevokePostRequest, context: ServicerContext
    ) -> pb.RevokePostResponse:
        """A post in the caller's reach ended now."""

        async def attempt() -> pb.RevokePostResponse:
            call = current()
            holdings, post, moment = await self.posts.load(request.post_id, call.who.scope)
            require(call.access, call.who, subject_at(post.region_path))
            outcome = domain.revoke(holdings, post, actor(), request.reason, moment)
            answer = pb.RevokePostResponse(post=view.post(outcome.post, moment.today))
            await self.posts.save(outcome, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.RevokePostResponse, attempt)


def actor() -> Actor:
    """The caller as the rules see them."""
    who = current().who
    return Actor(who.subject, who.person_key)


def reach(code: str) -> str:
    """Path of a place the caller reaches; Refusal region.unknown or 404 out of reach."""
    call, node = current(), hainan().get(code)
    require(call.access, call.who, subject_at(node.path))
    return node.path


def subject_at(path: str) -> Subject:
    """A post as the policy table sees it: only its place counts."""
    return Subject(owner="", authority_code="", authority_path=path, community_code="", state="")
