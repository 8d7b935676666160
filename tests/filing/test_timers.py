"""What the calendar moves on by itself."""

from kit.database import connect
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import CLERK, RESIDENT, VILLAGE, Filing


async def advance(days: int) -> None:
    """Move the business clock on."""
    owner = await connect("filing", "owner")
    await owner.execute("UPDATE kit.clock SET shift_days = shift_days + $1", days)
    await owner.close()


async def state(filing: Filing, filing_id: str) -> pb.Filing:
    return (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing  # type: ignore[no-any-return]


async def test_a_silent_village_passes_the_case_on(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    assert await filing.due.move_on() == 0
    await advance(30)
    assert await filing.due.move_on() == 1
    seen = await state(filing, filing_id)
    assert (seen.state, seen.village_opinion) == (
        pb.FilingState.COMPLETENESS,
        pb.VillageOpinion.NO_REPLY,
    )
    assert await filing.due.move_on() == 0
    last = (await filing.call("GetHistory", CLERK, filing_id=filing_id)).entries[-1]
    assert (last.action, last.actor_role.name) == ("village_silent", "SYSTEM")


async def test_an_unanswered_correction_lapses(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    await filing.call(
        "GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=pb.VillageOpinion.AGREE
    )
    await filing.mark(filing_id, B05="UNREADABLE")
    await filing.call("ReturnForCorrection", CLERK, filing_id=filing_id)
    await advance(30)
    assert await filing.due.move_on() == 0, "the last day still counts"
    await advance(1)
    assert await filing.due.move_on() == 1
    assert (await state(filing, filing_id)).state is pb.FilingState.LAPSED
    types = [
        row["type"]
        for row in await filing.database.pool.fetch("SELECT type FROM kit.outbox ORDER BY id")
    ]
    assert [name.rpartition(".")[2] for name in types] == [
        "FilingSubmitted",
        "FilingReturned",
        "FilingLapsed",
    ]
