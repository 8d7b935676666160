"""`/me/delegations`: one's post for somebody else while on leave, and its end."""

from gateway.portal import Response, Visit, _, action, page
from kit.errors import Refusal
from proto.gen.minzheng.posts.v1.posts_pb import (
    DelegatePostRequest,
    EndDelegationRequest,
    ListOwnPostsRequest,
)

LABELS = {"account": "代理人账号", "validFrom": "起始日期", "validTo": "截止日期", "reason": "理由"}  # fmt: skip
PATH = "/me/delegations"


@page(PATH, asks=DelegatePostRequest, menu="委托代理", order=80)
async def delegations(visit: Visit) -> Response:
    """What was given, what one holds for others, and the form."""
    own = await visit.ask(ListOwnPostsRequest())
    taken = [one for one in own.posts if one.delegated_from]
    return visit.show("me/delegations.html", given=own.delegations, taken=taken)


@action(PATH, asks=DelegatePostRequest)
async def delegate(visit: Visit) -> Response:
    """Asked for; an administrator confirms it."""
    form = await visit.form()
    request = DelegatePostRequest(
        post_id=form["postId"], account=form["account"], valid_from=form["validFrom"],
        valid_to=form["validTo"], reason=form["reason"],
    )  # fmt: skip
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await delegations(visit.refused(refusal, LABELS))
    return visit.go(PATH, said=_("已提出委托，由安全管理员复核后生效。"))


@action(f"{PATH}/{{post}}/end", asks=EndDelegationRequest)
async def end(visit: Visit) -> Response:
    """Ended now."""
    form = await visit.form()
    request = EndDelegationRequest(
        post_id=visit.path["post"], request_id=form["request_id"], reason=form["endReason"]
    )
    await visit.ask(request)
    return visit.go(PATH, said=_("委托已终止。"))
