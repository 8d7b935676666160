"""`/dept/catalog`: what there is to take, on which ways, with samples and contracts."""

from gateway.portal import Response, Visit, page
from gateway.portal.dept.acts import may_request
from gateway.portal.dept.catalog import fields, kinds
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import ListSubscriptionsRequest


@page("/dept/catalog", asks=ListSubscriptionsRequest, menu="数据目录与接口", order=30)
async def catalog(visit: Visit) -> Response:
    """Types, fields, ways."""
    return visit.show(
        "dept/catalog.html", kinds=kinds(), fields=fields(), may_request=may_request(visit)
    )
