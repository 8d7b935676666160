"""`/me`: who is signed in, the posts of the account, contact details."""

from collections.abc import Sequence

from gateway.portal import Response, Visit, page
from gateway.portal.saved import Saved
from kit.errors import Refusal
from proto.gen.minzheng.notifications.v1.notifications_pb import GetContactRequest
from proto.gen.minzheng.posts.v1.posts_pb import ListOwnPostsRequest


@page("/me", asks=ListOwnPostsRequest, menu="我的信息", order=90)
async def profile(visit: Visit) -> Response:
    """The posts, and for the resident the contact details."""
    posts = (await visit.ask(ListOwnPostsRequest())).posts
    return visit.show(
        "me/profile.html", posts=posts, contact=await contact_of(visit), saved=await saved_of(visit)
    )


async def saved_of(visit: Visit) -> Sequence[Saved]:
    """Filters of lists that the person saved."""
    return await visit.saved.of(visit.who.account) if visit.saved and visit.who else ()


async def contact_of(visit: Visit) -> object:
    """Contact details; None under a post, which has none of its own."""
    try:
        return (await visit.ask(GetContactRequest())).contact
    except Refusal:
        return None
