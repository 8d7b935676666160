"""The queue of an inbox: its parts with their counts, its rows, the case beside it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.portal import Visit
from gateway.portal.pages.gov.desk import CASES, INBOX, chip
from gateway.portal.pages.gov.reading import seen
from gateway.portal.pages.gov.seen import Seen
from gateway.portal.pages.gov.shelf import Shelf, shelf
from gateway.portal.pages.gov.tabs import DONE, TABS, tabs
from gateway.portal.query import address
from kit.errors import Kind, Refusal
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import (
    FilingSummary,
    InboxCounts,
    ListFilingsRequest,
    ListInboxRequest,
)

SIZE = 20


@dataclass(frozen=True, slots=True)
class Queue:
    """What an inbox shows."""

    tabs: list[tuple[str, str, int, bool]]
    rows: list[tuple[FilingSummary, tuple[str, str, str], str]]
    """Case, time left, address of the case beside this queue."""
    chosen: str
    beside: Seen | None
    here: str
    """Address of this part, without the case."""
    first: str
    following: str
    tab: str
    shelf: Shelf


async def queue(visit: Visit, asked: Mapping[str, Any], chosen: str = "") -> Queue:
    """The queue for the parameters of an inbox, with the chosen case or the first one beside it."""
    tab = asked.get("tab", "") if asked.get("tab", "") in (*TABS, DONE) else ""
    token = asked.get("page", "")
    page = PageRequest(size=SIZE, token=token)
    found, counts = await answers(visit, tab, page)
    place = address(INBOX, tab=tab, page=token)
    every, after = tabs(visit, tab, counts), found.page.next_token
    here = [label for label, *_more, here in every if here]
    chosen = chosen or asked.get("case", "") or next((one.filing_id for one in found.filings), "")
    return Queue(
        tabs=every,
        rows=[
            (one, chip(one), address(f"{CASES}/{one.filing_id}", back=place))
            for one in found.filings
        ],
        chosen=chosen,
        beside=None if visit.partial or not chosen else await beside(visit, chosen, place),
        here=place,
        first=address(INBOX, tab=tab) if token else "",
        following=address(INBOX, tab=tab, page=after) if after else "",
        tab=tab,
        shelf=await shelf(visit, INBOX, {"tab": tab}, here),
    )


async def answers(visit: Visit, tab: str, page: PageRequest) -> tuple[Any, InboxCounts]:
    """The rows of a part, and how much is in each; what is done is a list with pages of its own."""
    if tab != DONE:
        found = await visit.ask(ListInboxRequest(page=page, tab=TABS[tab], counted=True))
        return found, found.counts
    found, inbox = await asyncio.gather(
        visit.ask(ListFilingsRequest(page=page, done_by_me=True)),
        visit.ask(ListInboxRequest(page=PageRequest(size=1), counted=True)),
    )
    return found, inbox.counts


async def beside(visit: Visit, filing_id: str, back: str) -> Seen | None:
    """The case beside the queue; None for one that is no case, or out of reach meanwhile."""
    try:
        return await seen(visit, filing_id, back)
    except Refusal as refusal:
        if refusal.kind in (Kind.NOT_FOUND, Kind.INVALID):
            return None
        raise
