"""The servicers of supervision in a test: called as the door calls them, under the caller's access rule."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from kit.call import Call, enter
from kit.contracts import rpcs
from kit.database import Database
from kit.identity import ANONYMOUS, Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.secrets import Keyring
from kit.server import Runtime
from kit.unit import Unit
from services.supervision.reactions import reactions
from services.supervision.service import servicers
from tests.notifications.builders import event, fact

KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
RPCS = {rpc.name: rpc for rpc in rpcs() if rpc.workload == "supervision"}


@dataclass
class Supervision:
    """The service on a database."""

    database: Database

    def __post_init__(self) -> None:
        unit = Unit(self.database, Doorbell(), KEYRING)
        self.servicers = servicers(Runtime(self.database, unit, KEYRING))

    async def happen(self, fact_name: str, **said: Any) -> None:
        """A fact of filing reaches the service."""
        told = fact(fact_name, **said)
        [react] = [one for one in reactions() if one.fact is type(told)]
        async with self.database.transaction() as connection:
            await react.handle(connection, told, event(uuid4()))

    async def call(self, name: str, who: Caller = ANONYMOUS, **fields: Any) -> Any:
        """An RPC by its contract name; a request id is made where the request has one."""
        rpc = RPCS[name]
        enter(Call(who, rpc.path, rpc.access))
        if "request_id" in {field.local_name for field in rpc.request.desc().fields}:
            fields.setdefault("request_id", str(uuid7()))
        method = re.sub("([A-Z])", r"_\1", name).lower().lstrip("_")
        [servicer] = [one for one in self.servicers if hasattr(one, method)]
        return await getattr(servicer, method)(rpc.request(**fields), None)
