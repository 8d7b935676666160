"""However facts come - again, out of order, in pieces - the register ends in the same history.

And it is the history that the facts tell: on a day holds what the last fact until then said.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.database import Database, connect, migrate
from kit.embedded.roles import prepare
from kit.errors import Refusal
from kit.log.port import Delivery, Record
from kit.reactions import Intake
from kit.reactions.intake import by_type
from kit.settings import Settings
from services.supervision.reactions import reactions
from services.supervision.store.register import Register
from tests.kit.facts.helpers import record
from tests.notifications.builders import fact

ORGANIZATION = "019a0000-0000-7000-8000-0000000000a1"
BEGIN = date(2026, 3, 21)
EMPTY = "TRUNCATE organization, register_state, kit.inbox, kit.position, kit.waiting, kit.kept_fact"
Told = tuple[str, date, date | None]
"""Cause, first day, end of validity."""
World = tuple[Callable[[Coroutine[Any, Any, Any]], Any], Database]


@st.composite
def lives(draw: st.DrawFn) -> list[Told]:
    """Filed, due for renewal or renewed some times, perhaps expired: some of it on one day."""
    days = st.integers(0, 800)
    on, until = BEGIN, draw(st.none() | st.just(BEGIN + timedelta(days=365)))
    told: list[Told] = [("FILED", on, until)]
    for after in draw(st.lists(days, max_size=4)):
        on += timedelta(days=after)
        if draw(st.booleans()):
            told.append(("RENEWAL_DUE", on, until))
            continue
        until = on + timedelta(days=365)
        told.append(("RENEWED", on, until))
    if draw(st.booleans()):
        told.append(("EXPIRED", on + timedelta(days=draw(days)), until))
    return told


def records(life: list[Told]) -> list[Record]:
    """The facts of a life in their order, with silent ones between."""
    said: list[tuple[str, dict[str, str]]] = []
    for cause, on, until in life:
        valid_to = until.isoformat() if until else ""
        name, day = {
            "FILED": ("OrganizationFiled", "filed_on"),
            "RENEWED": ("FilingRenewed", "renewed_on"),
            "EXPIRED": ("FilingExpired", "expired_on"),
            "RENEWAL_DUE": ("RenewalDue", "due_on"),
        }[cause]
        said += [(name, {day: on.isoformat(), "valid_to": valid_to}), ("FilingReminded", {})]
    return [
        record(fact(name, organization_id=ORGANIZATION, fact_version=at, **values))
        for at, (name, values) in enumerate(said, 1)
    ]


@pytest.fixture(scope="module")
def world(postgres: Settings) -> Iterator[World]:
    """A database on a loop of its own."""
    loop = asyncio.new_event_loop()
    run = loop.run_until_complete
    run(prepare(["supervision"], postgres))
    run(migrate("supervision", postgres))
    database = run(Database.open("supervision"))
    yield run, database
    run(database.close())
    loop.close()


async def end_state(database: Database, fed: list[Record]) -> list[Told]:
    """The history after records have come in this order."""
    owner = await connect("supervision", "owner")
    await owner.execute(EMPTY)
    await owner.close()
    intake = Intake("supervision", database, by_type(reactions()), delays=())
    for offset, one in enumerate(fed):
        await intake.take(Delivery("minzheng.filing.v1", 0, offset, one, datetime.now(UTC)))
    assert not await database.pool.fetchval("SELECT count(*) FROM kit.parked")
    states = await Register(database).history(ORGANIZATION, 0, 100)
    assert [state.version for state in states] == list(range(1, len(states) + 1))
    return [(state.cause.name, state.since, state.valid_to) for state in states]


@settings(max_examples=40, deadline=None)
@given(life=lives(), data=st.data())
def test_any_redelivery_ends_in_the_same_history(
    world: World, life: list[Told], data: st.DataObject
) -> None:
    run, database = world
    said = records(life)
    assert run(end_state(database, said)) == life
    disturbed = data.draw(st.permutations(said * 2))
    assert run(end_state(database, disturbed)) == life


@settings(max_examples=40, deadline=None)
@given(life=lives(), day=st.integers(-2, 4_000))
def test_on_a_day_holds_what_the_last_fact_until_then_said(
    world: World, life: list[Told], day: int
) -> None:
    run, database = world
    run(end_state(database, records(life)))
    on = BEGIN + timedelta(days=day)
    begun = [told for told in life if told[1] <= on]
    if not begun:
        with pytest.raises(Refusal, match="not_found"):
            run(Register(database).as_of(ORGANIZATION, on))
        return
    state = run(Register(database).as_of(ORGANIZATION, on))
    assert (state.cause.name, state.since, state.valid_to) == begun[-1]
