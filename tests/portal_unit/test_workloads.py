"""How a workload is judged on the page of health, and how times and acts of departments are read."""

import time

import pytest

from gateway.portal.dept.acts import ACTS
from gateway.portal.dept.catalog import fields, kinds
from gateway.portal.dept.ranges import typed_time
from gateway.portal.ops.readings import kept, name, shown
from gateway.portal.ops.workloads import BAD, WARN, keeping, role_word, title, waiting, working
from kit.operations.routing import names
from kit.telemetry import signals
from kit.telemetry.signals import SIGNALS, Kind, Signal
from proto.gen.minzheng.operations.v1.operations_pb import (
    AuditCheck,
    Reading,
    TimerRun,
    Traffic,
    WorkloadStatus,
)
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import SubscriptionState


def status(**values: object) -> WorkloadStatus:
    """A workload that is well but for these."""
    well = {
        "lag_known": True,
        "calls": Traffic(minutes=5, calls=1000, p95_ms=80),
        "requests": Traffic(minutes=5),
        "audit_check": AuditCheck(whole=True),
    }
    return WorkloadStatus(**well | values)  # type: ignore[arg-type]


def judged(found: WorkloadStatus) -> list[str]:
    return [kind for kind, _ in (*waiting(found), *working(found), *keeping(found))]


def test_what_is_well_is_in_no_trouble() -> None:
    assert judged(status()) == []
    assert judged(status(audit_check=None)) == [], "not checked yet is no trouble"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"outbox_unpublished": 1, "outbox_oldest_seconds": 61}, WARN),
        ({"outbox_unpublished": 1, "outbox_oldest_seconds": 301}, BAD),
        ({"parked_facts": 1}, BAD),
        ({"lag_known": False}, BAD),
        ({"audit_unsealed_seconds": 61}, BAD),
        ({"audit_check": AuditCheck(whole=False, finding="row 7")}, BAD),
        ({"calls": Traffic(calls=40, failed=1, p95_ms=80)}, WARN),
        ({"calls": Traffic(calls=400, failed=5, p95_ms=80)}, BAD),
        ({"requests": Traffic(calls=400, p95_ms=301)}, WARN),
        ({"timers": [TimerRun(name="x", ran_at="2026-11-29T01", failed_at="2026-11-29T02")]}, WARN),
    ],
    ids=str,
)
def test_each_trouble_is_seen(values: dict[str, object], kind: str) -> None:
    assert judged(status(**values)) == [kind]


def at(signal: Signal, hours: float) -> Reading:
    """A moment so many hours ahead, a minute later by now."""
    return Reading(signal=signal.name, value=time.time() + hours * 3600 + 60)


@pytest.mark.parametrize(
    ("signal", "hours", "kinds"),
    [
        (signals.CERTIFICATE, 5 * 24, []),
        (signals.CERTIFICATE, 4 * 24, [BAD]),
        (signals.BACKUP, -26, []),
        (signals.BACKUP, -27, [BAD]),
    ],
    ids=["certificate", "ending certificate", "backup", "old backup"],
)
def test_what_runs_out_is_seen(signal: Signal, hours: float, kinds: list[str]) -> None:
    assert judged(status(readings=[at(signal, hours)])) == kinds


def test_readings_are_told_in_words_and_lengths_of_time() -> None:
    assert shown(Reading(signal=signals.KEYS.name, value=3 * 86_400)) == "3 天"
    assert shown(Reading(signal=signals.UNSEALED.name, value=0.4)) == "0 秒"
    assert shown(Reading(signal=signals.PARKED.name, value=2.0)) == "2"
    assert shown(at(signals.CERTIFICATE, 48)).endswith("还有 2 天")
    assert shown(at(signals.BACKUP, -7)).endswith("6 小时前")
    assert name("minzheng_new") == "minzheng_new"
    gauges = [one for one in SIGNALS.values() if one.kind is Kind.GAUGE]
    assert [one.name for one in gauges if name(one.name) == one.name] == []


def test_the_certificate_that_ends_first_and_the_last_backup_count() -> None:
    found = status(
        readings=[at(signals.CERTIFICATE, 240), at(signals.BACKUP, -30), at(signals.BACKUP, -3)]
    )
    other = status(readings=[at(signals.CERTIFICATE, 48)])
    told = dict(kept([found, other]))
    assert told["证书到期"].endswith("还有 2 天")
    assert told["最近一次成功备份"].endswith("2 小时前")
    assert told["最近一次恢复演练"] == "尚无记录"


def test_a_failure_among_many_or_one_that_is_past_is_none() -> None:
    assert judged(status(calls=Traffic(calls=1000, failed=10, p95_ms=80))) == []
    past = [TimerRun(name="x", ran_at="2026-11-29T03", failed_at="2026-11-29T02", failures=1)]
    assert judged(status(timers=past)) == []


def test_every_workload_has_a_word_and_every_role_too() -> None:
    assert [name for name in names() if title(name) == name] == []
    assert (role_word("TOWN_CLERK"), role_word("UNSPECIFIED"), role_word("?")) == (
        "街道（乡镇）经办", "–", "–",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("2026-11-29 08:00", "2026-11-29T08:00:00+08:00"),
        ("2026/11/29 08:00", "2026-11-29T08:00:00+08:00"),
        ("2026-11-29", "2026-11-29T00:00:00+08:00"),
        ("2026-11-29T08:00:00Z", "2026-11-29T08:00:00+00:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_times_are_those_of_the_province(text: str, told: str) -> None:
    assert typed_time(text) == told


def test_nothing_is_offered_once_a_subscription_is_over() -> None:
    over = (SubscriptionState.REFUSED, SubscriptionState.ENDED, SubscriptionState.UNSPECIFIED)
    assert [name for name, (_, states) in ACTS.items() if set(states) & set(over)] == []


def test_every_type_has_a_sample_and_every_field_its_meaning() -> None:
    assert len({one.type for one in kinds()}) == len(kinds()) == 8
    assert all(f'"type": "{one.type}"' in one.sample for one in kinds())
    assert [name for name, text in fields() if text == name] == []
