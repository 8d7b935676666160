"""`/dept/subscriptions`: what departments subscribe to, what civil affairs decides about it."""

from typing import Any

from gateway.portal import Response, Visit, page
from gateway.portal.dept.acts import acts, may_request
from gateway.portal.dept.catalog import titles
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import (
    GetSubscriptionRequest,
    ListSubscriptionsRequest,
)

SIZE = 20


@page("/dept/subscriptions", asks=ListSubscriptionsRequest, menu="事件订阅", order=10)
async def subscriptions(visit: Visit) -> Response:
    """A department's own; for civil affairs those of its region."""
    token = visit.query.get("token", "")
    found = await visit.ask(ListSubscriptionsRequest(page=PageRequest(size=SIZE, token=token)))
    following = (
        f"/dept/subscriptions?token={found.page.next_token}" if found.page.next_token else ""
    )
    return visit.show(
        "dept/subscriptions.html", rows=found.subscriptions, titles=titles(),
        may_request=may_request(visit), first="/dept/subscriptions" if token else "",
        following=following,
    )  # fmt: skip


@page("/dept/subscriptions/{subscription}", asks=GetSubscriptionRequest)
async def subscription(visit: Visit) -> Response:
    """One subscription with what may be done."""
    return await shown(visit)


async def shown(visit: Visit, **more: Any) -> Response:
    """The page of a subscription; `tested` is what came of a test."""
    request = GetSubscriptionRequest(subscription_id=visit.path["subscription"])
    found = (await visit.ask(request)).subscription
    values = {"tested": None} | more
    return visit.show(
        "dept/subscription.html", one=found, acts=acts(visit, found), titles=titles(), **values
    )
