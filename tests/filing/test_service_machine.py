"""The service follows SM-01 whatever people do, in whatever order, on whatever days."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from kit.database import Database, connect, migrate
from kit.embedded.roles import prepare
from kit.settings import Settings
from tests.filing.machine import STEPS, run
from tests.filing.sides import Service

RUNS = int(os.environ.get("MINZHENG_MACHINE_RUNS", "50"))
"""`make machine` takes 500."""


@pytest.fixture
def service(postgres: Settings) -> Iterator[Service]:
    """The service on a database and a loop of its own."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(prepare(["filing"], postgres))
    loop.run_until_complete(migrate("filing", postgres))
    database = loop.run_until_complete(Database.open("filing"))
    owner = loop.run_until_complete(connect("filing", "owner"))
    yield Service(loop, database, owner)
    loop.run_until_complete(owner.close())
    loop.run_until_complete(database.close())
    loop.close()


def test_model_and_service_agree_in_any_order_of_steps(service: Service) -> None:
    seen = run(service, RUNS)
    print(f"{RUNS} runs of {STEPS} steps", *sorted(seen.items()), sep="\n")
    assert {"decide done", "silence", "remind"} <= set(seen)
