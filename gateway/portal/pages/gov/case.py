"""`/gov/cases/{filing_id}`: one case; beside the queue where a person came from there."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gateway.portal import Response, Visit, page
from gateway.portal.pages.gov.desk import INBOX, back_of
from gateway.portal.pages.gov.queue import queue
from gateway.portal.pages.gov.reading import seen
from gateway.portal.pages.gov.rule_words import WORDS
from kit.errors import Kind, Refusal
from proto.gen.minzheng.filing.v1.filing_pb import HistoryEntry, ListFilingsRequest


@page("/gov/cases/{filing_id}", asks=ListFilingsRequest)
async def case(visit: Visit) -> Response:
    """The case, alone or as the part beside the queue."""
    return await shown(visit, "gov/_case.html")


async def shown(visit: Visit, part: str, **values: Any) -> Response:
    """The case with a part of its own in the place of the work, beside the queue it came from."""
    filing_id, back = visit.path["filing_id"], back_of(visit)
    values = {"since": (), **WORDS, **values}
    if back.startswith(INBOX) and not visit.partial:
        asked = dict(parse_qsl(urlsplit(back).query))
        found = await queue(visit, asked, filing_id)
        if found.beside:
            return visit.show(
                "gov/inbox.html", queue=found, beside=part, seen=found.beside, **values
            )
    one = await seen(visit, filing_id, back)
    return visit.show("gov/case.html", part=part, seen=one, beside=part, **values)


async def again(
    visit: Visit, refusal: Refusal, part: str = "gov/_case.html", **values: Any
) -> Response:
    """The page a form was on, with what was typed and why it was refused; what changed meanwhile."""
    visit.refused(refusal)
    since = await changes(visit) if refusal.kind is Kind.STALE else ()
    return await shown(visit, part, since=since, **values)


async def changes(visit: Visit) -> Sequence[HistoryEntry]:
    """Steps that others have taken since the form was made."""
    assert visit.sent is not None
    one = await seen(visit, visit.path["filing_id"])
    known = int(visit.sent["version"] or 0)
    return [step for step in one.steps if step.version > known]
