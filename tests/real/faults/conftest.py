"""Three brokers for the faults of the bus alone."""

from tests.real.cluster.conftest import broker, kafka_settings
from tests.real.log.conftest import log, topic

__all__ = ["broker", "kafka_settings", "log", "topic"]
