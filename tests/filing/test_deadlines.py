"""Limits of open cases as those who watch the platform see them: by limit and county."""

from kit.telemetry import signals
from kit.telemetry.signals import Signal
from services.filing.store.deadlines import Deadlines
from services.filing.timers.cases import SYSTEM
from tests.filing.service import Filing
from tests.filing.test_timers import advance, looks

COUNTY = "460106000000"


async def counted(filing: Filing) -> dict[tuple[Signal, str, str], float]:
    """A fresh count."""
    found = await Deadlines(filing.database, SYSTEM.scope).measure()
    return {(one.signal, one.type, one.region): one.value for one in found}


async def test_without_cases_nothing_is_overdue(filing: Filing) -> None:
    await filing.draft()
    assert await counted(filing) == {(signals.DEADLINE_OVERDUE, "decision", ""): 0}


async def test_a_case_is_counted_under_its_limit_until_it_is_past_it(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    found = await counted(filing)
    assert found[signals.DEADLINES, "opinion", COUNTY] == 1
    assert found[signals.DEADLINE_OVERDUE, "opinion", COUNTY] == 0
    assert found[signals.DEADLINE_REMAINING, "opinion", COUNTY] > 0
    await advance(60)
    await looks(filing)
    found = await counted(filing)
    assert found[signals.DEADLINE_OVERDUE, "decision", COUNTY] == 1
    assert found[signals.DEADLINE_REMAINING, "decision", COUNTY] < 0


async def test_between_two_counts_the_last_one_is_told(filing: Filing) -> None:
    deadlines = Deadlines(filing.database, SYSTEM.scope)
    before = await deadlines.measure()
    await filing.submit(await filing.draft())
    assert await deadlines.measure() is before
