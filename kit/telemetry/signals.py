"""Every metric by name: what it says, who states it. Rules, dashboards and pages name these and no others.

Labels are `service`, `type`, `region` (a code) and `outcome` alone: never an organization, a person or
free text.
"""

from dataclasses import dataclass
from enum import Enum, auto

PREFIX = "minzheng_"
EVERY = ""
"""Every workload states it."""
LABELS = frozenset({"service", "type", "region", "outcome"})


class Kind(Enum):
    """How it is counted."""

    HISTOGRAM = auto()
    COUNTER = auto()
    GAUGE = auto()


@dataclass(frozen=True, slots=True)
class Signal:
    """A metric."""

    short: str
    kind: Kind
    said: str
    by: str = EVERY
    """The one workload that states it; of EVERY any."""
    always: bool = True
    """It is there as soon as the workload runs: where it is missing something is wrong."""

    @property
    def name(self) -> str:
        """As it is exported; seconds and points in time say so by their last word."""
        return PREFIX + self.short


def _histogram(short: str, said: str, by: str = EVERY) -> Signal:
    return Signal(short, Kind.HISTOGRAM, said, by, always=False)


def _counter(short: str, said: str, by: str = EVERY) -> Signal:
    return Signal(short, Kind.COUNTER, said, by, always=False)


def _gauge(short: str, said: str, by: str = EVERY, *, always: bool = True) -> Signal:
    return Signal(short, Kind.GAUGE, said, by, always)


HTTP = _histogram("http_request_duration_seconds", "requests by route", "gateway")
RPC = _histogram("rpc_duration_seconds", "calls by RPC")
REPEATS = _counter("rpc_repeats_total", "calls asked a second time, by RPC", "gateway")
RESTS = _counter("rpc_rests_total", "times a workload began to rest, by workload", "gateway")
REACTION_DELAY = _histogram(
    "reaction_delay_seconds", "facts by type: from the event to its effect, however it ended"
)

OUTBOX_OLDEST = _gauge("outbox_oldest_unpublished_seconds", "age of the oldest unsent fact")
OUTBOX = _gauge("outbox_unpublished", "unsent facts")
RELAY = _gauge("outbox_relay_active", "1 in the process that sends")
LAG = _gauge("consumer_lag_messages", "facts not taken in, by topic", always=False)
LAG_SECONDS = _gauge("consumer_lag_seconds", "since when facts wait and none is taken in")
PARKED = _gauge("inbox_parked", "parked facts")
GAP = _gauge("inbox_gap_waiting", "facts set aside")
UNSEALED = _gauge("audit_unsealed_oldest_seconds", "age of the oldest audit row outside the chain")
WHOLE = _gauge("audit_whole", "1 where the last walk along the chain found it whole", always=False)
POOL = _gauge("db_pool_in_use", "database connections in use")
POOL_SIZE = _gauge("db_pool_size", "database connections there may be")
KEYS = _gauge("keys_age_seconds", "age of the key in use, by kind")
CERTIFICATE = _gauge(
    "certificate_expiry_timestamp_seconds", "end of the certificate", always=False
)  # fmt: skip
TIMER_FAILING = _gauge("timer_failing", "1 where the last look of a timer failed")

DEADLINE_REMAINING = _gauge(
    "deadline_remaining_seconds", "to the nearest end of a limit, by limit and county", "filing",
    always=False,
)  # fmt: skip
DEADLINE_OVERDUE = _gauge("deadline_overdue", "open cases past a limit", "filing")
DEADLINES = _gauge("deadlines", "open cases under a limit", "filing", always=False)

WEBHOOKS = _counter("webhook_delivery_total", "deliveries by outcome", "gateway")
WEBHOOK_OLDEST = _gauge("webhook_oldest_pending_seconds", "oldest overdue delivery", "gateway")
NEIGHBORS = _counter("integration_requests_total", "letters handed over, by way", "gateway")
CIRCUIT = _gauge("integration_circuit_state", "1 while a far end rests, by way", "gateway")

BACKUP = _gauge(
    "backup_last_success_timestamp_seconds", "last good backup", "gateway", always=False
)
DRILL = _gauge(
    "restore_drill_last_success_timestamp_seconds", "last good drill", "gateway", always=False
)

SIGNALS = {found.name: found for found in tuple(globals().values()) if isinstance(found, Signal)}
"""By exported name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gauge shows at a moment."""

    signal: Signal
    value: float
    type: str = ""
    region: str = ""
