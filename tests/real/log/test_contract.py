"""The suite of the port on Kafka: the very same tests as on the embedded log."""

from tests.kit.log.test_contract import *  # noqa: F403
from tests.kit.log.test_members import *  # noqa: F403
