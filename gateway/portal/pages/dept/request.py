"""`/dept/subscriptions/new`: a subscription asked for, after a look at what would come."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.dept.acts import places
from gateway.portal.dept.catalog import kinds
from kit.errors import Refusal
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import RequestSubscriptionRequest

LABELS = {"types": "事件类型", "regionCode": "地区", "purpose": "用途", "url": "接收地址", "networks": "接收地址所在网段"}  # fmt: skip


@page("/dept/subscriptions/new", asks=RequestSubscriptionRequest)
async def request(visit: Visit) -> Response:
    """Types with samples, region, purpose, address, networks."""
    return visit.show("dept/request.html", kinds=kinds(), places=places(visit))


@action("/dept/subscriptions/new", asks=RequestSubscriptionRequest)
async def request_now(visit: Visit) -> Response:
    """Asked for; the next step is the county's or the province's."""
    form = await visit.form()
    asked = RequestSubscriptionRequest(
        subscription_id=form["subscriptionId"],
        region_code=form["regionCode"],
        types=form.all("types"),
        purpose=form["purpose"],
        url=form["url"],
        networks=[line.strip() for line in form["networks"].splitlines() if line.strip()],
    )
    try:
        found = (await visit.ask(asked)).subscription
    except Refusal as refusal:
        return await request(visit.refused(refusal, LABELS))
    said = _("已提出申请，批准后请领取签名密钥并试送达。")
    return visit.go(f"/dept/subscriptions/{found.subscription_id}", said=said)
