"""Facts on their way out: rows written with the change they state, sent by one relay a workload."""

from kit.outbox.doorbell import Doorbell
from kit.outbox.relay import Relay
from kit.outbox.row import OUTBOX_COLUMNS, outbox_row, state_fact

__all__ = ["OUTBOX_COLUMNS", "Doorbell", "Relay", "outbox_row", "state_fact"]
