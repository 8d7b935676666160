"""`/me`: who is signed in, the posts of the account, contact details."""

from gateway.portal import Response, Visit, page
from kit.errors import Refusal
from proto.gen.minzheng.notifications.v1.notifications_pb import GetContactRequest
from proto.gen.minzheng.posts.v1.posts_pb import ListOwnPostsRequest


@page("/me", asks=ListOwnPostsRequest, menu="我的信息", order=90)
async def profile(visit: Visit) -> Response:
    """The posts, and for the resident the contact details."""
    posts = (await visit.ask(ListOwnPostsRequest())).posts
    return visit.show("me/profile.html", posts=posts, contact=await contact_of(visit))


async def contact_of(visit: Visit) -> object:
    """Contact details; None under a post, which has none of its own."""
    try:
        return (await visit.ask(GetContactRequest())).contact
    except Refusal:
        return None
