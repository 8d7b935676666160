"""Whatever the driver raises when the server goes away is the port's one error."""

import asyncpg
import pytest

from kit.log.consumer import PostgresConsumer
from kit.log.members import Membership
from kit.log.port import LogError
from kit.log.postgres import log_errors

AWAY = [
    ConnectionResetError(),
    TimeoutError(),
    asyncpg.AdminShutdownError("terminating"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
]


class Gone:
    """A connection whose server went away; even closing it fails."""

    def __init__(self, error: Exception) -> None:
        self.error, self.terminated = error, False

    async def fetch(self, *_):
        raise self.error

    async def close(self, timeout):  # noqa: ASYNC109 - the driver names it so
        raise self.error

    def terminate(self):
        self.terminated = True


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
async def test_a_consumer_leaves_and_says_so(error):
    gone = Gone(error)
    consumer = PostgresConsumer("g", ("t",), None, gone, Membership(gone, "g"))
    with pytest.raises(LogError):
        await consumer.poll(0.1)
    assert gone.terminated
    assert consumer.connection is None


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_the_other_calls_say_so_too(error):
    with pytest.raises(LogError), log_errors():
        raise error


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(KeyError), log_errors():
        raise KeyError
