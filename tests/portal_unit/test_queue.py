"""The queue of an inbox: which answers its parts and pages are made of."""

from collections.abc import Sequence
from typing import Any

from protobuf import Message

from gateway.portal import Who
from gateway.portal.pages.gov.queue import queue
from gateway.portal.saved import Saved
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageResponse
from proto.gen.minzheng.filing.v1.filing_pb import (
    InboxCounts,
    ListFilingsRequest,
    ListFilingsResponse,
    ListInboxResponse,
)


class Nothing:
    """Nobody saved a filter."""

    async def of(self, _account: str) -> Sequence[Saved]:
        return ()


class Asked:
    """A visit of a clerk that notes what is asked."""

    role = Role.TOWN_CLERK
    partial = False
    who = Who("anna", "", Role.TOWN_CLERK, "", "", "", "")
    saved = Nothing()

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def ask(self, message: Message) -> Message:
        self.messages.append(message)
        if isinstance(message, ListFilingsRequest):
            return ListFilingsResponse(page=PageResponse(next_token="later"))
        return ListInboxResponse(counts=InboxCounts(done=41), page=PageResponse())

    def tokens(self) -> dict[str, str]:
        return {type(one).__name__: one.page.token for one in self.messages}


async def test_a_later_page_of_what_is_done_is_no_page_of_the_inbox() -> None:
    visit = Asked()
    found = await queue(visit, {"tab": "done", "page": "second"})  # type: ignore[arg-type]
    assert visit.tokens() == {"ListFilingsRequest": "second", "ListInboxRequest": ""}
    assert found.tabs[-1][2] == 41
    assert "page=later" in found.following


async def test_a_part_that_waits_is_one_answer() -> None:
    visit = Asked()
    await queue(visit, {"tab": "late", "page": "second"})  # type: ignore[arg-type]
    assert visit.tokens() == {"ListInboxRequest": "second"}
