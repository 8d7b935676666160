"""Rules at work on PostgreSQL: bounds shown and kept, the set a case is judged by, who files."""

import asyncio
from datetime import date

import protovalidate
import pytest

from kit.identity import Caller
from kit.ids import uuid7
from kit.rules import RuleBook, Setting
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as filing_messages
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from services.filing.store.rules import Books
from tests.conftest import Workload
from tests.filing.service import CLERK, COMMUNITY, RESIDENT, STREET, VILLAGE, Filing, at
from tests.filing.test_rules import (
    BASIS,
    COUNTY,
    HAIKOU,
    LONGHUA,
    MEMBERS,
    PROVINCE,
    bound,
    code_of,
    put,
    today,
    value,
)
from tests.filing.test_timers import advance

OPINION = "FIL.VILLAGE_OPINION"
AUTHORITY = "FIL.AUTHORITY_LEVEL"


async def rule(filing: Filing, key: str) -> pb.Rule:
    answer = await filing.call("ListRules", at(Role.ANONYMOUS), region_code=COMMUNITY)
    found: pb.Rule = next(one for one in answer.rules if one.key == key)
    return found


def place(one: pb.Rule | pb.RuleBound) -> str:
    assert one.region is not None
    return one.region.code


async def test_every_key_of_filing_is_shown_with_its_bounds(filing: Filing) -> None:
    answer = await filing.call("ListRules", at(Role.ANONYMOUS), region_code=COMMUNITY)
    keys = [one.key for one in answer.rules]
    known = [key for key in RuleBook.default().keys if key.startswith(("FIL.", "CAL."))]
    assert keys == sorted(known)
    await bound(filing)
    await bound(filing, HAIKOU, "460100000000", lowest=6, highest=9)
    shown = [(place(one), one.lowest, one.highest) for one in (await rule(filing, MEMBERS)).bounds]
    assert shown == [(PROVINCE, 5, 20), ("460100000000", 6, 9)]


async def test_choices_bind_rules_that_are_no_number(filing: Filing) -> None:
    await bound(filing, key=OPINION, lowest=0, highest=0, choices=["required"])
    assert await code_of(put(filing, key=OPINION, value="none")) == "rule.out_of_bounds"
    await put(filing, key=OPINION, value="required")
    assert list((await rule(filing, OPINION)).bounds[0].choices) == ["required"]


async def test_a_bound_to_come_and_a_value_taken_back(filing: Filing) -> None:
    """A value of today lives into the bound; what replaces it in time must stay."""
    await put(filing, value="30")
    later = await today(filing, 5)
    assert await code_of(bound(filing, effective_from=later)) == "rule.bound_contradicted"
    await put(filing, plus=5, value="9")
    await bound(filing, effective_from=later)
    await put(filing, plus=2, value="4")  # replaced before the bound begins
    about = {"key": MEMBERS, "region_code": COUNTY, "effective_from": later}
    assert (
        await code_of(filing.call("WithdrawRule", LONGHUA, **about)) == "rule.older_out_of_bounds"
    )


async def test_the_rules_of_a_case_stay_those_of_its_receipt(filing: Filing) -> None:
    filing_id = await filing.draft()

    async def shown(who: Caller) -> dict[str, pb.Rule]:
        answer = await filing.call("GetFilingRules", who, filing_id=filing_id)
        return {one.key: one for one in answer.rules}

    assert await shown(RESIDENT) == {}, "a draft is judged by none yet"
    await filing.submit(filing_id)
    await put(filing, value="12")
    assert await value(filing) == "12"
    found = (await shown(CLERK))[MEMBERS]
    assert (found.value, place(found), found.effective_from) == ("10", PROVINCE, "")
    assert "S02" in found.basis
    assert found.meaning
    assert await shown(VILLAGE) == await shown(CLERK) == await shown(RESIDENT)
    elsewhere = at(Role.TOWN_CLERK, "460106001000")
    asked = filing.call("GetFilingRules", elsewhere, filing_id=filing_id)
    assert await code_of(asked) == "common.not_found"


async def test_a_county_takes_filing_upon_itself(filing: Filing) -> None:
    """T11.2: the authority follows from the community and the county's rule of the day."""
    early, waiting = await filing.draft("暖心"), await filing.draft("守望")
    await filing.submit(early)
    await put(filing, key=AUTHORITY, value="county", plus=1)
    await advance(1)
    received = (await filing.submit(waiting)).filing
    assert (received.authority.code, received.filing_id) == (COUNTY, waiting)
    fresh = await filing.draft("互助")
    county = at(Role.TOWN_CLERK, COUNTY)
    about = {"filing_id": waiting, "opinion": filing_messages.VillageOpinion.AGREE}
    await filing.call("GiveVillageOpinion", VILLAGE, **about)
    inbox = await filing.call("ListInbox", county)
    assert [one.filing_id for one in inbox.filings] == [waiting]
    reads = filing.call("GetFiling", CLERK, filing_id=waiting)
    assert await code_of(reads) == "common.not_found", "no longer the street's"
    kept = (await filing.call("GetFiling", CLERK, filing_id=early)).filing
    assert kept.authority.code == STREET, "received before, stays with the street"
    assert (
        await filing.call("GetFiling", RESIDENT, filing_id=fresh)
    ).filing.authority.code == COUNTY


async def test_a_community_nobody_files_for_until_its_county_does(filing: Filing) -> None:
    orphan, county = "460108400400", "460108000000"
    new = {"filing_id": str(uuid7()), "community_code": orphan}
    assert await code_of(filing.call("CreateDraft", RESIDENT, **new)) == "region.no_authority"
    head = at(Role.COUNTY_APPROVE, county)
    await put(filing, head, county, key=AUTHORITY, value="county")
    made = await filing.call("CreateDraft", RESIDENT, **new | {"filing_id": str(uuid7())})
    assert made.filing.authority.code == county


def broken(basis: pb.Basis | None) -> int:
    """Field rules that a setting with this basis breaks."""
    request = pb.SetRuleRequest(
        request_id=str(uuid7()), key=MEMBERS, region_code=COUNTY, value="8",
        effective_from="2026-03-02", basis=basis,
    )  # fmt: skip
    return len(protovalidate.collect_violations(request))


@pytest.mark.parametrize("missing", ["title", "document_no", "issuer", "issued_on"])
def test_no_value_is_saved_without_a_basis_document(missing: str) -> None:
    """The door refuses before the service is asked (PH1.1)."""
    assert broken(BASIS) == 0
    assert broken(None) == 1
    parts = {name: getattr(BASIS, name) for name in ("title", "document_no", "issuer", "issued_on")}
    assert broken(pb.Basis(**parts | {missing: ""})) == 1


async def test_a_basis_that_says_nothing_is_refused(filing: Filing) -> None:
    blank = pb.Basis(title="  ", document_no="  ", issuer="  ", issued_on="2026-01-05")
    assert await code_of(put(filing, basis=blank)) == "rule.no_basis"
    ahead = pb.Basis(
        title="细则", document_no="1号", issuer="民政局", issued_on=await today(filing, 1)
    )
    assert await code_of(put(filing, basis=ahead)) == "rule.basis_ahead"
    assert await value(filing) == "10"


async def test_a_slow_reading_never_takes_the_place_of_a_newer_one(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books.of(await workload("filing"))
    made = Setting(MEMBERS, "/460000000000/", "7", date(2026, 3, 2), "琼民规")
    readings = iter([(0.05, RuleBook.default()), (0, RuleBook.default([made]))])

    async def read() -> RuleBook:
        delay, book = next(readings)
        await asyncio.sleep(delay)
        return book

    monkeypatch.setattr(books, "_read", read)
    await asyncio.gather(books.at(101), books.at(102))
    assert list(books.book.settings(MEMBERS)) == [made]
