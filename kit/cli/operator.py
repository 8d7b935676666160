"""What an operator's commands share: the workloads, their declarations, the row each act leaves."""

import asyncio
import getpass
import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from kit.call import Call, enter
from kit.database import Database
from kit.embedded.workloads import workloads
from kit.identity import Caller
from kit.outbox import Doorbell
from kit.secrets import Keyring
from kit.server import Runtime, Service
from kit.unit import Audit, Change, Unit
from proto.gen.minzheng.common.v1.access_pb import Access, Role

if TYPE_CHECKING:
    from kit.database import Connection


def names() -> list[str]:
    """Workloads with rooms of their own."""
    return [name for name in workloads() if name != "log"]


def expect(workload: str, reason: str) -> None:
    """Ends the command unless there is such a workload and a reason was given."""
    if workload not in names() or not reason.strip():
        typer.echo("没有这个工作负载，或未说明理由 no such workload, or no reason given", err=True)
        sys.exit(1)


def service_of(workload: str) -> Service:
    """What a workload declares itself to be."""
    if workload == "gateway":
        found: Service = importlib.import_module("gateway.app").GATEWAY
    else:
        found = importlib.import_module(f"services.{workload}.service").SERVICE
    return found


@asynccontextmanager
async def runtime_of(workload: str) -> AsyncIterator[Runtime]:
    """A workload's database and keys, as its process has them."""
    database = await Database.open(workload)
    keyring = Keyring.load()
    try:
        yield Runtime(database, Unit(database, Doorbell(), keyring), keyring)
    finally:
        await database.close()


def acting(action: str, by: str) -> Call:
    """The operator at an act; `by` is the command."""
    who = Caller(f"operator:{getpass.getuser()}", Role.SYSTEM, region_path="/")
    return Call(who, by, Access(action=action))


async def audit(
    unit: Unit, connection: "Connection", action: str, thing: str, reason: str, *, by: str
) -> None:
    """The audit row of an act on a thing; `by` is the command."""
    enter(acting(action, by))
    row = Audit(thing, "/", datetime.now(UTC), None, reason=reason)
    await unit.write(Change("SELECT 1", {}, row), connection=connection)


def record(action: str, key: str) -> None:
    """An act on a key, in the trail of every workload."""
    asyncio.run(_recorded(action, key))


async def _recorded(action: str, key: str) -> None:
    for name in names():
        async with runtime_of(name) as runtime, runtime.database.transaction(action) as connection:
            await audit(runtime.unit, connection, action, key, "", by="minzheng keys")
