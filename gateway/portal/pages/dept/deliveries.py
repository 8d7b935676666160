"""`/dept/deliveries`: what went out, what waits, and a range sent again."""

from urllib.parse import urlencode

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.dept.acts import acts
from gateway.portal.dept.catalog import titles
from gateway.portal.dept.ranges import typed_time
from kit.errors import Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import (
    ListDeliveriesRequest,
    ListDeliveriesResponse,
    ListSubscriptionsRequest,
    RedeliverEventsRequest,
    Subscription,
    SubscriptionState,
)

SIZE, MOST = 50, 100
STARTED = (SubscriptionState.LIVE, SubscriptionState.PAUSED, SubscriptionState.ENDED)


@page("/dept/deliveries", asks=ListDeliveriesRequest, menu="投递记录", order=20)
async def deliveries(visit: Visit) -> Response:
    """The log of one subscription, the newest one unless another is chosen."""
    asked = ListSubscriptionsRequest(page=PageRequest(size=MOST))
    every = [one for one in (await visit.ask(asked)).subscriptions if one.state in STARTED]
    chosen = visit.typed.get("subscription", visit.query.get("subscription", ""))
    one = next((one for one in every if one.subscription_id == chosen), every[0] if every else None)
    found = await log_of(visit, one) if one else None
    return visit.show(
        "dept/deliveries.html", part="dept/_deliveries.html", every=every, one=one, found=found,
        acts=acts(visit, one) if one else (), titles=titles(),
        waiting="waiting" in visit.query, link=lambda **kept: link(one, **kept),
        following=following(visit, one, found),
    )  # fmt: skip


async def log_of(visit: Visit, one: Subscription) -> ListDeliveriesResponse:
    """A page of the log."""
    page_asked = PageRequest(size=SIZE, token=visit.query.get("token", ""))
    request = ListDeliveriesRequest(
        subscription_id=one.subscription_id, page=page_asked, waiting="waiting" in visit.query
    )
    found: ListDeliveriesResponse = await visit.ask(request)
    return found


def link(one: Subscription | None, **kept: str) -> str:
    """The log of a subscription with these parameters."""
    known = {"subscription": one.subscription_id} if one else {}
    return f"/dept/deliveries?{urlencode(known | kept)}"


def following(visit: Visit, one: Subscription | None, found: ListDeliveriesResponse | None) -> str:
    """The next page; empty on the last one."""
    token = found.page.next_token if found and found.page else ""
    kept = {"waiting": "yes"} if "waiting" in visit.query else {}
    return link(one, **kept, token=token) if token else ""


@action("/dept/deliveries/redeliver", asks=RedeliverEventsRequest)
async def redeliver(visit: Visit) -> Response:
    """Events of a range once more."""
    form = await visit.form()
    request = RedeliverEventsRequest(
        subscription_id=form["subscription"], request_id=form["request_id"],
        from_time=typed_time(form["fromTime"]), to_time=typed_time(form["toTime"]),
    )  # fmt: skip
    try:
        done = await visit.ask(request)
    except Refusal as refusal:
        return await deliveries(visit.refused(refusal))
    said = _("%(number)s 个事件将重新投递。") % {"number": done.events}
    return visit.go(f"/dept/deliveries?subscription={form['subscription']}", said=said)
