"""The guide and the tracking of a case on a real database."""

import pytest

from kit.errors import Refusal
from kit.identity import ANONYMOUS
from proto.gen.minzheng.filing.v1 import filing_pb, guide_pb
from tests.filing.service import CLERK, RESIDENT


async def test_the_guide_of_a_community_names_authority_limits_and_their_basis(filing) -> None:
    found = await filing.call("ListMaterials", ANONYMOUS, region_code="460106004002")
    assert found.authority.name == "大同街道"
    rules = {one.key: one for one in found.rules}
    assert rules["FIL.DECIDE_WD"].value == "10"
    assert rules["FIL.DECIDE_WD"].basis
    assert not any(key.startswith("REG.") for key in rules)
    county = await filing.call("ListMaterials", ANONYMOUS, region_code="460106000000")
    assert county.authority is None, "several file there"


async def test_advice_is_given_with_its_reasons(filing) -> None:
    asked = {"region_code": "460106004002", "form": guide_pb.GroupForm.SOCIAL_BODY}
    found = await filing.call("AssessGroup", ANONYMOUS, **asked, individuals=12)
    assert found.advice is guide_pb.Advice.FILING
    assert [one.key for one in found.registration] == ["REG.ST.MEMBERS.INDIVIDUAL", "REG.ST.CAPITAL_MIN"]  # fmt: skip
    assert "尚未达到登记条件" in found.reason


async def test_whoever_has_number_and_code_sees_how_the_case_stands(filing) -> None:
    filing_id = await filing.draft("甲")
    with pytest.raises(Refusal):
        await filing.call("GetTrackingCode", RESIDENT, filing_id=filing_id)
    await filing.submit(filing_id)
    told = await filing.call("GetTrackingCode", RESIDENT, filing_id=filing_id)
    asked = {"application_no": told.application_no.lower(), "code": told.code.lower()}
    seen = await filing.call("TrackFiling", ANONYMOUS, **asked)
    assert seen.state is filing_pb.FilingState.VILLAGE_REVIEW
    assert (seen.application_no, seen.authority.name) == (told.application_no, "大同街道")
    assert seen.received_on
    assert seen.decide_due


async def test_a_wrong_code_answers_as_an_unknown_number(filing) -> None:
    filing_id = await filing.draft("乙")
    await filing.submit(filing_id)
    told = await filing.call("GetTrackingCode", RESIDENT, filing_id=filing_id)
    answers = []
    for number, code in ((told.application_no, "0000-0000-0000"), ("SB0", told.code)):
        with pytest.raises(Refusal) as refused:
            await filing.call("TrackFiling", ANONYMOUS, application_no=number, code=code)
        answers.append((refused.value.kind, refused.value.code, refused.value.detail))
    assert answers[0] == answers[1]


async def test_nobody_else_reads_the_code(filing) -> None:
    filing_id = await filing.draft("丙")
    await filing.submit(filing_id)
    with pytest.raises(Refusal) as refused:
        await filing.call("GetTrackingCode", CLERK, filing_id=filing_id)
    assert refused.value.code == "common.no_function"
