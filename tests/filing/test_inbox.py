"""The inbox: its parts and their counts, the least time left first, names that are alike, who may have a part."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kit.access import Filter
from kit.identity import Caller
from kit.ids import uuid7
from kit.regions import hainan
from kit.sql import bind
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import names
from services.filing.domain.case import State
from services.filing.domain.clocks import hours_left, limit
from services.filing.domain.place import place_of
from services.filing.store.lists import Page, Tab, query
from services.filing.store.lists import counts as counts_of
from services.filing.store.write import COLUMNS
from tests.filing.service import CLERK, LEAD, STREET, VILLAGE, Filing
from tests.filing.test_desk import COLLEAGUE, COUNTY
from tests.filing.test_timers import advance

TABS = pb.InboxTab
SCOPE = "SELECT qual FROM pg_policies WHERE tablename = 'filing'"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = $1"


async def counts(filing: Filing, who: Caller) -> tuple[int, ...]:
    found = (await filing.call("ListInbox", who, counted=True)).counts
    return found.waiting, found.overdue, found.within_day, found.correction, found.done


async def brands(filing: Filing, who: Caller, *, of: str = "ListInbox", **asked: Any) -> list[str]:
    return [line.name[15:-5] for line in (await filing.call(of, who, **asked)).filings]


@pytest.mark.policy("T11.2")
async def test_parts_and_their_counts(filing: Filing) -> None:
    await filing.proposed("暖心")
    returned = await filing.draft("守望")
    await filing.submit(returned)
    await filing.call("GiveVillageOpinion", VILLAGE, filing_id=returned, opinion=pb.VillageOpinion.AGREE)  # fmt: skip
    await filing.submit(await filing.draft("晨光"))
    assert await brands(filing, CLERK) == ["暖心", "守望"]
    await filing.mark(returned, B05="UNREADABLE")
    await filing.call("ReturnForCorrection", CLERK, filing_id=returned)
    assert await counts(filing, CLERK) == (1, 0, 0, 1, 2)
    assert await counts(filing, LEAD) == (1, 0, 0, 1, 0)
    assert await counts(filing, COLLEAGUE) == (1, 0, 0, 1, 0)
    assert await counts(filing, VILLAGE) == (1, 0, 0, 0, 2)
    assert await brands(filing, CLERK, tab=TABS.CORRECTION) == ["守望"]
    assert await brands(filing, LEAD, tab=TABS.CORRECTION) == ["守望"]
    assert await brands(filing, VILLAGE, tab=TABS.CORRECTION) == []
    done = await brands(filing, VILLAGE, of="ListFilings", done_by_me=True)
    assert done == ["守望", "暖心"]
    assert await brands(filing, COUNTY, of="ListFilings", done_by_me=True) == []


async def test_the_last_day_and_the_days_after_it(filing: Filing) -> None:
    filing_id = await filing.proposed("暖心")
    due = date.fromisoformat((await filing.call("GetFiling", CLERK, filing_id=filing_id)).filing.due_on)  # fmt: skip
    today = date.fromisoformat((await filing.call("GetHistory", CLERK, filing_id=filing_id)).entries[-1].on)  # fmt: skip
    line = (await filing.call("ListInbox", CLERK)).filings[0]
    assert (line.due_on, line.hours_left > 24) == (due.isoformat(), True)
    await advance((due - today).days)
    assert (await counts(filing, LEAD))[:3] == (1, 0, 1)
    line = (await filing.call("ListInbox", CLERK, tab=TABS.WITHIN_DAY)).filings[0]
    assert 0 < line.hours_left <= 24
    await advance(1)
    assert (await counts(filing, LEAD))[:3] == (1, 1, 0)
    line = (await filing.call("ListInbox", CLERK, tab=TABS.OVERDUE)).filings[0]
    assert -24 < line.hours_left <= 0


async def test_the_least_time_left_comes_first_page_by_page(filing: Filing) -> None:
    first = await filing.proposed("暖心")
    await advance(7)
    await filing.proposed("守望")
    await advance(7)
    await filing.proposed("晨光")
    await filing.call("DecideFiling", LEAD, filing_id=first, agree=False, note="请补充意见")
    seen, token = [], ""
    while True:
        answer = await filing.call("ListInbox", CLERK, page=PageRequest(size=1, token=token))
        seen += [line.name[15:-5] for line in answer.filings]
        token = answer.page.next_token
        if not token:
            break
    assert seen == ["暖心", "守望", "晨光"]


@pytest.mark.parametrize("tab", [Tab.WAITING, Tab.OVERDUE, Tab.CORRECTION])
@pytest.mark.parametrize("column", ["authority", "community"])
async def test_an_inbox_is_read_in_the_order_it_lies_in(
    filing: Filing, tab: Tab, column: str
) -> None:
    first = Page(20, tab=tab)
    pages = (first, replace(first, after=str(uuid7()), after_due=date(2026, 11, 2)))
    async with filing.database.pool.acquire() as connection, connection.transaction():
        for way in ("seqscan", "bitmapscan", "sort"):
            await connection.execute(f"SET LOCAL enable_{way} = off")
        for page in pages:
            text, values = query(Filter(column, STREET), page)
            asked, arguments = bind(f"EXPLAIN {text}", values | {"scope": "r:/"})
            plan = "\n".join(row[0] for row in await connection.fetch(asked, *arguments))
            assert f"filing_open_{column}" in plan, plan
            [condition] = [line for line in plan.splitlines() if "Index Cond:" in line]
            assert ("> ROW(" in condition) == bool(page.after), plan


@pytest.mark.parametrize("column", ["authority", "community"])
async def test_the_parts_of_an_inbox_can_be_counted_without_a_case_being_read(
    filing: Filing, column: str
) -> None:
    text, _ = counts_of(Filter(column, STREET), "someone", None)
    scope = await filing.database.pool.fetchval(SCOPE)
    index = await filing.database.pool.fetchval(INDEX, f"filing_open_{column}")
    used = [name for name in COLUMNS if re.search(rf"\b{name}\b", text + scope)]
    assert {"state", "decide_due", "owner", column} <= {*used}
    carried = index.partition("INCLUDE (")[2].partition(")")[0].split(", ")
    assert {*used} - {*carried, column, "filing_id"} == set()


async def test_what_one_has_done_is_counted_by_a_list_of_ids_and_no_join(filing: Filing) -> None:
    text, values = counts_of(Filter("authority", STREET), "someone", None)
    asked, arguments = bind(f"EXPLAIN {text}", values | {"scope": "r:/"})
    plan = "\n".join(row[0] for row in await filing.database.pool.fetch(asked, *arguments))
    assert "filing_id = ANY" in plan, plan
    assert not [way for way in ("Join", "Nested Loop", "SubPlan") if way in plan], plan


async def test_who_proposed_sees_that_and_what_is_proposed(filing: Filing) -> None:
    filing_id = await filing.proposed("暖心")
    await filing.call(
        "ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.REFUSE,
        grounds=[pb.RefusalGround.FOR_PROFIT], reason="章程写明分红",
    )  # fmt: skip
    for who, own in ((CLERK, True), (LEAD, False)):
        case = (await filing.call("GetFiling", who, filing_id=filing_id)).filing
        assert (case.own_proposal, case.recused) == (own, False)
        assert list(case.proposed_grounds) == [pb.RefusalGround.FOR_PROFIT]
        assert case.proposed_reason == "章程写明分红"


async def test_filed_names_of_the_county_that_are_alike(filing: Filing) -> None:
    await filing.decide(await filing.proposed("暖心"))
    again = await filing.proposed("暖心社区")
    other = await filing.proposed("晨光")
    answer = await filing.call("GetFiling", LEAD, filing_id=again)
    assert [name[15:] for name in answer.similar_names] == ["暖心志愿服务队"]
    assert not (await filing.call("GetFiling", LEAD, filing_id=other)).similar_names


def test_half_of_the_pairs_of_characters() -> None:
    node = hainan().get("460106004002")
    place = place_of(node, hainan().get("460106004000"))
    start = "海口市龙华区大同街道大同里社区"
    others = [f"{start}{own}" for own in ("暖心志愿服务队", "暖心合唱队", "暖心志愿队")]
    own = f"{start}暖心志愿服务队"
    assert names.alike(own, place, others) == (others[2],), "itself is not like itself"
    assert names.brand(own, place) == "暖心"


@pytest.mark.parametrize(
    ("due", "hours"),
    [(date(2026, 11, 29), 7), (date(2026, 11, 30), 31), (date(2026, 11, 28), -17), (None, 0)],
)
def test_hours_until_a_day_is_over(due: date | None, hours: int) -> None:
    at = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    assert hours_left(due, date(2026, 11, 29), at) == hours


def test_the_limit_of_a_state() -> None:
    opinion, correction, decision = (date(2026, 11, day) for day in (1, 2, 3))
    for state, due in (
        (State.VILLAGE_REVIEW, opinion),
        (State.CORRECTION, correction),
        (State.NOTICE_PERIOD, decision),
        (State.FILED, None),
    ):
        assert limit(state, opinion, correction, decision) == due
