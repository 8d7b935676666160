"""The desk: persons in clear, guidance, an inbox taken over, lists and search."""

import asyncio
from datetime import date
from typing import Any

import pytest

from kit.errors import Refusal
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import CLERK, LEAD, RESIDENT, STREET, Filing, at
from tests.filing.test_timers import advance

COUNTY = at(Role.COUNTY_CLERK, "460106000000")
COLLEAGUE = at(Role.TOWN_CLERK, STREET, "colleague")
PURPOSE = pb.RevealPurpose.CONTACT


async def code_of(call: object) -> str:
    with pytest.raises(Refusal) as refused:
        await call  # type: ignore[misc]
    return refused.value.code


async def test_persons_in_clear_are_audited_and_limited(filing: Filing) -> None:
    filing_id = await filing.proposed()
    reveal: dict[str, Any] = {"filing_id": filing_id, "purpose": PURPOSE}
    answer = await filing.call("RevealPersons", CLERK, **reveal)
    assert len(answer.principals[0].id_number.strip("*")) == 18
    calls = [filing.call("RevealPersons", CLERK, **reveal) for _ in range(52)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refused = [found for found in answers if isinstance(found, Refusal)]
    assert len(answers) - len(refused) == 49, "fifty an hour, also when they come at once"
    assert {refusal.code for refusal in refused} == {"filing.reveal_limit"}
    assert (await filing.call("RevealPersons", LEAD, **reveal)).principals
    audit = await filing.database.pool.fetch(
        "SELECT outcome, reason, count(*) AS n FROM kit.audit WHERE action = 'reveal_personal'"
        " AND subject = $1 GROUP BY 1, 2 ORDER BY 1",
        CLERK.subject,
    )
    assert [tuple(row) for row in audit] == [
        ("done", "CONTACT", 50),
        ("refused", "filing.reveal_limit", 3),
    ]


async def test_a_closed_case_shows_nobody_in_clear(filing: Filing) -> None:
    filing_id = await filing.proposed()
    await filing.decide(filing_id)
    reveal = filing.call("RevealPersons", CLERK, filing_id=filing_id, purpose=PURPOSE)
    assert await code_of(reveal) == "filing.case_closed"


async def test_the_county_comments_and_decides_nothing(filing: Filing) -> None:
    filing_id = await filing.proposed()
    before = (await filing.call("GetFiling", CLERK, filing_id=filing_id)).filing
    written = {"guidance_id": str(uuid7()), "filing_id": filing_id, "text": "请核对章程条款"}
    answer = await filing.call("WriteGuidance", COUNTY, **written)
    assert await filing.call("WriteGuidance", COUNTY, **written) == answer
    after = (await filing.call("GetFiling", CLERK, filing_id=filing_id)).filing
    assert (after.state, after.proposed_decision) == (before.state, before.proposed_decision)
    found = (await filing.call("ListGuidance", CLERK, filing_id=filing_id)).guidance
    assert [(item.text, item.author_role) for item in found] == [
        ("请核对章程条款", Role.COUNTY_CLERK)
    ]
    for name in ("DecideFiling", "ProposeDecision"):
        assert await code_of(filing.call(name, COUNTY, filing_id=filing_id)) == "common.no_function"
    sibling = at(Role.COUNTY_CLERK, "460107000000")
    again = written | {"guidance_id": str(uuid7())}
    assert await code_of(filing.call("WriteGuidance", sibling, **again)) == "common.not_found"
    history = (await filing.call("GetHistory", RESIDENT, filing_id=filing_id)).entries
    assert "请核对章程条款" not in {entry.reason for entry in history}


async def test_a_colleague_takes_over_what_a_clerk_has_in_hand(filing: Filing) -> None:
    mine, ended = await filing.proposed("暖心"), await filing.proposed("守望")
    await filing.decide(ended)
    assert [f.filing_id for f in (await filing.call("ListInbox", CLERK, mine=True)).filings] == [
        mine
    ]
    take = {"from_account": CLERK.subject, "request_id": str(uuid7())}
    assert (await filing.call("TakeOverInbox", COLLEAGUE, **take)).count == 1
    assert (await filing.call("TakeOverInbox", COLLEAGUE, **take)).count == 1, "the same request"
    inbox = (await filing.call("ListInbox", COLLEAGUE, mine=True)).filings
    assert [(line.filing_id, line.handler) for line in inbox] == [(mine, "colleague")]
    assert not (await filing.call("ListInbox", CLERK, mine=True)).filings
    last = (await filing.call("GetHistory", CLERK, filing_id=mine)).entries[-1]
    assert (last.action, last.title) == ("take_over_inbox", "移交经办人")
    elsewhere = at(Role.TOWN_CLERK, "460106001000", "elsewhere")
    taken = await filing.call("TakeOverInbox", elsewhere, from_account="colleague")
    assert taken.count == 0, "only at the same authority"
    own = filing.call("TakeOverInbox", COLLEAGUE, from_account="colleague")
    assert await code_of(own) == "filing.own_inbox"


async def found(filing: Filing, who: Any = COUNTY, **conditions: Any) -> set[str]:
    answer = await filing.call("ListFilings", who, **conditions)
    return {line.name[15:-5] for line in answer.filings}


async def test_search_by_name_number_and_conditions(filing: Filing) -> None:
    first, second = await filing.proposed("暖心"), await filing.proposed("暖阳守望")
    await filing.draft("草稿")
    number = (await filing.decide(first)).filing
    assert await found(filing) == {"暖心", "暖阳守望"}
    assert await found(filing, search="暖心") == {"暖心"}
    assert await found(filing, search="阳守望") == {"暖阳守望"}
    assert await found(filing, search="大同里社区") == {"暖心", "暖阳守望"}
    assert await found(filing, search="望守") == set()
    assert await found(filing, search=number.filing_no) == {"暖心"}
    assert await found(filing, search=number.application_no) == {"暖心"}
    assert await found(filing, state=pb.FilingState.COMPLETENESS) == {"暖阳守望"}
    assert await found(filing, category=pb.Category.WTHD) == set()
    today = number.decided_on
    assert await found(filing, received_from=today, received_to=today) == {"暖心", "暖阳守望"}
    assert await found(filing, received_to="2021-01-01") == set()
    assert await found(filing, overdue=True) == set()
    assert await found(filing, at(Role.COUNTY_CLERK, "460107000000"), search="暖心") == set()
    assert await found(filing, LEAD, search="暖心") == {"暖心"}
    assert second


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ({"search": "暖"}, "filing.search_short"),
        ({"search": "  ·"}, "filing.search_short"),
        ({"received_from": "2026-02-30"}, "common.day"),
    ],
)
async def test_conditions_that_say_nothing_are_refused(
    filing: Filing, conditions: dict[str, str], code: str
) -> None:
    assert await code_of(filing.call("ListFilings", COUNTY, **conditions)) == code


async def test_overdue_cases_are_found_by_the_business_clock(filing: Filing) -> None:
    await filing.proposed("暖心")
    await advance(60)
    assert await found(filing, overdue=True) == {"暖心"}


async def test_history_is_read_by_pages(filing: Filing) -> None:
    filing_id = await filing.proposed()
    whole = (await filing.call("GetHistory", CLERK, filing_id=filing_id)).entries
    pages, token = [], ""
    for _ in range(10):
        page = PageRequest(size=3, token=token)
        answer = await filing.call("GetHistory", CLERK, filing_id=filing_id, page=page)
        pages += answer.entries
        token = answer.page.next_token
        if not token:
            break
    assert pages == whole
    assert date.fromisoformat(whole[0].on)
