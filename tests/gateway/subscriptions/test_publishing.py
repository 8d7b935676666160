"""The feed on the public topics: every change once acknowledged, under its one event id."""

import json
from typing import Any

import pytest

from gateway.subscriptions.publishing import HISTORY, TWIN, Publisher
from kit.log.port import LogError
from kit.log.postgres import PostgresLog
from tests.conftest import Workload
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.webhooks import FILED, Desk


async def test_the_feed_goes_to_both_public_topics(desk: Desk, workload: Workload) -> None:
    await workload("log")
    log = await PostgresLog.open()
    first = await desk.room.filed(DATONGLI)
    await desk.room.filed(DATONGLI, organization=first)
    publisher = Publisher(desk.room.database, log)
    assert [await publisher.run(), await publisher.run()] == [2, 0]
    (await desk.room.filed(DATONGLI), await publisher.run())
    ids = await desk.feed_ids()
    for topic in (HISTORY, TWIN):
        consumer = log.consumer(f"dept.test.{topic}", [topic])
        found: list[Any] = []
        while len(found) < 3:
            found += await consumer.poll(1.0)
        await consumer.close()
        headers = [{n: v.decode() for n, v in one.record.headers} for one in found]
        assert sorted(one["ce_id"] for one in headers) == sorted(ids)
        (binary, *_) = [one for one in headers if one["ce_id"] == ids[1]]
        assert (binary["ce_sequence"], binary["ce_type"]) == ("2", FILED)
        assert {one.record.key for one in found} >= {first}
        states = [json.loads(one.record.value) for one in found]
        assert all(state["status"] == "ACTIVE" for state in states)
    await log.close()


async def test_what_the_log_did_not_take_is_sent_again(desk: Desk) -> None:
    class Broken:
        """Takes the history and not the twin, the first time."""

        def __init__(self) -> None:
            self.sent: list[tuple[str, int]] = []

        async def ensure(self, topics: Any) -> None: ...

        def producer(self) -> "Broken":
            return self

        async def send(self, topic: str, records: Any) -> list[Exception | None]:
            self.sent.append((topic, len(records)))
            failed = topic == TWIN and len(self.sent) < 3
            return [LogError("away") if failed else None for _ in records]

        async def close(self) -> None: ...

    await desk.room.filed(DATONGLI)
    broken: Any = Broken()
    publisher = Publisher(desk.room.database, broken)
    with pytest.raises(LogError):
        await publisher.run()
    assert await publisher.run() == 1
    assert broken.sent == [(HISTORY, 1), (TWIN, 1)] * 2
