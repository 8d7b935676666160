"""`minzheng replay`: facts that could not be taken in, looked at, tried again or given up."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from kit.call import enter
from kit.cli.operator import acting, audit, names, runtime_of, service_of
from kit.database import connect
from kit.operations import parked as parking
from kit.reactions import parked
from kit.reactions.replay import Parked, contents, discard
from kit.server import Runtime, Service
from kit.unit import Unit

if TYPE_CHECKING:
    from kit.database import Connection

app = typer.Typer(
    help="Parked facts: a fact that failed five times waits here with all later ones of its"
    " organization; others go on. First `list`, then `show`; when the cause is gone, `run`;"
    " what can never succeed, `discard`. What is no fact at all holds back nothing and can only"
    " be discarded. Everything but `list` leaves a row in the audit trail.",
    no_args_is_help=True,
)
Workload = Annotated[str, typer.Argument(help="the consumer: notifications, gateway, ...")]
Aggregate = Annotated[str, typer.Argument(help="id of the organization, as `list` prints it")]
Reason = Annotated[str, typer.Option(help="why; goes into the audit trail, names no person")]
BY = "minzheng replay"
BATCH = 10_000
REPUBLISH = """UPDATE kit.outbox SET published_at = NULL WHERE id IN
 (SELECT id FROM kit.outbox WHERE published_at IS NOT NULL ORDER BY id LIMIT $1)"""
Work = Callable[[Runtime, Service], Awaitable[str]]


@app.command("list")
def list_command() -> None:
    """What is parked, in the order it was parked; reasons name no person.

    Example: `minzheng replay list`
    """
    asyncio.run(_list(Console()))


async def _list(console: Console) -> None:
    table = Table(title="停放的事件 parked facts")
    for column in ("workload", "aggregate", "version", "type", "since", "reason"):
        # An id is copied into the next command: it stays in one piece.
        width = 36 if column == "aggregate" else None
        table.add_column(column, overflow="fold", min_width=width)
    found = [(name, one) for name in names() for one in await _parked(name)]
    for name, one in found:
        table.add_row(
            name, one.aggregate, str(one.version or "-"), one.type.rpartition(".")[2],
            f"{one.parked_at:%Y-%m-%d %H:%M:%S}", one.reason,
        )  # fmt: skip
    console.print(table if found else "没有停放的事件 nothing is parked")


async def _parked(name: str) -> list[Parked]:
    connection = await connect(name, "app")
    try:
        return await parked(connection)
    finally:
        await connection.close()


@app.command("show")
def show_command(workload: Workload, aggregate: Aggregate) -> None:
    """What the parked facts of one organization say; of what is no fact only the size.

    Example: `minzheng replay show notifications 019a...`
    """

    async def work(runtime: Runtime, service: Service) -> str:
        async with runtime.database.transaction("show facts") as connection:
            said = await contents(connection, aggregate, consumer=service.name)
            await _audit(runtime.unit, connection, "show_facts", aggregate, "show")
        return "\n".join(said) or "没有停放的事件 nothing is parked"

    _run(workload, work)


@app.command("run")
def run_command(workload: Workload, aggregate: Aggregate, reason: Reason) -> None:
    """Try the parked facts of one organization again, in their order, once the cause is gone.

    A fact that fails again stays parked with the later ones, and the command ends with 1.
    Example: `minzheng replay run notifications 019a... --reason "fixed in 1.4.2"`
    """
    _expect(reason)

    async def work(runtime: Runtime, service: Service) -> str:
        enter(acting("replay_facts", BY))
        reactions = service.all_reactions(runtime)
        done = await parking.replay(runtime.unit, reactions, aggregate, reason, seconds=None)
        if done.failure:
            typer.echo(f"仍然失败 it fails again: {done.failure}", err=True)
            sys.exit(1)
        return f"{done.replayed} 个事件已补做 facts replayed"

    _run(workload, work)


def _expect(reason: str) -> None:
    if not reason.strip():
        typer.echo("请说明理由 give a reason", err=True)
        sys.exit(1)


@app.command("discard")
def discard_command(workload: Workload, aggregate: Aggregate, reason: Reason) -> None:
    """Give up the first parked fact of an organization; the later ones may then be run.

    Example: `minzheng replay discard gateway 019a... --reason "doubled by an import"`
    """
    _expect(reason)

    async def work(runtime: Runtime, service: Service) -> str:
        async with runtime.database.transaction("discard fact") as connection:
            if not await discard(connection, aggregate, consumer=service.name):
                return "没有停放的事件 nothing is parked"
            await _audit(runtime.unit, connection, "discard_fact", aggregate, reason)
        return "已放弃 discarded"

    _run(workload, work)


@app.command("republish")
def republish_command(workload: Workload, reason: Reason) -> None:
    """Send all facts a workload still keeps (30 days) again: the log lost its data.

    Whoever has them takes no notice. Example: `minzheng replay republish filing --reason "..."`
    """

    async def work(runtime: Runtime, service: Service) -> str:
        async with runtime.database.transaction("republish facts") as connection:
            count = await republish(connection, service)
            await _audit(runtime.unit, connection, "republish_facts", workload, reason)
        return f"{count} 个事件将重新发布 facts will be sent again"

    _run(workload, work)


async def republish(connection: "Connection", service: Service) -> int:
    """Have all facts sent again, and what it sends beside them; in pieces. Answers how many."""
    for text in service.again:
        await connection.execute(text)
    total = done = BATCH
    while done == BATCH:
        done = int((await connection.execute(REPUBLISH, BATCH)).rpartition(" ")[2])
        total += done
    return total - BATCH


def _run(workload: str, work: Work) -> None:
    if workload not in names():
        typer.echo(f"没有这个工作负载 no such workload: {workload}", err=True)
        sys.exit(1)
    typer.echo(asyncio.run(_with(workload, work)))


async def _with(workload: str, work: Work) -> str:
    async with runtime_of(workload) as runtime:
        return await work(runtime, service_of(workload))


async def _audit(
    unit: Unit, connection: "Connection", action: str, aggregate: str, reason: str
) -> None:
    await audit(unit, connection, action, aggregate, reason, by=BY)
