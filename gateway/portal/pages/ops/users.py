"""`/ops/users`: who holds which post, proposed, confirmed and ended by two administrators."""

from urllib.parse import urlencode

from gateway.portal import Response, Visit, page
from gateway.portal.ops.posts import may_grant, states
from gateway.portal.places import counties
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.posts.v1.posts_pb import ListPostsRequest, ListPostsResponse, PostState

SIZE = 50
KEPT = ("account", "region", "state", "import_id")


@page("/ops/users", asks=ListPostsRequest, menu="用户与岗位", order=30)
async def users(visit: Visit) -> Response:
    """Posts by region, person, state or import."""
    try:
        found = await listed(visit)
    except Refusal as refusal:
        visit.refused(refusal)
        found = ListPostsResponse()
    places = [(one.code, one.full_name) for one in counties()]
    return visit.show(
        "ops/users.html", part="ops/_users.html", rows=found.posts, places=places,
        states=states(), may=may_grant(visit), following=following(visit, found),
        first=address(visit) if visit.query.get("token") else "",
    )  # fmt: skip


async def listed(visit: Visit) -> ListPostsResponse:
    """The posts asked for."""
    asked = {key: visit.query.get(key, "").strip() for key in KEPT}
    state = asked.pop("state")
    known = PostState.__members__.get(state, PostState.UNSPECIFIED)
    page_asked = PageRequest(size=SIZE, token=visit.query.get("token", ""))
    found: ListPostsResponse = await visit.ask(
        ListPostsRequest(page=page_asked, state=known, **asked)
    )
    return found


def address(visit: Visit, **more: str) -> str:
    """This list with its filters."""
    kept = {key: visit.query[key] for key in KEPT if visit.query.get(key)}
    return f"/ops/users?{urlencode(kept | more)}"


def following(visit: Visit, found: ListPostsResponse) -> str:
    """The next page; empty on the last one."""
    token = found.page.next_token if found.page else ""
    return address(visit, token=token) if token else ""
