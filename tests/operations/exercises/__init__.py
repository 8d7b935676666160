"""Runbooks and what plays them: exercises of `make gameday`, and the commands that play the others."""

from collections.abc import Awaitable, Callable, Mapping

from tests.operations.day import Day, Exercise
from tests.operations.exercises import database, disk, facts, keys, people, traffic, trail

Play = Callable[[Day], Awaitable[Exercise]]
EXERCISES: tuple[tuple[str, Play], ...] = (
    ("backup-old", database.backup_old),
    ("outbox-stuck", facts.outbox_stuck),
    ("parked-facts", facts.parked_facts),
    ("consumer-lag", facts.consumer_lag),
    ("delay-burn", traffic.delay_burn),
    ("read-side-wrong", facts.read_side_wrong),
    ("availability-burn", traffic.availability_burn),
    ("latency-burn", traffic.latency_burn),
    ("database-pool", traffic.database_pool),
    ("keycloak-down", traffic.sign_on_away),
    ("key-leaked", keys.key_leaked),
    ("key-rotation", keys.key_rotation),
    ("certificate-expiry", keys.certificate_expiry),
    ("dead-subscriber", facts.dead_subscriber),
    ("neighbor-away", facts.neighbor_away),
    ("timer-failing", database.timer_failing),
    ("audit-break", trail.audit_break),
    ("audit-unsealed", trail.checkpoints_refused),
    ("audit-unsealed", trail.sealer_held_up),
    ("data-leak", trail.data_leak),
    ("database-failover", database.database_killed),
    ("disk-full", disk.backup_volume_full),
    ("disk-full", disk.data_volume_full),
    ("ledger-assertion", people.ledger_assertion),
    ("deadline-missed", people.deadline_missed),
    ("restore", database.restored),
)
"""In the order they are played, each with its runbook: the clock is moved and time undone at the end."""
ELSEWHERE: Mapping[str, str] = {
    "bus-degraded": "make faults-real",
    "release-rollback": "make cluster-e2e",
    "no-spare-pod": "make cluster-e2e",
    "signal-absent": "make watch",
}
"""Runbooks whose fault needs the real bus, a cluster or a Prometheus."""


def scripts() -> Mapping[str, str]:
    """The command that plays a runbook."""
    return {**ELSEWHERE} | {page: "make gameday" for page, _ in EXERCISES}
