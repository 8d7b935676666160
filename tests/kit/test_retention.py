"""Rows go when their time is over, not a day before; the audit trail stays."""

import pytest

from kit import retention
from kit.database import Database, connect
from kit.retention import RULES, tidy
from tests.conftest import Workload

FILL = {
    "kit.request": "INSERT INTO kit.request SELECT 's', 'm', gen_random_uuid(), '', '',"
    " now() - make_interval(days => $1) FROM generate_series(1, $2)",
    "kit.outbox": "INSERT INTO kit.outbox (event_id, aggregatetype, aggregateid, aggregate_version,"
    " partition_key, type, schema_version, payload, headers, created_at, published_at)"
    " SELECT gen_random_uuid(), 'a', gen_random_uuid()::text, 1, 'k', 't', 1, '', '{}', now(),"
    " now() - make_interval(days => $1) FROM generate_series(1, $2)",
    "kit.floor": "INSERT INTO kit.floor SELECT gen_random_uuid()::text, 1,"
    " now() - make_interval(days => $1) FROM generate_series(1, $2)",
    "kit.inbox": "INSERT INTO kit.inbox (consumer, event_id, received_at) SELECT 'c',"
    " gen_random_uuid(), now() - make_interval(days => $1) FROM generate_series(1, $2)",
}


async def count(database: Database, table: str) -> int:
    return int(await database.pool.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table)
async def test_rows_go_when_their_time_is_over(
    workload: Workload, rule: retention.Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await workload("filing")
    owner = await connect("filing", "owner")
    await owner.execute(FILL[rule.table], rule.days + 1, 25)
    await owner.execute(FILL[rule.table], rule.days - 1, 5)
    await owner.close()
    monkeypatch.setattr(retention, "BATCH", 10)
    assert await tidy(database) == 25
    assert await count(database, rule.table) == 5
    assert await tidy(database) == 0


async def test_facts_that_were_never_sent_stay(workload: Workload) -> None:
    database = await workload("filing")
    owner = await connect("filing", "owner")
    await owner.execute(FILL["kit.outbox"], 400, 3)
    await owner.execute("UPDATE kit.outbox SET published_at = NULL")
    await owner.close()
    assert await tidy(database) == 0


def test_requests_are_kept_for_a_day_at_least() -> None:
    assert {rule.days for rule in RULES if rule.table == "kit.request"} <= set(range(1, 31))


def test_the_audit_trail_has_no_rule() -> None:
    assert not {rule.table for rule in RULES} & {"kit.audit", "kit.audit_chain"}
