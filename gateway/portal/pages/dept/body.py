"""`/dept/deliveries/body`: an event as it is delivered, read from the feed at its cursor."""

from gateway.portal import Response, Visit, page
from gateway.portal.dept.catalog import printed, titles
from kit.errors import not_found
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import ListEventsRequest


@page("/dept/deliveries/body", asks=ListEventsRequest)
async def body(visit: Visit) -> Response:
    """One event; out of the department's reach it is as if it were not there."""
    cursor = visit.query.get("cursor", "")
    before = int(cursor) - 1 if cursor.isascii() and cursor.isdigit() else -1
    if before < 0 or len(cursor) > 18:
        raise not_found()
    found = await visit.ask(ListEventsRequest(after=str(before or ""), size=1))
    if not found.events or found.cursor != cursor:
        raise not_found()
    event = found.events[0]
    return visit.show("dept/body.html", event=event, text=printed(event), titles=titles())
