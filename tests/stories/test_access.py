"""Every action by every role over HTTP: without the function 403, out of reach 404, else a domain answer."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from gateway.transcoding.binding import compile_operation
from kit.contracts import Rpc, rpcs
from kit.ids import uuid7
from tests.access.conftest import request_for
from tests.access.expected import ALLOWED, HIDDEN, NO_FUNCTION, SITUATIONS, verdict
from tests.platform import Platform
from tests.stories.people import Town

HERE = {
    "RESIDENT": ("resident.datong", "the applicant"),
    "VILLAGE": ("village.datongli", "the community"),
    "TOWN_CLERK": ("clerk.datong", "the authority"),
    "TOWN_LEAD": ("lead.datong", "the authority"),
    "COUNTY_CLERK": ("county-clerk.longhua", "the county"),
    "COUNTY_REVIEW": ("county-review.longhua", "the county"),
    "COUNTY_APPROVE": ("county-approve.longhua", "the county"),
}
ELSEWHERE = {
    "RESIDENT": "resident.tianya",
    "VILLAGE": "village.tianya",
    "TOWN_CLERK": "clerk.tianya",
    "TOWN_LEAD": "lead.tianya",
    "COUNTY_CLERK": "county-clerk.tianya",
    "COUNTY_REVIEW": "county-review.tianya",
    "COUNTY_APPROVE": "county-approve.tianya",
}
WHERE = {where.name: where for where in SITUATIONS}
ABOUT_A_CASE = [
    rpc
    for rpc in rpcs()
    if rpc.workload == "filing"
    and rpc.routes
    and "{filing_id}" in compile_operation(rpc, rpc.routes[0]).template.text
]
BY_STATUS = {401: NO_FUNCTION, 403: NO_FUNCTION, 404: HIDDEN}


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def send(person: Person, rpc: Rpc, filing_id: str) -> tuple[int, dict[str, Any]]:
    """Status and body of a call that changes nothing: it builds on a version nobody has."""
    operation = compile_operation(rpc, rpc.routes[0])
    request = rpc.request.from_binary(request_for(rpc, filing_id))
    fields = json.loads(request.to_json())
    path = operation.template.text
    for name in operation.template.variables.values():
        text = "MATERIAL_CODE_B02" if name == "code" else str(getattr(request, name))
        path = path.replace(f"{{{name}}}", text)
    for name in ("filingId", "requestId", "version", "objectionId", "code"):
        if name != "objectionId" or "{objection_id}" in operation.template.text:
            fields.pop(name, None)
    body = fields if operation.body == "*" else fields.get(operation.body, {})
    headers = {"authorization": f"Bearer {person.token}"}
    if operation.keyed:
        headers["idempotency-key"] = str(uuid7())
    if operation.versioned:
        headers["if-match"] = '"999999"'
    options = {} if operation.method == "GET" else {"json": body}
    answer = await person.http.request(operation.method, path, headers=headers, **options)
    return answer.status_code, answer.json()


async def test_the_whole_way_answers_as_the_table(town: Town) -> None:
    form = demo_form("", town.community, 9, "大同里社区综合服务中心四楼")
    filing_id = await town.draft("权限", form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    wrong, allowed, refused = [], set(), set()
    for rpc in ABOUT_A_CASE:
        for role, (username, where) in HERE.items():
            for name, place in ((username, where), (ELSEWHERE[role], "another city")):
                expected, _ = verdict(rpc.access.action, role, WHERE[place], "COMPLETENESS")
                status, body = await send(await town.person(name), rpc, filing_id)
                assert status < 500, body
                assert status != 400, (rpc.name, body)
                found = BY_STATUS.get(status, ALLOWED)
                (allowed if found == ALLOWED else refused).add((rpc.name, role))
                if found != expected and not (rpc.name == "GetOwnObjection" and found == HIDDEN):
                    wrong.append((rpc.name, name, expected, status, body.get("code")))
    assert wrong == []
    assert len(allowed) > 25
    assert len(refused) > 100


async def test_absent_and_out_of_reach_answer_alike_over_http(town: Town) -> None:
    form = demo_form("", town.community, 9, "大同里社区综合服务中心四楼")
    filing_id = await town.draft("同形", form)
    for username in ELSEWHERE.values():
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
