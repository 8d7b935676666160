"""The secret of a subscription, shown once, and the signed test whose result stands on the page."""

from gateway.portal import Response, Visit, action
from gateway.portal.pages.dept.subscriptions import shown
from kit.errors import Refusal
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import (
    RotateSecretRequest,
    TestSubscriptionRequest,
)


@action("/dept/subscriptions/{subscription}/secret", asks=RotateSecretRequest)
async def secret(visit: Visit) -> Response:
    """A new secret: on this page, and nowhere else ever after."""
    form = await visit.form()
    about = visit.path["subscription"]
    request = RotateSecretRequest(subscription_id=about, request_id=form["request_id"])
    try:
        found = await visit.ask(request)
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return visit.show("dept/secret.html", secret=found.secret, subscription=about)


@action("/dept/subscriptions/{subscription}/test", asks=TestSubscriptionRequest)
async def test(visit: Visit) -> Response:
    """What came of a signed test event."""
    form = await visit.form()
    about = visit.path["subscription"]
    request = TestSubscriptionRequest(subscription_id=about, request_id=form["request_id"])
    try:
        found = await visit.ask(request)
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return await shown(visit, tested=found)
