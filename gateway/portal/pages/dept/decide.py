"""What is done with a subscription: decided, stopped, resumed, ended."""

from protobuf import Message

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.dept.subscriptions import shown
from kit.errors import Refusal
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import (
    ApproveSubscriptionRequest,
    EndSubscriptionRequest,
    PauseSubscriptionRequest,
    RefuseSubscriptionRequest,
    ResumeSubscriptionRequest,
)

PATH = "/dept/subscriptions/{subscription}"
Deciding = type[ApproveSubscriptionRequest] | type[ResumeSubscriptionRequest]
Reasoned = type[RefuseSubscriptionRequest] | type[PauseSubscriptionRequest] | type[EndSubscriptionRequest]  # fmt: skip


async def done(visit: Visit, request: Message, said: str) -> Response:
    """Asked, and back to the subscription; what can be mended comes back with what was typed."""
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return visit.go(f"/dept/subscriptions/{visit.path['subscription']}", said=said)


async def plain(visit: Visit, kind: Deciding, said: str) -> Response:
    """An act that needs no words."""
    form = await visit.form()
    about = visit.path["subscription"]
    return await done(visit, kind(subscription_id=about, request_id=form["request_id"]), said)


async def reasoned(visit: Visit, kind: Reasoned, said: str) -> Response:
    """An act with its reason."""
    form = await visit.form()
    request = kind(
        subscription_id=visit.path["subscription"], request_id=form["request_id"],
        reason=form["reason"],
    )  # fmt: skip
    return await done(visit, request, said)


@action(f"{PATH}/approve", asks=ApproveSubscriptionRequest)
async def approve(visit: Visit) -> Response:
    """The second person agrees."""
    return await plain(visit, ApproveSubscriptionRequest, _("已批准，已通知申请部门。"))


@action(f"{PATH}/refuse", asks=RefuseSubscriptionRequest)
async def refuse(visit: Visit) -> Response:
    """The second person does not."""
    return await reasoned(visit, RefuseSubscriptionRequest, _("不予批准，已通知申请部门。"))


@action(f"{PATH}/pause", asks=PauseSubscriptionRequest)
async def pause(visit: Visit) -> Response:
    """Deliveries stand still."""
    return await reasoned(visit, PauseSubscriptionRequest, _("已暂停推送，期间的事件均予保留。"))


@action(f"{PATH}/resume", asks=ResumeSubscriptionRequest)
async def resume(visit: Visit) -> Response:
    """Deliveries go on."""
    return await plain(visit, ResumeSubscriptionRequest, _("已恢复推送。"))


@action(f"{PATH}/end", asks=EndSubscriptionRequest)
async def end(visit: Visit) -> Response:
    """The end, for good."""
    return await reasoned(visit, EndSubscriptionRequest, _("订阅已终止。"))
