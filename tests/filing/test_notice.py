"""Objections on PostgreSQL: the objector reaches the notice and nothing else of the case."""

import asyncio
from datetime import date

import pytest

from kit.errors import Refusal
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import CLERK, LEAD, RESIDENT, VILLAGE, Filing, at
from tests.filing.test_timers import advance

NEIGHBOR = at(Role.RESIDENT, subject="neighbor")
TEXT = "该队向老人收取费用"


async def noticed(filing: Filing) -> str:
    """A complete case in a public notice of seven days."""
    await filing.database.pool.execute(
        "INSERT INTO rule_setting (key, region_path, effective_from, value, basis)"
        " VALUES ('FIL.NOTICE_DAYS', '/460000000000/', $1, '7', '测试依据')",
        date(2021, 6, 1),
    )
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    await filing.call(
        "GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=pb.VillageOpinion.AGREE
    )
    await filing.mark(filing_id)
    await filing.call("StartNotice", CLERK, filing_id=filing_id)
    return filing_id


async def objected(filing: Filing, filing_id: str, who: object = NEIGHBOR, **fields: object) -> str:
    objection_id = str(uuid7())
    await filing.call(
        "ObjectToFiling",
        who,  # type: ignore[arg-type]
        objection_id=objection_id,
        filing_id=filing_id,
        **{"ground": pb.ObjectionGround.FOR_PROFIT, "text": TEXT} | fields,
    )
    return objection_id


async def code_of(call: object) -> str:
    with pytest.raises(Refusal) as refused:
        await call  # type: ignore[misc]
    return refused.value.code


async def test_an_objection_is_raised_taken_up_answered_and_the_case_filed(filing: Filing) -> None:
    filing_id = await noticed(filing)
    objection_id = await objected(filing, filing_id)
    about = {"filing_id": filing_id, "objection_id": objection_id}
    handled = await filing.call(
        "HandleObjection", CLERK, outcome=pb.ObjectionOutcome.TAKEN_UP, answer="转入审核", **about
    )
    assert handled.filing.state is pb.FilingState.COMPLETENESS
    assert handled.filing.objections[0].text == TEXT
    await filing.call("StartNotice", CLERK, filing_id=filing_id)
    await advance(8)
    propose = {"filing_id": filing_id, "decision": pb.Decision.ACCEPT}
    assert (
        await code_of(filing.call("ProposeDecision", CLERK, **propose))
        == "filing.objection_unanswered"
    )
    finding = pb.ObjectionFinding(
        objection_id=objection_id, outcome=pb.ObjectionOutcome.UNFOUNDED, answer="查无收费"
    )
    await filing.call("ProposeDecision", CLERK, objections=[finding], **propose)
    assert (await filing.decide(filing_id)).filing.state is pb.FilingState.FILED
    own = (await filing.call("GetOwnObjection", NEIGHBOR, **about)).objection
    assert (own.outcome, own.answer) == (pb.ObjectionOutcome.UNFOUNDED, "查无收费")
    types = [
        row["type"].rpartition(".")[2]
        for row in await filing.database.pool.fetch("SELECT type FROM kit.outbox ORDER BY id")
    ]
    assert types == [
        "FilingSubmitted",
        "FilingOpinionRecorded",
        "FilingNoticeStarted",
        "FilingObjectionRaised",
        "FilingObjected",
        "FilingNoticeStarted",
        "OrganizationFiled",
    ]


async def test_the_objector_sees_nothing_of_the_case(filing: Filing) -> None:
    filing_id = await noticed(filing)
    objection_id = await objected(filing, filing_id)
    for name in ("GetFiling", "GetHistory"):
        assert await code_of(filing.call(name, NEIGHBOR, filing_id=filing_id)) == "common.not_found"
    stranger = at(Role.RESIDENT, subject="stranger")
    about = {"filing_id": filing_id, "objection_id": objection_id}
    for who in (stranger, RESIDENT):
        assert await code_of(filing.call("GetOwnObjection", who, **about)) == "common.not_found"


async def test_the_applicant_reads_the_ground_not_the_text(filing: Filing) -> None:
    filing_id = await noticed(filing)
    await objected(filing, filing_id)
    own = (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing.objections[0]
    assert (own.ground, own.text) == (pb.ObjectionGround.FOR_PROFIT, "")
    officer = (await filing.call("GetFiling", LEAD, filing_id=filing_id)).filing.objections[0]
    assert officer.text == TEXT


async def test_outside_the_notice_there_is_nothing_to_object_to(filing: Filing) -> None:
    draft = await filing.draft()
    assert await code_of(objected(filing, draft)) == "common.not_found"
    assert await code_of(objected(filing, str(uuid7()))) == "common.not_found"


async def test_texts_of_objections_are_encrypted(filing: Filing) -> None:
    filing_id = await noticed(filing)
    await objected(filing, filing_id)
    cell = await filing.database.pool.fetchval(
        "SELECT objections FROM (SELECT set_config('minzheng.scope', 'r:/', true)) s, filing"
    )
    assert cell
    assert TEXT.encode() not in bytes(cell)


async def test_an_objection_meets_a_decision_of_the_same_moment(filing: Filing) -> None:
    """Whichever comes first: a case is never filed over an objection nobody answered."""
    filing_id = await noticed(filing)
    await asyncio.gather(
        *[objected(filing, filing_id, at(Role.RESIDENT, subject=f"neighbor-{n}")) for n in range(2)]
    )
    await advance(8)
    propose = filing.call(
        "ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.ACCEPT
    )
    assert await code_of(propose) == "filing.objection_open"
    inbox = (await filing.call("ListInbox", CLERK)).filings
    assert [line.open_objections for line in inbox] == [2]
