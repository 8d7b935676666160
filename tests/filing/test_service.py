"""The filing service on PostgreSQL: one statement a change, one effect a request, nobody else's cases."""

import asyncio
from uuid import UUID

import pytest

from kit.errors import Refusal
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.facts_pb import FilingRefused
from tests.filing.service import CLERK, COMMUNITY, LEAD, RESIDENT, VILLAGE, Filing, at


async def code_of(call: object) -> str:
    with pytest.raises(Refusal) as refused:
        await call  # type: ignore[misc]
    return refused.value.code


async def rows(filing: Filing, text: str, *arguments: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await filing.database.pool.fetch(text, *arguments)]


async def test_a_filing_from_draft_to_number(filing: Filing) -> None:
    filing_id = await filing.proposed()
    answer = (await filing.decide(filing_id)).filing
    year = answer.decided_on[:4]
    assert answer.state is pb.FilingState.FILED
    assert answer.printed_no == f"大同社备〔{year}〕1号"
    history = await filing.call("GetHistory", CLERK, filing_id=filing_id)
    assert [entry.action for entry in history.entries] == [
        "create_draft", "upload_material", "upload_material", "submit",
        "give_village_opinion", "mark_completeness", "propose_decision", "decide",
    ]  # fmt: skip
    audit = await rows(
        filing, "SELECT action, outcome FROM kit.audit WHERE object_id = $1 ORDER BY id", filing_id
    )
    assert audit == [(entry.action, "done") for entry in history.entries]
    facts = await rows(filing, "SELECT aggregate_version, type FROM kit.outbox ORDER BY id")
    assert facts == [
        (1, "minzheng.filing.v1.FilingSubmitted"),
        (2, "minzheng.filing.v1.FilingOpinionRecorded"),
        (3, "minzheng.filing.v1.OrganizationFiled"),
    ]


async def test_the_same_request_has_one_effect_and_one_answer(filing: Filing) -> None:
    filing_id, key = await filing.draft(), str(uuid7())
    answers = await asyncio.gather(*[filing.submit(filing_id, request_id=key) for _ in range(5)])
    assert all(answer == answers[0] for answer in answers)
    assert await filing.submit(filing_id, request_id=key) == answers[0]
    assert await rows(filing, "SELECT count(*) FROM kit.outbox") == [(1,)]
    other = filing.submit(filing_id, request_id=key, pledge_version="another")
    assert await code_of(other) == "common.key_reused"


async def test_a_create_is_known_by_its_own_id(filing: Filing) -> None:
    made = {"filing_id": str(uuid7()), "community_code": COMMUNITY}
    first = await filing.call("CreateDraft", RESIDENT, **made)
    assert await filing.call("CreateDraft", RESIDENT, **made) == first
    other = filing.call("CreateDraft", RESIDENT, **(made | {"community_code": "460106004001"}))
    assert await code_of(other) == "common.key_reused"
    stranger = filing.call("CreateDraft", at(Role.RESIDENT, subject="stranger"), **made)
    assert await code_of(stranger) == "common.busy"


async def test_a_decision_is_taken_once_and_numbers_have_no_gaps(filing: Filing) -> None:
    cases = [
        await filing.proposed(
            f"守望{n}".translate(str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸"))
        )
        for n in range(8)
    ]
    answers = await asyncio.gather(
        *[filing.decide(case) for case in cases for _ in range(2)], return_exceptions=True
    )
    printed = sorted(
        int(a.filing.printed_no.split("〕")[1][:-1])
        for a in answers
        if not isinstance(a, Exception)
    )
    assert printed == list(range(1, 9))
    assert {e.code for e in answers if isinstance(e, Refusal)} <= {
        "common.not_found",
        "common.busy",
    }
    assert sum(isinstance(e, BaseException) for e in answers) == 8


async def test_a_refused_request_leaves_only_its_audit_row(filing: Filing) -> None:
    filing_id = await filing.proposed()
    before = await rows(filing, "SELECT count(*) FROM kit.request")
    refused = filing.call("DecideFiling", LEAD, filing_id=filing_id, agree=False)
    assert await code_of(refused) == "filing.note_missing"
    assert await rows(filing, "SELECT count(*) FROM kit.request") == before
    assert await rows(filing, "SELECT last FROM counter WHERE name LIKE '460106004:%'") == []
    last = await rows(
        filing, "SELECT action, outcome, reason FROM kit.audit ORDER BY id DESC LIMIT 1"
    )
    assert last == [("decide", "refused", "filing.note_missing")]


async def test_an_older_version_is_refused(filing: Filing) -> None:
    filing_id = await filing.draft()
    assert await code_of(filing.submit(filing_id, version=1)) == "common.stale_version"


async def test_two_organizations_cannot_take_one_name(filing: Filing) -> None:
    first, second = await filing.proposed(), await filing.proposed()
    await filing.decide(first)
    assert await code_of(filing.decide(second)) == "filing.duplicate_name"
    third = await filing.draft()
    with pytest.raises(Refusal) as refused:
        await filing.submit(third)
    assert [v.rule for v in refused.value.violations] == ["name.duplicate"]


@pytest.mark.parametrize(
    "who",
    [
        at(Role.TOWN_CLERK, "460106001000"),
        at(Role.COUNTY_CLERK, "460107000000"),
        at(Role.CITY_CA, "460200000000"),
        at(Role.VILLAGE, "460106004001"),
        at(Role.RESIDENT, subject="stranger"),
    ],
    ids=lambda who: who.role.name,
)
async def test_others_see_nothing(filing: Filing, who: object) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    absent = filing.call("GetFiling", who, filing_id=str(uuid7()))  # type: ignore[arg-type]
    hidden = filing.call("GetFiling", who, filing_id=filing_id)  # type: ignore[arg-type]
    assert await code_of(absent) == await code_of(hidden) == "common.not_found"


async def test_row_security_alone_hides_other_regions(filing: Filing) -> None:
    filing_id = UUID(await filing.draft())
    count = "SELECT count(*) FROM filing WHERE filing_id = $2 AND (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"
    for scope, seen in (
        ("r:/460000000000/460100000000/460106000000/", 1),
        ("r:/460000000000/460100000000/460107000000/", 0),
        ("s:resident", 1),
        ("s:stranger", 0),
        ("r:", 0),
        ("", 0),
        ("r:460000000000", 0),
        ("x:/", 0),
    ):
        assert await rows(filing, count, scope, filing_id) == [(seen,)], scope
    assert await rows(filing, "SELECT count(*) FROM filing") == [(0,)], "no scope, nothing"


async def test_inboxes_hold_what_waits_for_their_post(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    assert len((await filing.call("ListInbox", VILLAGE)).filings) == 1
    assert (await filing.call("ListInbox", CLERK)).filings == []
    await filing.call(
        "GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=pb.VillageOpinion.AGREE
    )
    assert len((await filing.call("ListInbox", CLERK)).filings) == 1
    assert (await filing.call("ListInbox", LEAD)).filings == []
    await filing.mark(filing_id)
    await filing.call("ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.ACCEPT)
    assert len((await filing.call("ListInbox", LEAD)).filings) == 1


async def test_lists_page_by_key(filing: Filing) -> None:
    made = [await filing.draft() for _ in range(5)]
    seen, token = [], ""
    while True:
        page = await filing.call(
            "ListOwnFilings",
            RESIDENT,
            page=pb.ListOwnFilingsRequest.desc().fields[0].value.message.type(size=2, token=token),
        )
        seen += [line.filing_id for line in page.filings]
        token = page.page.next_token
        if not token:
            break
    assert seen == sorted(made, reverse=True)


async def test_persons_are_encrypted_and_masked(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    own = (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing.form.principals[0]
    seen = (await filing.call("GetFiling", CLERK, filing_id=filing_id)).filing.form.principals[0]
    assert seen.id_number == own.id_number[0] + "*" * 16 + own.id_number[-1]
    dump = "SELECT filing::text FROM filing WHERE (SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"
    text = (
        str(await rows(filing, dump))
        + str(await rows(filing, "SELECT outbox::text FROM kit.outbox"))
        + str(await rows(filing, "SELECT encode(response, 'escape') FROM kit.request"))
    )
    assert own.name not in text
    assert own.id_number not in text
    assert own.id_number.encode().hex() not in text


async def test_a_file_of_another_account_is_refused(filing: Filing) -> None:
    filing_id = await filing.draft()
    assert await code_of(filing.attach(filing_id, "B05", "somebody")) == "upload.receipt_invalid"


async def test_a_refusal_states_its_grounds(filing: Filing) -> None:
    filing_id = await filing.proposed()
    await filing.call(
        "ProposeDecision",
        CLERK,
        filing_id=filing_id,
        decision=pb.Decision.REFUSE,
        grounds=[pb.RefusalGround.FOR_PROFIT, pb.RefusalGround.PROHIBITED],
        reason="以营利为目的，且活动违反规定",
    )
    assert (await filing.decide(filing_id)).filing.state is pb.FilingState.REFUSED
    payload = await filing.database.pool.fetchval(
        "SELECT payload FROM kit.outbox WHERE type LIKE '%FilingRefused'"
    )
    grounds = FilingRefused.from_binary(payload).grounds
    assert grounds == [pb.RefusalGround.FOR_PROFIT, pb.RefusalGround.PROHIBITED]
