"""The audit trail searched: by who, what, which and when, newest first, and the search audited."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kit.calendar import ZONE
from kit.errors import Refusal
from kit.operations.trail import LONGEST, Search, period
from kit.paging import encode
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.operations.v1.operations_pb import AuditEntry, SearchAuditRequest
from tests.kit.operations.conftest import AUDITOR, Desk

INSERT = """INSERT INTO kit.audit (service, at, subject, role, post_id, action, object_id,
 region_path, outcome, reason, from_state, to_state, rule_version, decision_id, traceparent)
 SELECT 'filing', at, 'clerk-' || n % 3, 'TOWN_CLERK', '', (ARRAY['decide','submit'])[1 + n % 2],
 'case-' || n % 5, '/460000000000/460100000000/', (ARRAY['done','refused'])[1 + (n % 10 = 0)::int],
 'r' || n, '', '', '', gen_random_uuid(), '00-' || repeat('a', 32) || '-' || repeat('b', 16) || '-01'
 FROM unnest($1::timestamptz[]) WITH ORDINALITY AS t (at, n)"""
TODAY = date(2026, 11, 29)


async def written(desk: Desk, hours: int) -> list[datetime]:
    """A row an hour up to now, each second one a little earlier than the one before it."""
    now = datetime.now(UTC)
    times = [now - timedelta(hours=hours - n, minutes=30 * (n % 2)) for n in range(1, hours + 1)]
    await desk.database.pool.execute(INSERT, times)
    return times


async def search(desk: Desk, **asked: object) -> list[AuditEntry]:
    """Every page of a search."""
    found: list[AuditEntry] = []
    token = ""
    while True:
        page = PageRequest(size=7, token=token)
        request = SearchAuditRequest(workload="filing", page=page, **asked)  # type: ignore[arg-type]
        answer = await desk.ask(request, AUDITOR)
        found += [one for one in answer.entries if one.action != "search_audit"]
        token = answer.page.next_token
        if not token:
            return found


def days(times: list[datetime], since: date, until: date) -> set[str]:
    """Reasons of the rows of these days."""
    return {
        f"r{n}" for n, at in enumerate(times, 1) if since <= at.astimezone(ZONE).date() <= until
    }


async def test_every_row_of_the_days_asked_for_and_no_other(desk: Desk) -> None:
    times = await written(desk, 24 * 20)
    today = datetime.now(ZONE).date()
    for first, last in ((15, 12), (6, 0), (3, 3), (40, 30), (91, 0)):
        since, until = today - timedelta(days=first), today - timedelta(days=last)
        found = await search(desk, from_day=str(since), to_day=str(until))
        assert {one.reason for one in found} == days(times, since, until), (first, last)
        numbers = [int(one.number) for one in found]
        assert numbers == sorted(numbers, reverse=True)


async def test_without_days_the_last_seven_are_searched(desk: Desk) -> None:
    times = await written(desk, 24 * 20)
    today = datetime.now(ZONE).date()
    found = {one.reason for one in await search(desk)}
    assert found == days(times, today - timedelta(days=6), today)


async def test_conditions_hold_together(desk: Desk) -> None:
    await written(desk, 60)
    found = await search(desk, account="clerk-1", action="decide", object_id="case-0")
    assert {one.reason for one in found} == {"r10", "r40"}
    assert {one.reason for one in await search(desk, refused_only=True)} == {
        f"r{n}" for n in range(10, 61, 10)
    }
    assert await search(desk, account="nobody") == []


async def test_a_row_is_told_without_what_the_database_keeps_for_itself(desk: Desk) -> None:
    await written(desk, 1)
    (one,) = await search(desk)
    assert (one.account, one.role, one.region_code) == ("clerk-1", "TOWN_CLERK", "460100000000")
    assert (one.trace_id, one.refused, one.sealed) == ("a" * 32, False, False)


async def test_a_search_is_audited_with_what_was_asked(desk: Desk) -> None:
    asked = SearchAuditRequest(
        workload="filing", account="clerk-1", refused_only=True, from_day="2026-11-01", to_day="2026-11-05"
    )  # fmt: skip
    await desk.ask(asked, AUDITOR)
    said = "2026-11-01..2026-11-05 account=clerk-1 refused"
    assert await desk.audited() == [("auditor", "search_audit", "filing", said, "")]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "operations.period_reversed"),
        (date(2026, 11, 30), None, "operations.period_reversed"),
        (date(2026, 8, 1), date(2026, 11, 1), "operations.period_too_long"),
    ],
)
def test_a_period_that_cannot_be_searched(first: date, last: date | None, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        period(first, last, TODAY)
    assert refused.value.code == code


def test_the_longest_period() -> None:
    first = TODAY - timedelta(days=LONGEST - 1)
    assert period(first, None, TODAY) == (first, TODAY)
    assert period(None, date(2026, 1, 7), TODAY) == (date(2026, 1, 1), date(2026, 1, 7))


def test_a_search_says_what_it_asks_for() -> None:
    assert Search(TODAY, TODAY).said == "2026-11-29..2026-11-29"


async def test_a_token_of_another_list_is_refused(desk: Desk) -> None:
    for token in (encode("x"), encode(0), encode(2**63), encode(1, 2)):
        request = SearchAuditRequest(workload="filing", page=PageRequest(token=token))
        with pytest.raises(Refusal, match="page_token"):
            await desk.ask(request, AUDITOR)
