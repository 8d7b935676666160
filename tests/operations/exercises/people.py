"""What the law's days and a ledger ask of an operator."""

from typing import Any

from kit.ids import uuid7
from tests.faults import evidence
from tests.faults.load import TOWNS
from tests.faults.replicas import WORKLOADS
from tests.house.alerts import alerts
from tests.operations.day import Day, Exercise

DAYS = 40
"""More than the law has for any decision here."""
BACK = "UPDATE kit.clock SET shift_days = 0"


async def deadline_missed(day: Day) -> Exercise:
    """A case waits for its decision past its legal days."""
    resident, village, clerk, lead = TOWNS[0].people
    people = day.load.people
    number = next(day.load.numbers)
    case = await people[resident].file(number, TOWNS[0].community, TOWNS[0].name)
    path = f"/api/v1/filings/{case}"
    await act(day, village, f"{path}:giveOpinion", opinion="VILLAGE_OPINION_AGREE")
    await day.load.mark(clerk, path)
    assert case not in await overdue(day)
    before = await day.command("clock", "show")
    done = Exercise(f"the clock moved on {DAYS} days while a case waits for its decision")
    try:
        await day.command("clock", "advance", str(DAYS))
        assert case in await overdue(day)
        assert await day.command("clock", "show") > before
        done.seen("the desk's filter `overdue` names the case; `minzheng clock show`: another day")
        await act(day, clerk, f"{path}:proposeDecision", decision="DECISION_ACCEPT")
        await act(day, lead, f"{path}:decide", agree=True)
        assert case not in await overdue(day)
    finally:
        for workload in WORKLOADS:
            await evidence.ask(day.platform, workload, BACK)
    assert await day.command("clock", "show") == before
    done.mended(
        "the case was decided, late: the filter names it no more; for the exercise the clock was put"
        " back in the database, no command does"
    )
    return done


async def act(day: Day, name: str, path: str, **body: Any) -> None:
    """Somebody does something about a case."""
    await day.load.people[name].send("POST", path, str(uuid7()), json=body)


async def overdue(day: Day) -> list[str]:
    """Cases the clerk's desk names as overdue."""
    clerk = await day.person(TOWNS[0].people[2])
    found = await clerk.get("/api/v1/filings", overdue="true", **{"page.size": "100"})
    return [one["filingId"] for one in found["filings"]]


async def ledger_assertion(day: Day) -> Exercise:
    """There is no ledger: nothing can break, and the page says so."""
    done = Exercise("nothing: there is no ledger yet")
    assert "funding" not in (await day.status())["workloads"], "this exercise must be written"
    assert "ledger-assertion" not in alerts().values(), "this exercise must be written"
    done.seen("`minzheng status`: no workload `funding`; no alert names the page")
    done.mended("nothing to repair")
    return done
