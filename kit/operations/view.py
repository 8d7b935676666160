"""Status, parked facts, audit rows and checks as messages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from kit.operations.checks import Check
from kit.operations.parked import ParkedAggregate
from kit.operations.status import Level, Waits
from kit.operations.workload import Workload
from kit.recent import MINUTES, Recent
from kit.telemetry.signals import Reading
from kit.timers import Timer
from proto.gen.minzheng.operations.v1 import operations_pb as pb


def instant(moment: datetime | None) -> str:
    """RFC 3339 in UTC, to the second; empty for none."""
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def traffic(recent: Recent) -> pb.Traffic:
    """What was noted in the last minutes."""
    told = recent.told()
    p95 = round(told.p95 * 1000)
    return pb.Traffic(minutes=MINUTES, calls=told.calls, failed=told.failed, p95_ms=p95)


def timers(found: Iterable[Timer]) -> list[pb.TimerRun]:
    """Timers by name."""
    return [
        pb.TimerRun(
            name=timer.name,
            every_seconds=max(1, round(timer.every)),
            ran_at=instant(timer.ran.at),
            failures=timer.ran.failures,
            failed_at=instant(timer.ran.failed_at),
            failure=timer.ran.failure,
        )
        for timer in sorted(found, key=lambda timer: timer.name)
    ]


def status(
    workload: Workload,
    waits: Waits,
    levels: Sequence[Level],
    lag: Mapping[str, int] | None,
    last: Check | None,
) -> pb.WorkloadStatus:
    """How a workload runs; without lag the log does not answer."""
    return pb.WorkloadStatus(
        workload=workload.name,
        version=version("minzheng"),
        started_at=instant(workload.started),
        as_of=instant(datetime.now(UTC)),
        calls=traffic(workload.calls),
        requests=traffic(workload.requests),
        outbox_unpublished=waits.unpublished,
        outbox_oldest_seconds=round(waits.oldest),
        relay_leads=workload.leads(),
        lag=[pb.TopicLag(topic=name, records=n) for name, n in sorted((lag or {}).items())],
        lag_known=lag is not None,
        parked_facts=waits.parked,
        parked_aggregates=waits.aggregates,
        audit_unsealed_seconds=round(waits.unsealed),
        timers=timers(workload.timers),
        migrations=[level(found) for found in levels],
        audit_check=check(last) if last else None,
        readings=[reading(one) for one in workload.readings],
    )


def reading(found: Reading) -> pb.Reading:
    """What a gauge showed."""
    name, value = found.signal.name, float(found.value)
    return pb.Reading(signal=name, type=found.type, region_code=found.region, value=value)


def level(found: Level) -> pb.MigrationLevel:
    """How far a component's tables are."""
    at = instant(found.applied_at)
    name = found.name.removesuffix(".sql")
    return pb.MigrationLevel(component=found.component, number=found.number, name=name, applied_at=at)  # fmt: skip


def parked(found: ParkedAggregate) -> pb.ParkedAggregate:
    """An aggregate; of records that are no facts nothing that somebody else has written."""
    fact = found.version is not None
    return pb.ParkedAggregate(
        aggregate=found.aggregate if fact else "",
        topic=found.topic,
        facts=found.facts,
        version=found.version or 0,
        type=found.type if fact else "",
        reason=found.reason,
        parked_at=instant(found.parked_at),
    )


def entry(row: Mapping[str, Any]) -> pb.AuditEntry:
    """A row of the trail."""
    trace = row["traceparent"].split("-")
    return pb.AuditEntry(
        number=str(row["id"]),
        at=instant(row["at"]),
        account=row["subject"],
        role=row["role"],
        post_id=row["post_id"],
        action=row["action"],
        object_id=row["object_id"],
        region_code=row["region_path"].strip("/").rpartition("/")[2],
        refused=row["outcome"] == "refused",
        reason=row["reason"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        rule_version=row["rule_version"],
        trace_id=trace[1] if len(trace) == 4 else "",
        sealed=row["sealed"],
    )


def check(found: Check) -> pb.AuditCheck:
    """A walk along the chain."""
    return pb.AuditCheck(
        began_at=instant(found.began_at),
        ended_at=instant(found.ended_at),
        whole=found.whole,
        rows=found.rows,
        checkpoints=found.checkpoints,
        unsealed=found.unsealed,
        finding=found.finding,
    )
