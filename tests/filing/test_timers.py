"""What the calendar moves on by itself."""

from uuid import UUID

from kit.database import connect
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.facts_pb import FilingReminded
from tests.filing.service import CLERK, RESIDENT, VILLAGE, Filing


async def advance(days: int) -> None:
    """Move the business clock on."""
    owner = await connect("filing", "owner")
    await owner.execute("UPDATE kit.clock SET shift_days = shift_days + $1", days)
    await owner.close()


async def state(filing: Filing, filing_id: str) -> pb.Filing:
    return (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing  # type: ignore[no-any-return]


async def looks(filing: Filing) -> int:
    """Look until nothing is due; answers how many steps the platform took."""
    steps = 0
    while moved := await filing.due.move_on():
        steps += moved
    return steps


async def stated(filing: Filing) -> list[str]:
    rows = await filing.database.pool.fetch("SELECT type FROM kit.outbox ORDER BY id")
    return [row["type"].rpartition(".")[2] for row in rows]


async def test_a_silent_village_passes_the_case_on(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    assert await looks(filing) == 0
    await advance(30)
    assert await looks(filing) == 2, "the silence, then the reminder that the decision is overdue"
    seen = await state(filing, filing_id)
    assert (seen.state, seen.village_opinion) == (
        pb.FilingState.COMPLETENESS,
        pb.VillageOpinion.NO_REPLY,
    )
    assert seen.time_state is pb.TimeState.OVERDUE
    assert await looks(filing) == 0
    entries = (await filing.call("GetHistory", CLERK, filing_id=filing_id)).entries
    assert [(entry.action, entry.actor_role.name) for entry in entries[-2:]] == [
        ("village_silent", "SYSTEM"),
        ("remind", "SYSTEM"),
    ]


async def test_an_unanswered_correction_lapses(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    await filing.call(
        "GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=pb.VillageOpinion.AGREE
    )
    await filing.mark(filing_id, B05="UNREADABLE")
    await filing.call("ReturnForCorrection", CLERK, filing_id=filing_id)
    await advance(30)
    await looks(filing)
    assert (await state(filing, filing_id)).state is pb.FilingState.CORRECTION, "the last day"
    await advance(1)
    assert await looks(filing) == 1
    assert (await state(filing, filing_id)).state is pb.FilingState.LAPSED
    assert await looks(filing) == 0
    assert await stated(filing) == [
        "FilingSubmitted",
        "FilingOpinionRecorded",
        "FilingReturned",
        "FilingReminded",
        "FilingLapsed",
    ]


async def test_a_decision_is_reminded_of_level_by_level(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    await filing.call(
        "GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=pb.VillageOpinion.AGREE
    )
    await filing.mark(filing_id)
    chips = set()
    for _ in range(30):
        await advance(1)
        await looks(filing)
        chips.add((await state(filing, filing_id)).time_state.name)
    rows = await filing.database.pool.fetch(
        "SELECT payload FROM kit.outbox WHERE type LIKE '%FilingReminded' ORDER BY id"
    )
    facts = [FilingReminded.from_binary(row["payload"]) for row in rows]
    assert [fact.level for fact in facts] == [50, 80, 100, 101, 102, 103, 104]
    assert {fact.clock.name for fact in facts} == {"DECISION"}
    assert chips == {"NORMAL", "NEAR", "OVERDUE"}


async def test_persons_of_what_came_to_nothing_are_erased_after_a_year(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    await filing.call("WithdrawFiling", RESIDENT, filing_id=filing_id)
    await advance(365)
    assert await filing.due.erase() == 0
    await advance(1)
    assert await filing.due.erase() == 1
    assert await filing.due.erase() == 0
    form = (await state(filing, filing_id)).form
    assert form is not None
    assert list(form.principals) == list(form.members) == []
    keys = "SELECT person_keys FROM filing WHERE filing_id = $2 AND (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"
    assert await filing.database.pool.fetchval(keys, "r:/", UUID(filing_id)) == []


async def test_a_filed_organization_keeps_its_persons(filing: Filing) -> None:
    filing_id = await filing.proposed()
    await filing.decide(filing_id)
    await advance(900)
    assert await filing.due.erase() == 0
    assert (await state(filing, filing_id)).form.principals  # type: ignore[union-attr]
