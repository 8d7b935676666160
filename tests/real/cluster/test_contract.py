"""The suite of the port on three brokers: the very same tests as on one and on the embedded log."""

from tests.kit.log.test_contract import *  # noqa: F403
from tests.kit.log.test_members import *  # noqa: F403
from tests.real.log.test_rebalance import *  # noqa: F403
