"""Every alert by cause fires where its cause is there, and no other does on a healthy platform."""

from pathlib import Path

import pytest
import yaml

from deploy.k8s.generate.watching.absent import CAUSES, alerts
from tests.watching.tool import RULES, firing, promtool

HEALTHY = {
    'minzheng_outbox_oldest_unpublished_seconds{service="filing"}': 3,
    'minzheng_outbox_relay_active{service="filing",instance="a"}': 0,
    'minzheng_outbox_relay_active{service="filing",instance="b"}': 1,
    'minzheng_inbox_parked{service="filing"}': 0,
    'minzheng_inbox_gap_waiting{service="filing"}': 0,
    'minzheng_consumer_lag_seconds{service="filing"}': 2,
    'minzheng_consumer_lag_messages{service="filing",type="minzheng.posts.v1"}': 40,
    'minzheng_audit_unsealed_oldest_seconds{service="filing"}': 0.5,
    'minzheng_audit_whole{service="filing"}': 1,
    'minzheng_deadline_overdue{service="filing",type="decision"}': 0,
    'minzheng_timer_failing{service="filing",type="filing.due"}': 0,
    'minzheng_webhook_oldest_pending_seconds{service="gateway"}': 20,
    'minzheng_integration_circuit_state{service="gateway",type="SMS"}': 0,
    'minzheng_db_pool_in_use{service="filing"}': 3,
    'minzheng_db_pool_size{service="filing"}': 8,
    'minzheng_certificate_expiry_timestamp_seconds{service="filing",type="inside"}': 30 * 86_400,
    "minzheng_backup_last_success_timestamp_seconds": 0,
    "minzheng_restore_drill_last_success_timestamp_seconds": 0,
    'minzheng_keys_age_seconds{service="filing",type="field"}': 40 * 86_400,
    'kafka_server_replicamanager_underreplicatedpartitions{pod="kafka-0"}': 0,
    'cnpg_collector_up{pod="postgres-1"}': 1,
    'cnpg_pg_replication_lag{pod="postgres-2"}': 0.1,
    'kubelet_volume_stats_available_bytes{namespace="minzheng-data",persistentvolumeclaim="p"}': 60,
    'kubelet_volume_stats_capacity_bytes{namespace="minzheng-data",persistentvolumeclaim="p"}': 100,
    'up{job="keycloak"}': 1,
    'kube_poddisruptionbudget_status_pod_disruptions_allowed{namespace="n",poddisruptionbudget="filing"}': 1,
    'certmanager_certificate_expiration_timestamp_seconds{name="portal-tls"}': 60 * 86_400,
    'certmanager_certificate_expiration_timestamp_seconds{name="sign-on-tls"}': 60 * 86_400,
}
"""A platform that is well; time begins at 0, so a certificate of 30 days ends 30 days after that."""
CAUSED = {
    "OutboxWaits": ({"minzheng_outbox_oldest": 90}, "5m"),
    "OutboxStuck": ({"minzheng_outbox_oldest": 301}, "2m"),
    "RelayIdle": ({'relay_active{service="filing",instance="b"}': 0}, "5m"),
    "FactsParked": ({"inbox_parked": 1}, "20m"),
    "FactsBehindGap": ({"inbox_gap": 1}, "20m"),
    "ConsumerLag": ({"lag_seconds": 61}, "15m"),
    "BusUnderReplicated": ({"underreplicated": 1}, "10m"),
    "AuditUnsealed": ({"unsealed": 61}, "5m"),
    "AuditBroken": ({"audit_whole": 0}, "2m"),
    "DeadlineMissed": ({"overdue": 1}, "20m"),
    "TimerFails": ({"timer_failing": 1}, "20m"),
    "SubscriberDead": ({"oldest_pending": 3601}, "15m"),
    "NeighborAway": ({"circuit": 1}, "20m"),
    "DatabaseAway": ({"cnpg_collector_up": 0}, "5m"),
    "ReplicationLag": ({"replication_lag": 31}, "10m"),
    "PoolExhausted": ({"pool_in_use": 8}, "10m"),
    "DiskFilling": ({"available_bytes": 10}, "15m"),
    "SignOnAway": ({"up{job": 0}, "5m"),
    "NoSparePod": ({"disruptions_allowed": 0}, "20m"),
    "CertificateExpires": ({"certificate_expiry": 4 * 86_400}, "2h"),
    "DoorCertificateExpires": ({"certmanager": 20 * 86_400}, "2h"),
    "BackupOld": ({}, "27h"),
    "BackupUnknown": ({"minzheng_backup": None}, "2h"),
    "RestoreDrillOld": ({}, "93d"),
    "KeyOld": ({"keys_age": 401 * 86_400}, "2h"),
}  # fmt: skip
"""What is wrong (a part of a series' name), and when the alert must be there."""


def told(changes: dict[str, float | None], minutes: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in HEALTHY.items():
        wrong = next((part for part in changes if part in name), None)
        now = value if wrong is None else changes[wrong]
        if now is not None:
            found[name] = f"{now:g}+0x{minutes}"
    return found


def minutes(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]]


def test_rules_are_as_prometheus_wants_them() -> None:
    promtool("check", "rules", *sorted(RULES.glob("*.yaml")))


def test_every_alert_by_cause_is_tried() -> None:
    assert [rule["alert"] for rule in alerts(CAUSES)] == list(CAUSED)


@pytest.mark.parametrize("alert", [name for name in CAUSED if name != "RestoreDrillOld"])
def test_it_fires_where_its_cause_is(alert: str, tmp_path: Path) -> None:
    changes, at = CAUSED[alert]
    firing(tmp_path, (CAUSES,), told(changes, minutes(at)), {at: {alert: True}})


@pytest.mark.parametrize("name", ["portal-tls", "sign-on-tls"])
def test_the_certificate_of_each_door_is_watched(name: str, tmp_path: Path) -> None:
    late = told({f'name="{name}"': 20 * 86_400}, 120)
    firing(tmp_path, (CAUSES,), late, {"2h": {"DoorCertificateExpires": True}})


def test_on_a_healthy_platform_nothing_fires_for_a_day(tmp_path: Path) -> None:
    firing(tmp_path, (CAUSES,), told({}, 1440), {"24h": dict.fromkeys(CAUSED, False)})


def test_a_drill_is_done_every_quarter(tmp_path: Path) -> None:
    """A quarter in steps of an hour, for promtool evaluates every minute of it."""
    rule = next(rule for rule in alerts(CAUSES) if rule["alert"] == "RestoreDrillOld")
    late = {"minzheng_restore_drill_last_success_timestamp_seconds": f"{-93 * 86_400}+0x180"}
    file = tmp_path / "drill.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "drill", "rules": [rule]}]}))
    firing(tmp_path, (file,), late, {"2h": {"RestoreDrillOld": True}})
    fresh = dict.fromkeys(late, "0+0x180")
    firing(tmp_path, (file,), fresh, {"2h": {"RestoreDrillOld": False}})


def test_a_sign_on_that_nobody_asks_is_told_where_operators_run_it(tmp_path: Path) -> None:
    alone = told({"up{job": None}, 5)
    firing(tmp_path, (RULES / "absent-platform.yaml",), alone, {"5m": {"SignOnAway": True}})
    firing(tmp_path, (CAUSES,), alone, {"5m": {"SignOnAway": False}})


def test_a_missing_signal_is_told(tmp_path: Path) -> None:
    rules = (RULES / "absent.yaml",)
    firing(tmp_path, rules, told({}, 30), {"20m": {"SignalAbsent": True}})
