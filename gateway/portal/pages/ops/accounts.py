"""`/ops/accounts`: an account disabled at once, or enabled by another administrator."""

from gateway.portal import Response, Visit, _, action, page
from kit.errors import Refusal
from proto.gen.minzheng.posts.v1.posts_pb import DisableAccountRequest, EnableAccountRequest


@page("/ops/accounts", asks=DisableAccountRequest)
async def account(visit: Visit) -> Response:
    """Which account, and why."""
    return visit.show("ops/account.html", account=visit.query.get("account", ""))


@action("/ops/accounts/disable", asks=DisableAccountRequest)
async def disable(visit: Visit) -> Response:
    """The account may do nothing from now on."""
    return await settled(visit, DisableAccountRequest, _("账号已停用，其登录已结束。"))


@action("/ops/accounts/enable", asks=EnableAccountRequest)
async def enable(visit: Visit) -> Response:
    """The account may act again."""
    return await settled(visit, EnableAccountRequest, _("账号已恢复。"))


async def settled(
    visit: Visit, kind: type[DisableAccountRequest] | type[EnableAccountRequest], said: str
) -> Response:
    """Asked for with its reason."""
    form = await visit.form()
    request = kind(account=form["account"], request_id=form["request_id"], reason=form["reason"])
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await account(visit.refused(refusal))
    return visit.go("/ops/users", said=said)
