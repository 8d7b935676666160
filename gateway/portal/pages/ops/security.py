"""`/ops/security`: what holds for every sign-on; the sessions of an account, and their end."""

from urllib.parse import quote

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.ops.posts import may_grant
from kit.errors import Refusal
from proto.gen.minzheng.sessions.v1.sessions_pb import (
    EndSessionsRequest,
    GetSignOnPolicyRequest,
    ListSessionsRequest,
)


@page("/ops/security", asks=GetSignOnPolicyRequest, menu="会话与策略", order=40)
async def security(visit: Visit) -> Response:
    """The policy; sessions of the account asked for, for who may see them."""
    policy = (await visit.ask(GetSignOnPolicyRequest())).policy
    account = visit.typed.get("account", visit.query.get("account", "")).strip()
    may = may_grant(visit)
    sessions = None
    if account and may:
        sessions = (await visit.ask(ListSessionsRequest(account=account))).sessions
    return visit.show(
        "ops/security.html", policy=policy, account=account, sessions=sessions, may=may
    )


@action("/ops/security/end", asks=EndSessionsRequest)
async def end(visit: Visit) -> Response:
    """One session or all of an account."""
    form = await visit.form()
    request = EndSessionsRequest(
        account=form["account"], request_id=form["request_id"], session_id=form["session"],
        reason=form["reason"],
    )  # fmt: skip
    try:
        done = await visit.ask(request)
    except Refusal as refusal:
        return await security(visit.refused(refusal))
    said = _("已结束 %(number)s 个登录会话。") % {"number": done.ended}
    return visit.go(f"/ops/security?account={quote(form['account'], safe='')}", said=said)
