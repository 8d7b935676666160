"""A workload as its operation sees it: real database, a log of the test's, a faulty reaction."""

import asyncio
from typing import Any

import pytest
from protobuf import Message

from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.identity import Caller, system
from kit.log.port import LogError
from kit.operations.rpc import OperationsRpc
from kit.operations.workload import Workload
from kit.outbox import Doorbell
from kit.reactions import Intake, Reaction
from kit.reactions.intake import by_type
from kit.recent import Recent
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Access, Role
from tests.conftest import Workload as Open
from tests.kit.facts.helpers import delivery, submitted

SERVICE = "/minzheng.operations.v1.OperationsService/"
ADMIN = Caller("admin", Role.SYS_ADMIN, "post", "460000000000", "/460000000000/")
AUDITOR = Caller("auditor", Role.AUDIT_ADMIN, "post", "460000000000", "/460000000000/")
ORG = "01a00000-0000-7000-8000-000000000001"
OTHER = "01a00000-0000-7000-8000-000000000002"
SECRET = "张三 13800000000"


class Lag:
    """The log as far as a status asks it."""

    def __init__(self) -> None:
        self.away = False

    async def lag(self, group: str) -> dict[str, int]:
        """Records not taken in, by topic."""
        if self.away:
            raise LogError
        return {"minzheng.posts.v1": 3}


class Faulty:
    """A reaction that fails until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.slow = 0.0
        """Seconds the second fact and later ones take."""
        self.applied: list[int] = []

    async def handle(self, _: Any, fact: Any, __: Any) -> None:
        """Apply, or fail with a text that names somebody."""
        enter(Call(system("filing"), "reaction", Access(action="react")))
        if not self.mended:
            raise ValueError(SECRET)
        await asyncio.sleep(self.slow if self.applied else 0)
        self.applied.append(fact.fact_version)


class Desk:
    """The servicer and what it stands on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.unit = Unit(database, Doorbell(), Keyring.load())
        self.log, self.faulty = Lag(), Faulty()
        self.reactions = [Reaction(type(submitted(ORG, 1)), self.faulty.handle)]
        self.calls, self.requests = Recent(), Recent()
        log: Any = self.log
        self.workload = Workload(
            self.unit, log, self.reactions, (), self.calls, self.requests, lambda: True
        )
        self.rpc = OperationsRpc(self.workload)

    async def ask(self, request: Message, who: Caller = ADMIN) -> Any:
        """The answer of the room behind the door."""
        name = type(request).__name__.removesuffix("Request")
        rpc = rpc_by_path()[SERVICE + name]
        enter(Call(who, rpc.path, rpc.access))
        method = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
        return await getattr(self.rpc, method)(request, None)

    async def park(self, *facts: Message) -> None:
        """Facts meet the faulty reaction."""
        intake = Intake("filing", self.database, by_type(self.reactions), delays=())
        for offset, fact in enumerate(facts):
            await intake.take(delivery(fact, offset))

    async def audited(self) -> list[tuple[str, ...]]:
        """Who, what, on what, why, with what result."""
        rows = await self.database.pool.fetch(
            "SELECT subject, action, object_id, reason, to_state FROM kit.audit ORDER BY id"
        )
        return [tuple(row) for row in rows]


@pytest.fixture
async def desk(workload: Open) -> Desk:
    """Of the filing workload."""
    return Desk(await workload("filing"))
