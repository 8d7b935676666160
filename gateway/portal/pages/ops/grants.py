"""A post proposed, confirmed by the second administrator, or ended with a reason."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.finding import code_of
from gateway.portal.ops.posts import roles
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1.posts_pb import (
    ConfirmPostRequest,
    GrantPostRequest,
    RevokePostRequest,
)

LABELS = {"account": "账号", "role": "岗位", "regionCode": "地区", "validFrom": "起始日期", "validTo": "截止日期", "idNumber": "身份证号码"}  # fmt: skip


@page("/ops/users/grant", asks=GrantPostRequest)
async def grant(visit: Visit) -> Response:
    """For whom, which post, where, from when to when."""
    return visit.show("ops/grant.html", roles=roles())


@action("/ops/users/grant", asks=GrantPostRequest)
async def grant_now(visit: Visit) -> Response:
    """Proposed; it is in force once another administrator confirms it."""
    form = await visit.form()
    # What came as an identity number never goes back into a page.
    visit.typed = {key: text for key, text in visit.typed.items() if key != "idNumber"}
    request = GrantPostRequest(
        post_id=form["postId"],
        account=form["account"],
        role=Role.__members__.get(form["role"], Role.UNSPECIFIED),
        region_code=code_of(form["regionCode"]),
        valid_from=form["validFrom"],
        valid_to=form["validTo"],
        id_number=form["idNumber"],
    )
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await grant(visit.refused(refusal, LABELS))
    return visit.go("/ops/users?state=PROPOSED", said=_("已提出，须由另一位安全管理员复核后生效。"))


@page("/ops/users/posts/{post}", asks=(ConfirmPostRequest, RevokePostRequest))
async def ending(visit: Visit) -> Response:
    """Why a post ends."""
    return visit.show("ops/revoke.html", post=visit.path["post"])


@action("/ops/users/posts/{post}/confirm", asks=ConfirmPostRequest)
async def confirm(visit: Visit) -> Response:
    """The second administrator agrees."""
    form = await visit.form()
    await visit.ask(ConfirmPostRequest(post_id=visit.path["post"], request_id=form["request_id"]))
    return visit.go("/ops/users", said=_("已复核，岗位生效。"))


@action("/ops/users/posts/{post}/revoke", asks=RevokePostRequest)
async def revoke(visit: Visit) -> Response:
    """Ended at once, with all that was delegated from it."""
    form = await visit.form()
    request = RevokePostRequest(
        post_id=visit.path["post"], request_id=form["request_id"], reason=form["reason"]
    )
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await ending(visit.refused(refusal))
    return visit.go("/ops/users", said=_("岗位已撤销，即时生效。"))
