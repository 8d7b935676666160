"""Drafts through the service: what submission would find is told beforehand; whose filings are listed."""

from dataclasses import replace

import pytest

from kit.errors import Refusal
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import CLERK, COMMUNITY, RESIDENT, Filing, at


async def test_a_draft_is_told_what_submission_would_find(filing: Filing) -> None:
    filing_id = str(uuid7())
    form = pb.Form(name="暖心队", principals=[pb.Principal(name="符甲", is_official=True)])
    made = {"filing_id": filing_id, "community_code": COMMUNITY, "form": form}
    await filing.call("CreateDraft", RESIDENT, **made)
    found = await filing.call("CheckDraft", RESIDENT, filing_id=filing_id)
    with pytest.raises(Refusal) as refused:
        await filing.submit(filing_id)
    told = [(one.field, one.rule, one.message) for one in found.violations]
    assert told == [(one.field, one.rule, one.message) for one in refused.value.violations]
    assert {"form.name", "materials.B02", "form.principals[0].phone"} <= {at for at, *_ in told}
    assert [code.name for code in found.uploads] == ["B02", "B05", "B09"]


async def test_a_complete_draft_has_nothing_against_it_and_only_its_owner_asks(
    filing: Filing,
) -> None:
    filing_id = await filing.draft()
    found = await filing.call("CheckDraft", RESIDENT, filing_id=filing_id)
    assert found.violations == []
    stranger = at(Role.RESIDENT, subject="stranger")
    for who, code in ((stranger, "common.not_found"), (CLERK, "common.no_function")):
        with pytest.raises(Refusal) as refused:
            await filing.call("CheckDraft", who, filing_id=filing_id)
        assert refused.value.code == code
    await filing.submit(filing_id)
    with pytest.raises(Refusal) as refused:
        await filing.call("CheckDraft", RESIDENT, filing_id=filing_id)
    assert refused.value.code == "common.not_found"


async def test_an_owner_is_shown_the_filing_of_the_organization_alone(filing: Filing) -> None:
    filing_id = await filing.proposed()
    organization = (await filing.decide(filing_id)).filing.organization_id
    await filing.draft("守望")
    owner = replace(at(Role.ORG_OWNER, subject=RESIDENT.subject), organization_id=organization)
    listed = (await filing.call("ListOwnFilings", owner)).filings
    assert [line.filing_id for line in listed] == [filing_id]
    assert listed[0].handler == "", "who handles a case is for the officers"
    other = replace(owner, organization_id=str(uuid7()))
    assert (await filing.call("ListOwnFilings", other)).filings == []
    assert len((await filing.call("ListOwnFilings", RESIDENT)).filings) == 2
