"""The filing service behind its real door, and a case in every state."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import grpc
import pytest
from joserfc.jwk import ECKey

from kit.contracts import Rpc
from kit.database import Database, connect
from kit.identity import Caller, Minter, Verifier
from kit.ids import uuid7
from kit.interceptor import PROBLEM, Door
from kit.settings import Settings
from proto.gen.minzheng.common.v1.problem_pb import Problem
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.access.expected import ALLOWED, HIDDEN, NO_FUNCTION
from tests.conftest import emptied
from tests.filing.service import CLERK, LEAD, RESIDENT, VILLAGE, Filing
from tests.filing.test_timers import advance, looks

KEY = ECKey.generate_key("P-256")
BODIES: dict[str, dict[str, Any]] = {
    "UpdateDraft": {"form": pb.Form()},
    "AttachMaterial": {"code": pb.MaterialCode.B02, "receipt": "x"},
    "GetMaterial": {"code": pb.MaterialCode.B02},
    "GiveVillageOpinion": {"opinion": pb.VillageOpinion.AGREE},
    "MarkCompleteness": {
        "findings": [
            pb.MaterialFinding(code=pb.MaterialCode.B02, completeness=pb.Completeness.PRESENT)
        ]
    },
    "ProposeDecision": {"decision": pb.Decision.ACCEPT},
    "ObjectToFiling": {"ground": pb.ObjectionGround.OTHER, "text": "无"},
    "HandleObjection": {"outcome": pb.ObjectionOutcome.UNFOUNDED, "answer": "无"},
    "RevealPersons": {"purpose": pb.RevealPurpose.CONTACT},
    "WriteGuidance": {"text": "无"},
}
"""What a request needs beyond ids, a key and a version nobody has (so that nothing is changed)."""


@dataclass
class Behind:
    """The service as the gateway reaches it."""

    channel: grpc.aio.Channel
    filing: Filing
    minter: Minter
    cases: dict[str, str]

    async def verdict(self, rpc: Rpc, who: Caller, filing_id: str) -> tuple[str, str]:
        """(allowed, no function or hidden; code of the refusal) of a call."""
        problem = await self.problem(rpc, who, request_for(rpc, filing_id))
        if problem is None:
            return ALLOWED, ""
        found = {"forbidden": NO_FUNCTION, "not_found": HIDDEN}.get(problem.kind, ALLOWED)
        assert problem.kind != "internal", problem
        return found, problem.code

    async def problem(self, rpc: Rpc, who: Caller, body: bytes) -> Problem | None:
        """How a call is refused, None when it is answered."""
        fresh = body if rpc.access.fresh else None
        token = self.minter.mint(who, "filing", path=rpc.path, body=fresh)
        metadata = (("authorization", f"Bearer {token}"),)
        try:
            await self.channel.unary_unary(rpc.path)(body, metadata=metadata, timeout=10)
        except grpc.aio.AioRpcError as error:
            trailer = dict(error.trailing_metadata() or ())
            return Problem.from_binary(bytes(trailer[PROBLEM]))
        return None


def request_for(rpc: Rpc, filing_id: str) -> bytes:
    """A valid request about a case that changes nothing, as bytes."""
    names = {field.local_name for field in rpc.request.desc().fields}
    fields: dict[str, Any] = {"filing_id": filing_id} if "filing_id" in names else {}
    fields |= {name: str(uuid7()) for name in ("request_id", "guidance_id") if name in names}
    fields |= {name: str(uuid7()) for name in ("objection_id", "letter_id") if name in names}
    fields |= {"version": 999_999} if "version" in names else {}
    return rpc.request(**fields | BODIES.get(rpc.name, {})).to_binary()


async def in_every_state(filing: Filing) -> dict[str, str]:
    """A case in each state SM-01 reaches by itself, all of one applicant at one place."""
    cases = {"DRAFT": await filing.draft("甲")}
    cases["WITHDRAWN"] = await filing.draft("乙")
    await filing.call("WithdrawFiling", RESIDENT, filing_id=cases["WITHDRAWN"])
    await filing.database.pool.execute(
        "INSERT INTO rule_setting (key, region_path, effective_from, value, basis)"
        " VALUES ('FIL.NOTICE_DAYS', '/460000000000/', $1, '5', '测试依据')",
        date(2021, 6, 1),
    )
    lapsed = await _reviewed(filing, "丙", B05="ABSENT")
    await filing.call("ReturnForCorrection", CLERK, filing_id=lapsed)
    await advance(40)
    await looks(filing)
    cases["LAPSED"] = lapsed
    for state, brand in (("FILED", "丁"), ("REFUSED", "戊")):
        cases[state] = await _reviewed(filing, brand)
        await filing.call("StartNotice", CLERK, filing_id=cases[state])
    await advance(6)
    await _decided(filing, cases["FILED"], pb.Decision.ACCEPT)
    await _decided(filing, cases["REFUSED"], pb.Decision.REFUSE)
    cases["CORRECTION"] = await _reviewed(filing, "己", B05="ABSENT")
    await filing.call("ReturnForCorrection", CLERK, filing_id=cases["CORRECTION"])
    cases["NOTICE_PERIOD"] = await _reviewed(filing, "庚")
    await filing.call("StartNotice", CLERK, filing_id=cases["NOTICE_PERIOD"])
    cases["COMPLETENESS"] = await _reviewed(filing, "辛")
    cases["VILLAGE_REVIEW"] = await filing.draft("壬")
    await filing.submit(cases["VILLAGE_REVIEW"])
    cases["SUBMITTED"] = await filing.draft("癸")
    await put(cases["SUBMITTED"], "SUBMITTED")
    for state, brand in (("RENEW_DUE", "子"), ("EXPIRED", "丑")):
        cases[state] = await filing.draft(brand)
        await filing.submit(cases[state])
        await put(cases[state], state)
    return cases


async def put(filing_id: str, state: str) -> None:
    """A case in a state that it only passes through, or reaches after years."""
    owner = await connect("filing", "owner")
    await owner.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    await owner.execute("UPDATE filing SET state = $2 WHERE filing_id = $1", UUID(filing_id), state)
    await owner.close()


async def _reviewed(filing: Filing, brand: str, **findings: str) -> str:
    filing_id = await filing.draft(brand)
    await filing.submit(filing_id)
    opinion = pb.VillageOpinion.AGREE
    await filing.call("GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=opinion)
    await filing.mark(filing_id, **findings)
    return filing_id


async def _decided(filing: Filing, filing_id: str, what: pb.Decision) -> None:
    grounds = [pb.RefusalGround.FOR_PROFIT] if what is pb.Decision.REFUSE else []
    await filing.call(
        "ProposeDecision", CLERK, filing_id=filing_id, decision=what, grounds=grounds, reason="理由"
    )
    await filing.call("DecideFiling", LEAD, filing_id=filing_id, agree=True)


@pytest.fixture(scope="module")
async def behind(
    postgres: Settings, databases: dict[str, Database], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Behind]:
    """The service on a unix socket with a case in every state, which no call of a module changes."""
    filing = Filing(await emptied("filing", postgres, databases))
    folder = tmp_path_factory.mktemp("door")
    public = dict(KEY.as_dict(private=False)) | {"kid": KEY.thumbprint(), "use": "sig"}
    verifier = Verifier.from_json("filing", json.dumps({"keys": [public]}))
    server = grpc.aio.server(interceptors=(Door(verifier, filing.unit),))
    filing.rpc.add_to_server(server)
    filing.rules.add_to_server(server)
    filing.letter_rpc.add_to_server(server)
    filing.guide.add_to_server(server)
    filing.export_rpc.add_to_server(server)
    server.add_insecure_port(f"unix:{folder}/s")
    await server.start()
    async with grpc.aio.insecure_channel(f"unix:{folder}/s") as channel:
        yield Behind(channel, filing, Minter(KEY), await in_every_state(filing))
    await server.stop(0)


@pytest.fixture
def database(behind: Behind) -> Database:
    """The database of the service."""
    return behind.filing.database
