"""`minzheng resend`: a department's address gets a span of events again; the trail says who and why."""

import pytest

from gateway.subscriptions.operating import resend, run
from kit.errors import Refusal
from kit.ids import uuid7
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.webhooks import Desk
from tests.sink import Sink

TRAIL = "SELECT object_id, reason, subject FROM kit.audit WHERE action = 'resend_events'"


async def test_events_come_again_and_are_marked(desk: Desk, sink: Sink) -> None:
    found = await desk.live(sink)
    for _ in range(3):
        await desk.room.filed(DATONGLI)
    await desk.settle()
    before = sorted(sink.ids)
    sink.received.clear()
    assert await resend(found, "", "", "the department lost a disk") == len(before)
    await desk.settle()
    assert sorted(sink.ids) == before
    assert all(one.headers["minzheng-redelivery"] == "true" for one in sink.received)
    (row,) = await desk.room.database.pool.fetch(TRAIL)
    assert (row["object_id"], row["reason"]) == (found, "the department lost a disk")
    assert row["subject"].startswith("operator:")
    assert await resend(found, "2031-01-01T00:00:00+08:00", "", "nothing yet") == 0


async def test_what_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match=r"common\.not_found"):
        await resend(str(uuid7()), "", "", "why")
    with pytest.raises(SystemExit):
        run(str(uuid7()), "", "", " ")
