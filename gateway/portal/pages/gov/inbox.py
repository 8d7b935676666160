"""`/gov/inbox`: what waits for the post, the least time left first, the case beside the queue."""

from gateway.portal import Response, Visit, page
from gateway.portal.pages.gov.queue import queue
from gateway.portal.pages.gov.rule_words import WORDS
from proto.gen.minzheng.filing.v1.filing_pb import ListInboxRequest


@page("/gov/inbox", asks=ListInboxRequest, menu="待办", order=10)
async def inbox(visit: Visit) -> Response:
    """The queue and the case; a desk asks for the queue alone each minute."""
    found = await queue(visit, visit.query)
    return visit.show(
        "gov/inbox.html",
        part="gov/_queue.html",
        queue=found,
        seen=found.beside,
        beside="gov/_case.html",
        since=(),
        **WORDS,
    )
