"""The service follows SM-01 whatever people do, in whatever order, on whatever days."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from kit.database import Database, connect, migrate
from kit.embedded.roles import prepare
from kit.settings import Settings
from tests.filing.machine import Service

# Without shrinking: a step costs milliseconds, a failing run prints its steps as they are.
RUNS = int(os.environ.get("MINZHENG_MACHINE_RUNS", "500"))


@pytest.fixture
def service(postgres: Settings) -> Iterator[type[Service]]:
    """The machine on a database and a loop of its own."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(prepare(["filing"], postgres))
    loop.run_until_complete(migrate("filing", postgres))
    Service.loop = loop
    Service.database = loop.run_until_complete(Database.open("filing"))
    Service.owner = loop.run_until_complete(connect("filing", "owner"))
    yield Service
    loop.run_until_complete(Service.owner.close())
    loop.run_until_complete(Service.database.close())
    loop.close()


def test_the_service_follows_the_table_in_any_order_of_steps(service: type[Service]) -> None:
    case = service.TestCase()
    case.settings = settings(
        max_examples=RUNS,
        stateful_step_count=50,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    case.runTest()
