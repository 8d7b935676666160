"""The matrix through real gRPC and PostgreSQL; each layer off alone leaks nothing."""

from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from gateway.demo.application import form as demo_form
from kit import access as policy
from kit.access import Decision, Filter
from kit.contracts import Rpc, rpcs
from kit.database import connect
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.filing_pb import InboxTab
from services.filing.rpc import queries, work
from tests.access.conftest import Behind, request_for
from tests.access.expected import (
    ALLOWED,
    HIDDEN,
    NO_FUNCTION,
    ROWS,
    SITUATIONS,
    Situation,
    verdict,
)
from tests.access.test_function import ROLES
from tests.filing.service import RESIDENT

ABOUT_A_CASE = [
    rpc
    for rpc in rpcs()
    if rpc.workload == "filing"
    and "filing_id" in {field.local_name for field in rpc.request.desc().fields}
    and rpc.name != "CreateDraft"
]
BESIDE = [rpc for rpc in rpcs() if rpc.workload == "filing" and rpc not in ABOUT_A_CASE]
PARTS = ("GetOwnObjection", "HandleObjection", "GetLetterFile", "GetMaterial")
"""About an objection nobody raised, a letter nobody asked for, a file nobody sent."""
NEEDLES = demo_form("", "460106004002", 1, "二楼")
ELSEWHERE = [where for where in SITUATIONS if not (where.below or where.applicant)]


def caller(role: Role, where: Situation, organization: str) -> Caller:
    return Caller(
        RESIDENT.subject if where.applicant else "somebody",
        role,
        region_code=where.code,
        region_path=where.path,
        organization_id=organization if where.organization else "",
    )


def calls(rpc: Rpc, states: list[str]) -> Iterator[tuple[Role, Situation, str]]:
    """Every situation and state for roles with the function; one call for the others."""
    for role in ROLES:
        for where in SITUATIONS:
            for state in states:
                without = verdict(rpc.access.action, role.name, where, state)[0] == NO_FUNCTION
                if not without or (where is SITUATIONS[2] and state == "COMPLETENESS"):
                    yield role, where, state


@pytest.mark.parametrize("rpc", ABOUT_A_CASE, ids=lambda rpc: rpc.name)
async def test_the_service_answers_as_the_table(behind: Behind, rpc: Rpc) -> None:
    organizations = await _organizations(behind)
    wrong = []
    for role, where, state in calls(rpc, sorted(behind.cases)):
        who = caller(role, where, organizations[state])
        expected, _ = verdict(rpc.access.action, role.name, where, state)
        found, code = await behind.verdict(rpc, who, behind.cases[state])
        # What a case does not have is not found, whoever may ask for it.
        own = rpc.name in PARTS and code == "common.not_found"
        if found != expected and not (own and expected == ALLOWED):
            wrong.append((role.name, where.name, state, expected, found, code))
    assert wrong == []


async def test_persons_are_shown_as_the_table_says(behind: Behind) -> None:
    """In clear to their own applicant, masked to officers, to nobody else."""
    rpc = next(rpc for rpc in ABOUT_A_CASE if rpc.name == "GetFiling")
    organizations = await _organizations(behind)
    looked = {"own": 0, "masked": 0}
    for role, where, state in calls(rpc, sorted(behind.cases)):
        expected, shown = verdict(rpc.access.action, role.name, where, state)
        if expected != ALLOWED:
            continue
        answer = await behind.filing.call(
            "GetFiling",
            caller(role, where, organizations[state]),
            filing_id=behind.cases[state],
        )
        person = answer.filing.form.principals[0]
        found = "masked" if "*" in person.id_number + person.phone else "own"
        assert ("*" in person.name) == (found == "masked")
        assert found == shown, (role.name, where.name, state)
        looked[found] += 1
    assert min(looked.values()) > 5


@pytest.mark.parametrize("rpc", BESIDE, ids=lambda rpc: rpc.name)
async def test_what_is_about_no_case_asks_for_the_function_too(behind: Behind, rpc: Rpc) -> None:
    may = {row["role"] for row in ROWS if row["action"] == rpc.access.action}
    for role in ROLES:
        found, code = await behind.verdict(rpc, caller(role, SITUATIONS[4], ""), str(uuid7()))
        assert (found == NO_FUNCTION) == (role.name not in may), (role.name, code)


async def _organizations(behind: Behind) -> dict[str, str]:
    owner = await connect("filing", "owner")
    await owner.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    rows = await owner.fetch("SELECT filing_id::text, organization_id::text FROM filing")
    await owner.close()
    by_case = {row[0]: row[1] for row in rows}
    return {state: by_case[filing_id] for state, filing_id in behind.cases.items()}


async def test_absent_and_out_of_reach_answer_alike(behind: Behind) -> None:
    stranger = Caller(
        "somebody",
        Role.TOWN_CLERK,
        region_code="460106001000",
        region_path="/460000000000/460100000000/460106000000/460106001000/",
    )
    for rpc in ABOUT_A_CASE:
        if any(Role.TOWN_CLERK in row.roles for row in rpc.access.rows):
            hidden = await behind.problem(
                rpc, stranger, request_for(rpc, behind.cases["COMPLETENESS"])
            )
            absent = await behind.problem(rpc, stranger, request_for(rpc, str(uuid7())))
            assert hidden is not None
            assert absent is not None
            hidden.trace_id = absent.trace_id = ""
            assert hidden.to_binary() == absent.to_binary()


async def test_a_state_that_hides_answers_like_absence(behind: Behind) -> None:
    """Also to who has the function at the right place: not yet is not there."""
    hidden = 0
    for rpc in ABOUT_A_CASE:
        for role in ROLES:
            who = caller(role, SITUATIONS[2], "")
            if verdict(rpc.access.action, role.name, SITUATIONS[2], "DRAFT")[0] == HIDDEN:
                there = await behind.problem(rpc, who, request_for(rpc, behind.cases["DRAFT"]))
                absent = await behind.problem(rpc, who, request_for(rpc, str(uuid7())))
                assert there is not None
                assert absent is not None
                there.trace_id = absent.trace_id = ""
                assert there.to_binary() == absent.to_binary()
                hidden += 1
    assert hidden > 30


async def _reachable_elsewhere(behind: Behind) -> list[tuple[str, str, str]]:
    """(RPC, role, situation) of calls about the case that somebody elsewhere got answered."""
    public = {"ObjectToFiling", "GetOwnObjection"}
    found = []
    for rpc in ABOUT_A_CASE:
        for role in (Role.TOWN_CLERK, Role.COUNTY_CLERK, Role.VILLAGE, Role.ORG_OWNER):
            for where in ELSEWHERE:
                if rpc.name in public or where.organization or where.community:
                    continue
                who = replace(caller(role, where, ""), subject="stranger")
                answer, _ = await behind.verdict(rpc, who, behind.cases["COMPLETENESS"])
                if answer == ALLOWED:
                    found.append((rpc.name, role.name, where.name))
    return found


@pytest.fixture
def function_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy function says yes to everything."""
    monkeypatch.setattr(policy, "may_call", lambda *_: True)
    monkeypatch.setattr(policy, "decide", lambda *_: Decision(True, "off", PersonalFields.CLEAR))
    monkeypatch.setattr(work, "require", lambda *_: PersonalFields.CLEAR)


async def row_security(behind: Behind, on: bool) -> None:
    owner: asyncpg.Connection[asyncpg.Record] = await connect("filing", "owner")
    for table in ("filing", "filing_step"):
        await owner.execute(
            f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY"
        )
    await owner.close()


async def test_row_security_alone_keeps_strangers_out(behind: Behind, function_off: None) -> None:
    assert await _reachable_elsewhere(behind) == []


async def test_the_function_alone_keeps_strangers_out(behind: Behind) -> None:
    await row_security(behind, on=False)
    try:
        assert await _reachable_elsewhere(behind) == []
    finally:
        await row_security(behind, on=True)


async def test_with_both_off_the_leak_is_seen(behind: Behind, function_off: None) -> None:
    """Negative control: the test above can fail."""
    await row_security(behind, on=False)
    try:
        assert len(await _reachable_elsewhere(behind)) > 50
    finally:
        await row_security(behind, on=True)


async def listed(behind: Behind, name: str, who: Caller) -> set[str]:
    """Every line; an inbox has what waits for the applicant in a part of its own."""
    lines = (await behind.filing.call(name, who)).filings
    if name == "ListInbox":
        parted = await behind.filing.call(name, who, tab=InboxTab.CORRECTION)
        lines = [*lines, *parted.filings]
    return {line.filing_id for line in lines}


async def test_lists_show_exactly_what_may_be_read(behind: Behind) -> None:
    organizations = set((await _organizations(behind)).values())
    for name in ("ListFilings", "ListInbox", "ListOwnFilings"):
        rpc = next(rpc for rpc in rpcs() if rpc.name == name)
        for role in ROLES:
            for where in SITUATIONS:
                if not policy.may_call(rpc.access, role):
                    continue
                seen = set()
                for organization in organizations if role is Role.ORG_OWNER else ("",):
                    seen |= await listed(behind, name, caller(role, where, organization))
                allowed = {
                    behind.cases[state]
                    for state in behind.cases
                    if verdict(rpc.access.action, role.name, where, state)[0] == ALLOWED
                }
                if name == "ListInbox" and role is Role.TOWN_LEAD:
                    assert seen <= allowed
                else:
                    assert seen == allowed, (name, role.name, where.name)


async def test_row_security_alone_keeps_lists_apart(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = Filter("province", "460000000000")
    monkeypatch.setattr(queries, "list_filter", lambda *_: everything)
    sibling = next(where for where in SITUATIONS if where.name == "a sibling county")
    county = next(where for where in SITUATIONS if where.name == "the county")
    clerk = Role.COUNTY_CLERK
    assert await listed(behind, "ListFilings", caller(clerk, sibling, "")) == set()
    assert await listed(behind, "ListFilings", caller(clerk, county, "")) == set(
        behind.cases.values()
    ), "the filter is off: also drafts, which row security does not know"


async def test_a_sibling_county_reads_no_byte(behind: Behind) -> None:
    """Every role of another county over every route: nothing of the case comes back.

    Left out: what answers whoever asks with what he said himself, and what needs a token of its own.
    """
    person = NEEDLES["principals"][0]
    needles = ["大同里".encode(), *(person[n].encode() for n in ("name", "idNumber", "phone"))]
    county = next(where for where in SITUATIONS if where.name == "a sibling county")
    for rpc in rpcs():
        if (
            rpc.workload != "filing"
            or rpc.access.fresh
            or rpc.name in ("CheckName", "ObjectToFiling")
        ):
            continue
        for role in ROLES:
            who = caller(role, county, "")
            token = behind.minter.mint(who, "filing")
            for filing_id in behind.cases.values():
                call = behind.channel.unary_unary(rpc.path)
                metadata = (("authorization", f"Bearer {token}"),)
                try:
                    body = request_for(rpc, filing_id)
                    answer = await call(body, metadata=metadata, timeout=10)
                except Exception as error:
                    answer = str(error).encode()
                assert not any(needle in answer for needle in needles), (rpc.name, role.name)
                if "filing_id" not in {f.local_name for f in rpc.request.desc().fields}:
                    break


async def test_a_right_lost_meanwhile_is_not_used(behind: Behind) -> None:
    """A token is bound to its post: another region needs another token, a fresh one another body."""
    decide = next(rpc for rpc in rpcs() if rpc.name == "DecideFiling")
    lead = caller(Role.TOWN_LEAD, SITUATIONS[2], "")
    body = pb.DecideFilingRequest(
        filing_id=behind.cases["COMPLETENESS"], request_id=str(uuid7()), version=999_999
    ).to_binary()
    token = behind.minter.mint(lead, "filing", path=decide.path, body=body)
    metadata = (("authorization", f"Bearer {token}"),)
    other = pb.DecideFilingRequest(
        filing_id=behind.cases["NOTICE_PERIOD"], request_id=str(uuid7()), version=999_999
    ).to_binary()
    with pytest.raises(Exception, match="UNAUTHENTICATED"):
        await behind.channel.unary_unary(decide.path)(other, metadata=metadata)
