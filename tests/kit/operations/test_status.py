"""What a workload says of itself."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.contracts import rpc_by_path
from kit.database import numbered
from kit.errors import Refusal
from kit.operations.routing import names, routed
from kit.outbox import state_fact
from kit.timers import Timer, keep
from proto.gen.minzheng.operations.v1.operations_pb import (
    GetStatusRequest,
    ListParkedRequest,
    ReplayParkedRequest,
    SearchAuditRequest,
    WorkloadStatus,
)
from tests.house.test_files import ROOT
from tests.kit.facts.helpers import submitted, until
from tests.kit.operations.conftest import ORG, OTHER, SERVICE, Desk


async def status(desk: Desk) -> WorkloadStatus:
    found: WorkloadStatus = (await desk.ask(GetStatusRequest(workload="filing"))).status
    return found


async def test_a_quiet_workload(desk: Desk) -> None:
    told = await status(desk)
    assert (told.workload, told.outbox_unpublished, told.parked_facts) == ("filing", 0, 0)
    assert told.relay_leads
    assert told.version
    assert [(one.topic, one.records) for one in told.lag] == [("minzheng.posts.v1", 3)]
    assert told.audit_check is None
    last = {"kit": "kit/migrations", "filing": "services/filing/migrations"}
    assert {one.component: one.name for one in told.migrations} == {
        name: numbered(ROOT / folder)[-1].stem for name, folder in last.items()
    }


async def test_what_waits_is_told_with_its_age(desk: Desk) -> None:
    async with desk.database.transaction() as connection:
        await state_fact(connection, submitted(ORG, 1))
        await connection.execute("UPDATE kit.outbox SET published_at = NULL")
    await desk.park(submitted(OTHER, 1), submitted(OTHER, 2), submitted(ORG, 1))
    told = await status(desk)
    assert (told.outbox_unpublished, told.parked_facts, told.parked_aggregates) == (1, 3, 2)
    assert told.outbox_oldest_seconds < 60


async def test_calls_and_requests_of_this_process(desk: Desk) -> None:
    desk.calls.note(0.1, failed=False)
    desk.calls.note(0.1, failed=True)
    told = await status(desk)
    assert told.calls is not None
    assert told.requests is not None
    assert (told.calls.calls, told.calls.failed, told.requests.calls) == (2, 1, 0)
    assert 100 <= told.calls.p95_ms <= 120


async def test_a_log_that_does_not_answer_is_no_lag_of_nothing(desk: Desk) -> None:
    desk.log.away = True
    told = await status(desk)
    assert (told.lag_known, list(told.lag)) == (False, [])


async def test_timers_tell_their_last_look_and_their_failures(desk: Desk) -> None:
    fails = [True]

    async def work() -> int:
        if fails.pop() if fails else False:
            raise ValueError("张三")
        return 1

    timer = Timer("filing.due", work, every=0.01)
    desk.rpc.workload = replace(desk.workload, timers=desk.database.kept)
    assert [one.name for one in (await status(desk)).timers] == []

    async def ran() -> bool:
        return timer.ran.at is not None

    stop = asyncio.Event()
    working = asyncio.create_task(keep(timer, desk.database, stop))
    await until(ran)
    (told,) = (await status(desk)).timers
    stop.set()
    await working
    assert [one.name for one in (await status(desk)).timers] == []
    assert (told.name, told.failures, told.failure) == ("filing.due", 1, "ValueError")
    assert datetime.fromisoformat(told.ran_at) > datetime.now(UTC) - timedelta(minutes=1)


async def test_it_answers_for_itself_alone(desk: Desk) -> None:
    requests = (
        GetStatusRequest(workload="gateway"),
        ListParkedRequest(workload="gateway"),
        ReplayParkedRequest(workload="gateway", aggregate=ORG, reason="修复后重放"),
        SearchAuditRequest(workload="gateway"),
    )
    for request in requests:
        with pytest.raises(Refusal, match="not_found"):
            await desk.ask(request)
    assert await desk.audited() == []


def test_the_request_names_who_is_asked() -> None:
    rpc = rpc_by_path()[f"{SERVICE}GetStatus"]
    assert {routed(rpc, GetStatusRequest(workload=name)).workload for name in names()} == set(
        names()
    )
    assert "gateway" in names()
    for name in ("log", "nobody", "*", ""):
        with pytest.raises(Refusal, match="not_found"):
            routed(rpc, GetStatusRequest(workload=name))


def test_every_other_contract_has_one_workload() -> None:
    rpc = rpc_by_path()["/minzheng.posts.v1.PostsService/ListPosts"]
    assert routed(rpc, None) is rpc
