"""Parked facts listed by aggregate and replayed with a reason, once, and told the same ever after."""

from kit.ids import uuid7
from kit.log.port import Record
from kit.operations import parked
from kit.reactions import Intake
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.operations.v1.operations_pb import (
    ListParkedRequest,
    ListParkedResponse,
    ReplayParkedRequest,
    ReplayParkedResponse,
)
from tests.kit.facts.helpers import delivery, submitted
from tests.kit.operations.conftest import ORG, OTHER, SECRET, Desk

LEFT = "SELECT count(*) FROM kit.parked"


async def listed(desk: Desk, size: int = 20, token: str = "") -> ListParkedResponse:
    page = PageRequest(size=size, token=token)
    found: ListParkedResponse = await desk.ask(ListParkedRequest(workload="filing", page=page))
    return found


def asking(aggregate: str = ORG) -> ReplayParkedRequest:
    return ReplayParkedRequest(
        workload="filing", aggregate=aggregate, reason="修复后重放", request_id=str(uuid7())
    )


async def replayed(desk: Desk, request: ReplayParkedRequest) -> tuple[int, int, str]:
    answer: ReplayParkedResponse = await desk.ask(request)
    return answer.replayed, answer.left, answer.failure


async def test_aggregates_stand_in_the_order_they_were_parked(desk: Desk) -> None:
    await desk.park(submitted(OTHER, 1), submitted(ORG, 1), submitted(OTHER, 2))
    found = (await listed(desk)).aggregates
    assert [(one.aggregate, one.facts, one.version) for one in found] == [
        (OTHER, 2, 1),
        (ORG, 1, 1),
    ]
    assert {one.type for one in found} == {"minzheng.filing.v1.FilingSubmitted"}
    assert {one.reason for one in found} == {"ValueError"}


async def test_pages_follow_one_another(desk: Desk) -> None:
    ids = [str(uuid7()) for _ in range(5)]
    await desk.park(*(submitted(one, 1) for one in ids))
    seen, token = [], ""
    while True:
        answer = await listed(desk, 2, token)
        seen += [one.aggregate for one in answer.aggregates]
        token = answer.page.next_token if answer.page else ""
        if not token:
            break
    assert seen == ids


async def test_of_what_is_no_fact_nothing_foreign_is_shown(desk: Desk) -> None:
    await Intake("filing", desk.database, {}, delays=()).take(
        delivery(Record(SECRET, SECRET.encode(), (("ce_type", SECRET.encode()),)))
    )
    (one,) = (await listed(desk)).aggregates
    assert (one.aggregate, one.type, one.version, one.facts) == ("", "", 0, 1)
    assert SECRET not in str(one)


async def test_a_replay_says_who_why_and_what_came_of_it(desk: Desk) -> None:
    await desk.park(submitted(ORG, 1), submitted(ORG, 2), submitted(OTHER, 1))
    desk.faulty.mended = True
    request = asking()
    assert await replayed(desk, request) == (2, 0, "")
    assert desk.faulty.applied == [1, 2]
    assert await desk.database.pool.fetchval(LEFT) == 1, "the other one stays"
    assert await desk.audited() == [
        ("admin", "replay_facts", ORG, "修复后重放", ""),
        ("admin", "replay_facts", ORG, "", "REPLAYED 2 LEFT 0"),
    ]
    assert await replayed(desk, request) == (2, 0, ""), "the same request is told the same"
    assert await replayed(desk, asking()) == (0, 0, ""), "another one finds nothing"


async def test_what_fails_again_stays_and_names_nobody(desk: Desk) -> None:
    await desk.park(submitted(ORG, 1), submitted(ORG, 2))
    assert await replayed(desk, asking()) == (0, 2, "ValueError")
    assert SECRET not in str(await desk.audited())
    assert (await desk.audited())[1][3:] == ("ValueError", "REPLAYED 0 LEFT 2")


async def test_a_replay_ends_in_time_and_the_next_goes_on(desk: Desk) -> None:
    await desk.park(*(submitted(ORG, version) for version in (1, 2, 3)))
    await listed(desk)
    desk.faulty.mended, desk.faulty.slow = True, 0.5
    done = await parked.replay(desk.unit, desk.reactions, ORG, "演练", seconds=0.3)
    assert (done.replayed, done.left, done.failure) == (1, 2, "")
    desk.faulty.slow = 0
    assert await replayed(desk, asking()) == (2, 0, "")
