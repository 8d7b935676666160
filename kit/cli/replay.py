"""`minzheng replay`: facts that could not be taken in, looked at, tried again or given up."""

import asyncio
import getpass
import importlib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kit.call import Call, enter
from kit.database import Database, connect
from kit.embedded.workloads import workloads
from kit.identity import Caller
from kit.outbox import Doorbell
from kit.reactions import parked, replay
from kit.reactions.replay import Parked, discard
from kit.secrets import Keyring
from kit.server import Runtime, Service
from kit.unit import Audit, Change, Unit
from proto.gen.minzheng.common.v1.access_pb import Access, Role

app = typer.Typer(
    help="Parked facts: a fact that failed five times waits here with all later ones of its"
    " organization; others go on.",
    no_args_is_help=True,
)
Workload = Annotated[str, typer.Argument(help="the consumer: notifications, gateway, ...")]
Aggregate = Annotated[str, typer.Argument(help="id of the organization, as `list` prints it")]


@app.command("list")
def list_command() -> None:
    """What is parked, in the order it was parked; reasons name no person.

    Example: `minzheng replay list`
    """
    asyncio.run(_list(Console()))


async def _list(console: Console) -> None:
    table = Table(title="停放的事件 parked facts")
    for column in ("workload", "aggregate", "version", "type", "since", "reason"):
        table.add_column(column, overflow="fold")
    found = [(name, one) for name in _names() for one in await _parked(name)]
    for name, one in found:
        table.add_row(
            name, one.aggregate, str(one.version or "-"), one.type.rpartition(".")[2],
            f"{one.parked_at:%Y-%m-%d %H:%M:%S}", one.reason,
        )  # fmt: skip
    console.print(table if found else "没有停放的事件 nothing is parked")


def _names() -> list[str]:
    return [name for name in workloads() if name != "log"]


async def _parked(name: str) -> list[Parked]:
    connection = await connect(name, "app")
    try:
        return await parked(connection)
    finally:
        await connection.close()


@app.command("run")
def run_command(workload: Workload, aggregate: Aggregate) -> None:
    """Try the parked facts of one organization again, in their order, once the cause is gone.

    A fact that fails again stays parked with the later ones. Every run leaves an audit row.
    Example: `minzheng replay run notifications 019a...`
    """

    async def work(database: Database, unit: Unit, service: Service) -> str:
        runtime = Runtime(database, unit, unit.keyring)
        await _audit(unit, "replay_facts", aggregate, "run")
        _enter("replay_facts")
        count = await replay(database, tuple(service.reactions(runtime)), aggregate)
        return f"{count} 个事件已补做 facts replayed"

    Console().print(asyncio.run(_with(workload, work)))


@app.command("discard")
def discard_command(
    workload: Workload,
    aggregate: Aggregate,
    reason: Annotated[str, typer.Option(help="why; goes into the audit trail")],
) -> None:
    """Give up the first parked fact of an organization; the later ones may then be run.

    Example: `minzheng replay discard gateway 019a... --reason "doubled by an import"`
    """
    if not reason.strip():
        typer.echo("请说明理由 give a reason", err=True)
        sys.exit(1)

    async def work(database: Database, unit: Unit, service: Service) -> str:
        await _audit(unit, "discard_fact", aggregate, reason)
        done = await discard(database, aggregate, consumer=service.name)
        return "已放弃 discarded" if done else "没有停放的事件 nothing is parked"

    Console().print(asyncio.run(_with(workload, work)))


async def _with(workload: str, work: Callable[[Database, Unit, Service], Awaitable[str]]) -> str:
    if workload not in _names():
        typer.echo(f"没有这个工作负载 no such workload: {workload}", err=True)
        sys.exit(1)
    service = _service(workload)
    database = await Database.open(workload)
    try:
        return await work(database, Unit(database, Doorbell(), Keyring.load()), service)
    finally:
        await database.close()


def _service(workload: str) -> Service:
    if workload == "gateway":
        found: Service = importlib.import_module("gateway.app").GATEWAY
    else:
        found = importlib.import_module(f"services.{workload}.service").SERVICE
    return found


def _enter(action: str) -> None:
    who = Caller(f"operator:{getpass.getuser()}", Role.SYSTEM, region_path="/")
    enter(Call(who, "minzheng replay", Access(action=action)))


async def _audit(unit: Unit, action: str, aggregate: str, reason: str) -> None:
    _enter(action)
    audit = Audit(aggregate, "/", datetime.now(UTC), None, reason=reason)
    await unit.write(Change("SELECT 1", {}, audit))
