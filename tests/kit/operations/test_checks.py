"""The daily walk along the audit chain: when it is due, what it finds, what it leaves."""

from datetime import UTC, datetime, time, timedelta

import pytest

from kit.operations import checks
from kit.operations.checks import Check, due, latest, walk
from kit.operations.rpc import OperationsRpc
from proto.gen.minzheng.operations.v1.operations_pb import ListAuditChecksRequest
from tests.kit.audit.conftest import Trail, trail
from tests.kit.operations.conftest import AUDITOR, Desk

__all__ = ["trail"]
NIGHT = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)
"""Half past two in Hainan."""


@pytest.mark.parametrize(
    ("hours_before", "later", "expected"),
    [
        (24.0, timedelta(), True),
        (24.0, timedelta(hours=-1), False),
        (1.0, timedelta(), False),
        (3.0, timedelta(), True),
        (0.1, timedelta(hours=12), False),
        (0.1, timedelta(hours=24), True),
    ],
)
def test_one_walk_a_day_from_the_quiet_hours_on(
    hours_before: float, later: timedelta, expected: bool
) -> None:
    assert due(NIGHT - timedelta(hours=hours_before), NIGHT + later) is expected


def test_the_first_walk_is_due_at_once() -> None:
    assert due(None, NIGHT - timedelta(hours=2))


async def told(trail: Trail) -> list[Check]:
    async with trail.database.pool.acquire() as connection:
        return await latest(connection, 10)


async def test_a_whole_chain_is_walked_once_a_day(trail: Trail) -> None:
    assert await walk(trail.database, trail.keyring) == 1
    assert await walk(trail.database, trail.keyring) == 0
    (found,) = await told(trail)
    assert (found.whole, found.rows, found.checkpoints, found.unsealed) == (True, 30, 2, 0)
    assert found.finding == ""


async def test_a_changed_row_is_found_and_told(trail: Trail) -> None:
    await trail.owner.execute("UPDATE kit.audit SET reason = 'other' WHERE id = 7")
    assert await walk(trail.database, trail.keyring) == 1
    (found,) = await told(trail)
    assert (found.whole, found.rows) == (False, 0)
    assert "row 7 " in found.finding


async def test_the_pace_leaves_no_row_out(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PACE", checks.Pace(batch=7, rest=0.1))
    await walk(trail.database, trail.keyring)
    assert [found.rows for found in await told(trail)] == [30]


async def test_the_walks_are_told_newest_first(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "QUIET", time())
    await walk(trail.database, trail.keyring)
    await trail.owner.execute("UPDATE kit.audit_check SET began_at = began_at - interval '1 day'")
    await trail.owner.execute("DELETE FROM kit.audit WHERE id = 3")
    await walk(trail.database, trail.keyring)
    desk = Desk(trail.database)
    assert isinstance(desk.rpc, OperationsRpc)
    answer = await desk.ask(ListAuditChecksRequest(workload="filing"), AUDITOR)
    assert [one.whole for one in answer.checks] == [False, True]
    assert "row 3 " in answer.checks[0].finding
