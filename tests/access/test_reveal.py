"""Persons in clear: nothing without a purpose."""

from kit.contracts import rpcs
from kit.ids import uuid7
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.access.conftest import Behind
from tests.filing.service import CLERK


async def test_nobody_is_shown_in_clear_without_a_purpose(behind: Behind) -> None:
    reveal = next(rpc for rpc in rpcs() if rpc.name == "RevealPersons")
    clerk = CLERK
    for purpose in (pb.RevealPurpose.UNSPECIFIED, 99):
        body = pb.RevealPersonsRequest(
            filing_id=behind.cases["COMPLETENESS"], request_id=str(uuid7()), purpose=purpose
        ).to_binary()
        problem = await behind.problem(reveal, clerk, body)
        assert problem is not None
        assert (problem.kind, problem.violations[0].field) == ("invalid", "purpose")
    shown = "SELECT count(*) FROM kit.audit WHERE action = 'reveal_personal' AND outcome = 'done'"
    assert await behind.filing.database.pool.fetchval(shown) == 0
