"""Operation through the door: every workload tells of itself, three administrators and nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.demo.client import Person
from gateway.transcoding.binding import compile_operation
from kit.contracts import EVERY, Rpc, rpcs
from kit.ids import uuid7
from kit.operations.routing import names
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.platform import Platform
from tests.stories.people import Town
from tests.stories.posts import posts
from tests.stories.test_access import ADMINISTRATORS, OFFICES, OFFICIAL, WHERE

OPERATIONS = [rpc for rpc in rpcs() if rpc.workload == EVERY]
DAILY = {"kit.retention", "kit.audit_check"}
WORKERS = {"filing": "filing.exports", "gateway": "gateway.publishing"}
"""Timers that run beside the workload's own list."""
ORG = "01a00000-0000-7000-8000-00000000000f"
PARK = """INSERT INTO kit.parked (consumer, topic, aggregate, version, key, value, headers, reason)
 VALUES ('notifications', 'minzheng.filing.v1', $1, 1, $1, '', '[]', 'ValueError')"""


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """The administrators among its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def ask(
    person: Person, rpc: Rpc, post: dict[str, str] | None = None, workload: str = "filing"
) -> httpx.Response:
    """A valid call."""
    operation = compile_operation(rpc, rpc.routes[0])
    path = operation.template.text.replace("{workload}", workload)
    headers = {"authorization": f"Bearer {person.token}"} if person.token else {}
    headers |= post or {}
    if operation.method == "GET":
        return await person.http.get(path, headers=headers)
    body = {"aggregate": str(uuid7()), "reason": "演练"}
    return await person.http.post(
        path, json=body, headers=headers | {"idempotency-key": str(uuid7())}
    )


async def test_three_administrators_have_their_own_and_nobody_else_anything(town: Town) -> None:
    official, nobody = await town.person("party-sw"), Person("nobody", town.http, "")
    found, expected = {}, {}
    async with posts(
        town.platform, OFFICIAL, [(r, WHERE["the province"]) for r in OFFICES]
    ) as held:
        for rpc in OPERATIONS:
            asked = {role: (official, held.header(role, WHERE["the province"])) for role in OFFICES}
            asked |= {role: (await town.person(name), {}) for role, name in ADMINISTRATORS.items()}
            asked |= {"ANONYMOUS": (nobody, {}), "RESIDENT": (official, {"minzheng-post": "self"})}
            may = {Role(role).name for row in rpc.access.rows for role in row.roles}
            for role, (person, post) in asked.items():
                found[rpc.name, role] = (await ask(person, rpc, post)).status_code
                refused = 401 if role == "ANONYMOUS" else 403
                expected[rpc.name, role] = 200 if role in may else refused
    assert found == expected
    assert {key for key, status in found.items() if status == 200} == {
        *((name, role) for name in ("GetStatus", "ListAuditChecks") for role in ADMINISTRATORS),
        ("ListParked", "SYS_ADMIN"), ("ReplayParked", "SYS_ADMIN"), ("SearchAudit", "AUDIT_ADMIN"),
    }  # fmt: skip


async def settled(admin: Person, name: str) -> dict[str, Any]:
    """What a workload tells once its first looks of the day are behind it."""
    async with asyncio.timeout(60):
        while True:
            told = await admin.get(f"/api/v1/operations/{name}/status")
            status: dict[str, Any] = told["status"]
            if {one["name"] for one in status["timers"] if one["ranAt"]} >= DAILY:
                return status
            await asyncio.sleep(0.5)


async def test_every_workload_tells_of_itself(town: Town) -> None:
    admin = await town.person("sys-admin")
    for name in names():
        status = await settled(admin, name)
        assert (status["workload"], status["lagKnown"]) == (name, True)
        levels = {one["component"]: one["number"] for one in status["migrations"]}
        assert levels["kit"] >= 5
        assert set(levels) == {"kit", name}
        assert status["auditCheck"]["whole"]
        assert status["relayLeads"]
        assert WORKERS.get(name, "kit.retention") in {one["name"] for one in status["timers"]}
    gateway = (await admin.get("/api/v1/operations/gateway/status"))["status"]
    assert gateway["requests"]["calls"] > gateway["requests"]["failed"] >= 0


async def test_a_name_of_no_workload_is_not_found(town: Town) -> None:
    admin = await town.person("sys-admin")
    for name in ("log", "nobody", "postgres"):
        for rpc in OPERATIONS:
            if rpc.name != "SearchAudit":
                assert (await ask(admin, rpc, workload=name)).status_code == 404


async def test_a_probe_finds_every_process_of_the_run(platform: Platform) -> None:
    for name in names():
        done = await asyncio.to_thread(platform.run, "probe", name)
        assert done.returncode == 0, name


async def test_a_search_finds_who_did_what_and_is_found_itself(town: Town) -> None:
    auditor, clerk = await town.person("audit-admin"), await town.person("clerk.datong")
    await clerk.post("/api/v1/filing-inbox:takeOver", {"fromAccount": "nobody"})
    path = "/api/v1/operations/filing/audit"
    entries = (await auditor.get(path, action="take_over_inbox"))["entries"]
    assert entries[0]["role"] == "TOWN_CLERK"
    assert len(entries[0]["traceId"]) == 32
    searches = (await auditor.get(path, action="search_audit"))["entries"]
    assert "action=take_over_inbox" in {part for one in searches for part in one["reason"].split()}
    refused = (await auditor.get(path, refusedOnly="true"))["entries"]
    assert {one["refused"] for one in refused} <= {True}


async def test_what_is_parked_is_replayed_with_a_reason(town: Town, platform: Platform) -> None:
    admin, auditor = await town.person("sys-admin"), await town.person("audit-admin")
    database = await platform.database("notifications")
    await database.execute(PARK, ORG)
    path = "/api/v1/operations/notifications"
    try:
        status = (await admin.get(f"{path}/status"))["status"]
        assert (status["parkedFacts"], status["parkedAggregates"]) == (1, 1)
        (one,) = (await admin.get(f"{path}/parked"))["aggregates"]
        assert (one["aggregate"], one["reason"]) == (ORG, "ValueError")
        body = {"aggregate": ORG, "reason": "升级后重放"}
        done = await admin.post(f"{path}/parked:replay", body)
        assert (done["replayed"], done["left"]) == (0, 1), "it is no fact of ours"
        assert done["failure"]
        told = (await auditor.get(f"{path}/audit", objectId=ORG, action="replay_facts"))["entries"]
        assert [(row["reason"], row["toState"]) for row in told] == [
            (done["failure"], "REPLAYED 0 LEFT 1"), ("升级后重放", ""),
        ]  # fmt: skip
        refused = await admin.http.post(
            f"{path}/parked:replay",
            json={"aggregate": ORG, "reason": ""},
            headers={"authorization": f"Bearer {admin.token}", "idempotency-key": str(uuid7())},
        )
        assert refused.status_code == 422
        assert "reason" in json.dumps(refused.json())
    finally:
        await database.execute("DELETE FROM kit.parked WHERE aggregate = $1", ORG)
        await database.close()
