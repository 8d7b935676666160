"""`/ops/users`: who holds which post, proposed, confirmed and ended by two administrators."""

from gateway.portal import Response, Visit, page
from gateway.portal.finding import code_of
from gateway.portal.ops.posts import may_grant, states
from gateway.portal.query import chosen, listed
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.posts.v1.posts_pb import ListPostsRequest, PostState

PATH = "/ops/users"
SIZE = 50
FILTERS = ("account", "region", "state", "import_id")


@page(PATH, asks=ListPostsRequest, menu="用户与岗位", order=30)
async def users(visit: Visit) -> Response:
    """Posts by region, person, state or import."""
    sought = {name: visit.query.get(name, "").strip() for name in FILTERS}
    sought["region"] = code_of(sought["region"])
    asked = ListPostsRequest(
        account=sought["account"],
        region=sought["region"],
        state=chosen(PostState, sought["state"]),
        import_id=sought["import_id"],
        page=PageRequest(size=SIZE, token=visit.query.get("token", "")),
    )
    found, pager = await listed(visit, PATH, sought, asked)
    return visit.show(
        "ops/users.html",
        part="ops/_users.html",
        rows=found.posts if found else [],
        region=sought["region"],
        states=states(),
        may=may_grant(visit),
        **pager,
    )
