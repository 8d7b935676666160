"""Every action by every role over HTTP: without the function 403, out of reach 404, else a domain answer."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from gateway.transcoding.binding import compile_operation
from kit.contracts import Rpc, rpcs
from kit.ids import uuid7
from services.filing.domain.case import State
from tests.access.conftest import request_for
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
from tests.platform import Platform
from tests.stories.people import Town
from tests.stories.posts import Posts, posts

ELSEWHERE = (
    "resident.tianya", "village.tianya", "clerk.tianya", "lead.tianya",
    "county-clerk.tianya", "county-review.tianya", "county-approve.tianya",
)  # fmt: skip
ADMINISTRATORS = {"SYS_ADMIN": "sys-admin", "SEC_ADMIN": "sec-admin", "AUDIT_ADMIN": "audit-admin"}
"""Each a person of their own: the database allows an account one such post."""
EXPERT = "51ed3473-d219-5a0e-a4ae-122308fa5e00"
OFFICIAL = "5c96a1de-d103-5f95-a817-b8df3a352ae7"
REACHED = [where for where in SITUATIONS if where.name not in ("no region", "the applicant")]
"""What a post can be: it always has a region."""
OFFICES = [r.name for r in ROLES if r.name not in ("ANONYMOUS", "RESIDENT", *ADMINISTRATORS)]
AT_ONCE = 8
WHERE = {
    "RESIDENT": "resident.tianya",
    "VILLAGE": "village.tianya",
    "TOWN_CLERK": "clerk.tianya",
    "TOWN_LEAD": "lead.tianya",
    "COUNTY_CLERK": "county-clerk.tianya",
    "COUNTY_REVIEW": "county-review.tianya",
    "COUNTY_APPROVE": "county-approve.tianya",
}
WHERE = {where.name: where for where in SITUATIONS}
FILINGS = [rpc for rpc in rpcs() if rpc.workload == "filing" and rpc.routes]
ABOUT_A_CASE = [
    rpc for rpc in FILINGS if "{filing_id}" in compile_operation(rpc, rpc.routes[0]).template.text
]
PARTS = ("GetOwnObjection", "HandleObjection", "GetLetterFile", "GetMaterial")
"""Nobody raised the objection, asked for the letter, sent the file they are about."""
ANSWERS = (200, 401, 403, 404, 409, 412, 429)
"""A version nobody has is the only thing wrong with a request."""
BY_STATUS = {401: NO_FUNCTION, 403: NO_FUNCTION, 404: HIDDEN}


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def send(
    person: Person, rpc: Rpc, filing_id: str, post: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and body of a call that changes nothing: it builds on a version nobody has."""
    operation = compile_operation(rpc, rpc.routes[0])
    request = rpc.request.from_binary(request_for(rpc, filing_id))
    fields = json.loads(request.to_json())
    path = operation.template.text
    for name in operation.template.variables.values():
        text = "MATERIAL_CODE_B02" if name == "code" else str(getattr(request, name))
        path = path.replace(f"{{{name}}}", text)
    for name in ("filingId", "requestId", "version", "objectionId", "letterId", "code"):
        if name != "objectionId" or "{objection_id}" in operation.template.text:
            fields.pop(name, None)
    body = fields if operation.body == "*" else fields.get(operation.body, {})
    headers = {"authorization": f"Bearer {person.token}"} if person.token else {}
    headers |= post or {}
    if operation.keyed:
        headers["idempotency-key"] = str(uuid7())
    if operation.versioned:
        headers["if-match"] = '"999999"'
    options = {} if operation.method == "GET" else {"json": body}
    answer = await person.http.request(operation.method, path, headers=headers, **options)
    return answer.status_code, answer.json()


def states(rpc: Rpc) -> set[str]:
    """One state of every row, and one in which hardly anybody may."""
    of_rows = ([n for n in row.states if n in State.__members__] for row in rpc.access.rows)
    return {"DRAFT", *(min(named, default="COMPLETENESS") for named in of_rows)}


@dataclass
class Whole:
    """The way from the door to the database, asked about one case."""

    filing_id: str
    state: str = ""
    counted: dict[str, int] = field(default_factory=dict)
    wrong: list[object] = field(default_factory=list)

    async def check(
        self, rpc: Rpc, role: str, where: Situation, person: Person, post: dict[str, str]
    ) -> None:
        """One call against the table: its status, and how it shows persons."""
        expected, shown = verdict(rpc.access.action, role, where, self.state)
        status, body = await send(person, rpc, self.filing_id, post)
        found = BY_STATUS.get(status, ALLOWED)
        self.counted[found] = self.counted.get(found, 0) + 1
        nothing_raised = rpc.name in PARTS and body.get("code") == "common.not_found"
        right = found == expected or (nothing_raised and expected == ALLOWED)
        if rpc.name == "GetFiling" and status == 200:
            right = right and persons(body) == shown
        if not right or status not in ANSWERS:
            self.wrong.append((rpc.name, role, where.name, self.state, expected, status, body))


async def everybody(
    town: Town, rpc: Rpc, state: str, held: Posts
) -> list[tuple[str, Situation, Person, dict[str, str]]]:
    """Every relation for roles with the function, one for the others; those without a post."""
    expert = await town.person("expert")
    asked = [
        (role, where, expert, held.header(role, where))
        for role in OFFICES
        for where in REACHED
        if where is REACHED[0] or verdict(rpc.access.action, role, where, state)[0] != NO_FUNCTION
    ]
    for role, name in ADMINISTRATORS.items():
        asked.append((role, WHERE["the province"], await town.person(name), {}))
    resident, nobody = await town.person("resident.datong"), Person("nobody", town.http, "")
    return [
        *asked,
        ("RESIDENT", WHERE["no region"], expert, {"minzheng-post": "self"}),
        ("RESIDENT", WHERE["the applicant"], resident, {}),
        ("ANONYMOUS", WHERE["no region"], nobody, {}),
    ]


async def test_the_whole_way_answers_as_the_table(town: Town) -> None:
    """Every action under every role in every relation; most by one person of many posts."""
    form = demo_form("", town.community, 9, "大同里社区综合服务中心四楼")
    whole = Whole(await town.draft("权限", form))
    await town.submit(whole.filing_id)
    await town.reviewed(whole.filing_id)
    database = await town.platform.database("filing")
    case = uuid.UUID(whole.filing_id)
    organization = await database.fetchval(
        "SELECT organization_id::text FROM filing WHERE filing_id = $1", case
    )
    wanted = [(role, where) for role in OFFICES for where in REACHED]
    async with posts(town.platform, EXPERT, wanted, organization) as held:
        for rpc in ABOUT_A_CASE:
            for whole.state in sorted(states(rpc)):
                update = "UPDATE filing SET state = $2 WHERE filing_id = $1"
                await database.execute(update, case, whole.state)
                asked = await everybody(town, rpc, whole.state, held)
                for first in range(0, len(asked), AT_ONCE):
                    some = asked[first : first + AT_ONCE]
                    await asyncio.gather(*(whole.check(rpc, *one) for one in some))
    await database.execute("UPDATE filing SET state = 'COMPLETENESS' WHERE filing_id = $1", case)
    await database.close()
    assert whole.wrong == []
    assert whole.counted[ALLOWED] > 150
    assert whole.counted[HIDDEN] > 700
    assert whole.counted[NO_FUNCTION] > 500


def persons(body: dict[str, Any]) -> str:
    """How the principal is shown: `own` (in clear), masked or none."""
    found = body["filing"]["form"].get("principals", [])
    if not found:
        return "none"
    return "masked" if "*" in found[0]["idNumber"] else "own"


ABSENT = (
    "SetRule", "SetRuleBound", "WithdrawRule", "TrackFiling", "VerifyDocument", "GetExport",
    "CancelExport", "GetExportFile",
)  # fmt: skip
"""Asked here about what is not there, or not in reach."""
SIBLING = {"regionCode": "460107000000", "effectiveFrom": "2036-01-01"}
"""A county next to that of the posts below: who may set rules, may not there."""
BASIS = {"title": "规程", "documentNo": "1号", "issuer": "某局", "issuedOn": "2026-01-05"}
BESIDE: dict[str, dict[str, Any]] = {
    "CreateDraft": {"communityCode": "460106004002"},
    "CheckName": {"name": "大同里社区心愿服务队", "communityCode": "460106004002"},
    "TakeOverInbox": {"fromAccount": "nobody"},
    "SetRule": {**SIBLING, "value": "5", "basis": BASIS},
    "SetRuleBound": {**SIBLING, "lowest": 1, "highest": 5, "basis": BASIS},
    "WithdrawRule": SIBLING,
    "VerifyDocument": {"code": "0000-0000-0000-0000"},
    "ListRules": {"regionCode": "460106000000"},
    "ListRuleSettings": {"regionCode": "460106000000"},
    "ListMaterials": {"regionCode": "460106004002"},
    "AssessGroup": {"regionCode": "460106004002", "form": "GROUP_FORM_SOCIAL_BODY"},
    "TrackFiling": {"applicationNo": "SB0", "code": "0000-0000-0000"},
    "StartExport": {"conditions": {"search": "没有这个名字"}},
}
"""Valid requests of what is about no case."""


async def beside(person: Person, rpc: Rpc, post: dict[str, str]) -> int:
    """Status of a valid call that is about no case."""
    operation = compile_operation(rpc, rpc.routes[0])
    path = operation.template.text.replace("{key}", "FIL.NOTICE_DAYS")
    path = path.replace("{export_id}", str(uuid7()))
    made = {"CreateDraft": "filingId", "StartExport": "exportId"}.get(rpc.name)
    fields = BESIDE.get(rpc.name, {}) | ({made: str(uuid7())} if made else {})
    headers = {"authorization": f"Bearer {person.token}"} if person.token else {}
    headers |= post | ({"idempotency-key": str(uuid7())} if operation.keyed else {})
    options: Any = {"params": fields} if operation.method == "GET" else {"json": fields}
    answer = await person.http.request(operation.method, path, headers=headers, **options)
    return answer.status_code


def served(rpc: Rpc) -> int:
    """Status for whoever has the function: done, nothing there, or nothing to export."""
    return 404 if rpc.name in ABSENT else 422 if rpc.name == "StartExport" else 200


async def test_what_is_about_no_case_asks_for_the_function_too(town: Town) -> None:
    official, nobody = await town.person("party-sw"), Person("nobody", town.http, "")
    found, expected = {}, {}
    county = [(role, WHERE["the county"]) for role in OFFICES]
    async with posts(town.platform, OFFICIAL, county) as held:
        for rpc in (rpc for rpc in FILINGS if rpc not in ABOUT_A_CASE):
            may = {row["role"] for row in ROWS if row["action"] == rpc.access.action}
            for role in (*OFFICES, "RESIDENT", "ANONYMOUS"):
                post = held.header(role, WHERE["the county"]) if role != "ANONYMOUS" else {}
                status = await beside(nobody if role == "ANONYMOUS" else official, rpc, post)
                found[rpc.name, role] = status
                refused = 401 if role == "ANONYMOUS" else 403
                expected[rpc.name, role] = served(rpc) if role in may else refused
    assert found == expected


async def test_absent_and_out_of_reach_answer_alike_over_http(town: Town) -> None:
    form = demo_form("", town.community, 9, "大同里社区综合服务中心四楼")
    filing_id = await town.draft("同形", form)
    for username in ELSEWHERE:
        person = await town.person(username)
        for rpc in ABOUT_A_CASE:
            status, hidden = await send(person, rpc, filing_id)
            other, absent = await send(person, rpc, str(uuid7()))
            for answer in (hidden, absent):
                answer.pop("traceId", None)
                answer.pop("instance", None)
            assert (status, hidden) == (other, absent)


async def test_nobody_without_a_sign_on_reaches_a_case(town: Town) -> None:
    filing_id = str(uuid7())
    for rpc in ABOUT_A_CASE:
        nobody = Person("nobody", town.http, "")
        operation = compile_operation(rpc, rpc.routes[0])
        path = operation.template.text
        for name in operation.template.variables.values():
            path = path.replace(f"{{{name}}}", "MATERIAL_CODE_B02" if name == "code" else filing_id)
        headers = {"idempotency-key": str(uuid7())} if operation.keyed else {}
        body = {} if operation.method == "GET" else {"content": b""}
        answer = await nobody.http.request(operation.method, path, headers=headers, **body)
        assert answer.status_code in (401, 400, 422), (rpc.name, answer.text)
