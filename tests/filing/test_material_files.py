"""The file of a material: told to who may open it, and an officer's reading leaves a trace."""

import pytest

from kit.errors import Refusal
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import CLERK, LEAD, RESIDENT, VILLAGE, Filing, at

READ = """SELECT role || ' ' || reason FROM kit.audit WHERE action = 'read_material'
 AND outcome = 'done' ORDER BY at"""


async def file_of(filing: Filing, who: Caller, filing_id: str, code: str = "B02") -> pb.Material:
    """What the service tells of it."""
    asked = {"filing_id": filing_id, "code": pb.MaterialCode[code]}
    material: pb.Material = (await filing.call("GetMaterial", who, **asked)).material
    return material


async def readings(filing: Filing) -> list[str]:
    """Who read which material, as the audit trail has it."""
    return [row[0] for row in await filing.database.pool.fetch(READ)]


@pytest.mark.policy("T11.4")
async def test_who_reviews_is_told_the_file_and_it_is_audited(filing: Filing) -> None:
    filing_id = await filing.proposed()
    kept = (await filing.call("GetFiling", CLERK, filing_id=filing_id)).filing.materials
    known = {one.code.name: one.file_id for one in kept}
    assert await readings(filing) == []
    assert (await file_of(filing, CLERK, filing_id)).file_id == known["B02"]
    assert (await file_of(filing, LEAD, filing_id, "B05")).file_id == known["B05"]
    assert await readings(filing) == ["TOWN_CLERK B02", "TOWN_LEAD B05"]


async def test_the_applicant_reads_their_own_unaudited(filing: Filing) -> None:
    filing_id = await filing.draft()
    assert (await file_of(filing, RESIDENT, filing_id)).file_id
    assert await readings(filing) == []


@pytest.mark.parametrize(
    "who", [VILLAGE, at(Role.COUNTY_CLERK, "460106000000"), at(Role.TOWN_CLERK, "460106001000")]
)
async def test_nobody_else_is(filing: Filing, who: Caller) -> None:
    filing_id = await filing.proposed()
    with pytest.raises(Refusal) as refused:
        await file_of(filing, who, filing_id)
    assert refused.value.code in ("common.no_function", "common.not_found")
    assert await readings(filing) == []


async def test_what_is_filled_in_has_no_file(filing: Filing) -> None:
    filing_id = await filing.proposed()
    with pytest.raises(Refusal) as refused:
        await file_of(filing, CLERK, filing_id, "B01")
    assert refused.value.code == "common.not_found"
