"""Renewal through the service: the owner applies, two persons complete it, the calendar ends it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kit.database import connect
from kit.errors import Refusal
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain.pledge import PLEDGES
from tests.filing.service import CLERK, LEAD, RESIDENT, Filing, at
from tests.filing.test_timers import advance, looks, state, stated

YEARS = """INSERT INTO rule_setting (key, region_path, effective_from, value, basis)
 VALUES ('FIL.VALID_YEARS', '/460000000000/', $1, '1', '测试依据')"""
PLEDGE = PLEDGES[-1].version


async def filed(filing: Filing) -> tuple[str, Caller]:
    """Filed for a year; its owner."""
    await filing.database.pool.execute(YEARS, date(2021, 6, 1))
    filing_id = await filing.proposed()
    answer = (await filing.decide(filing_id)).filing
    owner = replace(
        at(Role.ORG_OWNER, subject=RESIDENT.subject), organization_id=answer.organization_id
    )
    return filing_id, owner


async def due(filing: Filing) -> tuple[str, Caller]:
    """In the time for renewal."""
    filing_id, owner = await filed(filing)
    await advance(340)
    assert await looks(filing) == 1
    return filing_id, owner


async def inbox(filing: Filing, who: Caller) -> list[str]:
    return [line.filing_id for line in (await filing.call("ListInbox", who)).filings]


async def apply(filing: Filing, filing_id: str, who: Caller) -> pb.Filing:
    answer = await filing.call("ApplyForRenewal", who, filing_id=filing_id, pledge_version=PLEDGE)
    return answer.filing  # type: ignore[no-any-return]


async def test_an_organization_renews_and_keeps_its_number(filing: Filing) -> None:
    filing_id, owner = await due(filing)
    before = await state(filing, filing_id)
    assert before.state is pb.FilingState.RENEW_DUE
    assert before.time_state is pb.TimeState.UNSPECIFIED
    assert await inbox(filing, CLERK) == [], "nobody has applied yet"
    with pytest.raises(Refusal) as refused:
        await apply(filing, filing_id, replace(owner, organization_id="another"))
    assert refused.value.code == "common.not_found"
    pending = await apply(filing, filing_id, owner)
    assert pending.deadlines.renewal_received_on  # type: ignore[union-attr]
    assert pending.time_state is pb.TimeState.NORMAL
    assert await inbox(filing, CLERK) == [filing_id]
    await filing.call("ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.ACCEPT)
    assert await inbox(filing, LEAD) == [filing_id]
    after = (await filing.decide(filing_id)).filing
    assert (after.state, after.filing_no) == (pb.FilingState.FILED, before.filing_no)
    ends = date.fromisoformat(before.valid_to)
    assert after.valid_to == ends.replace(year=ends.year + 1).isoformat()
    assert after.rule_version == pending.rule_version
    assert [fact for fact in await stated(filing) if "Renew" in fact] == [
        "RenewalDue",
        "FilingRenewalApplied",
        "FilingRenewed",
    ]
    await advance(365)
    assert await looks(filing) > 0
    assert (await state(filing, filing_id)).state is pb.FilingState.RENEW_DUE


async def test_without_renewal_it_expires_for_good_and_its_name_is_free_after_a_year(
    filing: Filing,
) -> None:
    filing_id, owner = await due(filing)
    await advance(26)
    await looks(filing)
    assert (await state(filing, filing_id)).state is pb.FilingState.EXPIRED
    assert await looks(filing) == 0
    assert (await stated(filing))[-1] == "FilingExpired"
    for who in (owner, RESIDENT):
        with pytest.raises(Refusal):
            await apply(filing, filing_id, who)
    case, _ = await filing.reader.load(filing_id, RESIDENT.scope)

    async def blocked() -> bool:
        await filing.due.erase()
        return await filing.reader.name_taken(case.form.name, case.place)

    assert await blocked(), "cooling off"
    await advance(364)
    assert await blocked()
    await advance(1)
    assert not await blocked()
    second = await filing.proposed()
    assert (await filing.decide(second)).filing.state is pb.FilingState.FILED
    assert (await state(filing, filing_id)).form.principals, "kept as an application is"  # type: ignore[union-attr]


MIGRATION = Path(__file__).parents[2] / "services/filing/migrations/0008_renewal.sql"
OLDER = """UPDATE filing SET renew_from = NULL, timer_on = NULL, rules = (SELECT jsonb_agg(rule)
 FROM jsonb_array_elements(rules) AS rule WHERE rule->>'key' <> 'FIL.RENEW_BEFORE_D')"""


async def test_what_was_filed_before_comes_to_its_renewal_too(filing: Filing) -> None:
    filing_id, _ = await filed(filing)
    now, _ = await filing.reader.load(filing_id, RESIDENT.scope)
    owner = await connect("filing", "owner")
    await owner.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    await owner.execute(OLDER)
    before, _ = await filing.reader.load(filing_id, RESIDENT.scope)
    assert (before.renew_from, "FIL.RENEW_BEFORE_D" in before.pinned) == (None, False)
    _, filling = MIGRATION.read_text(encoding="utf-8").split("SELECT set_config", 1)
    async with owner.transaction():
        await owner.execute("SELECT set_config" + filling)
    await owner.close()
    after, _ = await filing.reader.load(filing_id, RESIDENT.scope)
    assert (after.renew_from, after.rules) == (now.renew_from, now.rules)
    await advance(340)
    assert await looks(filing) == 1
