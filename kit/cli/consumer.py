"""`minzheng consumer`: a workload's reactions to facts, paused and resumed."""

import asyncio
from typing import Annotated

import typer

from kit.cli.operator import audit, expect, names, runtime_of
from kit.database import connect

app = typer.Typer(
    help="Consumers: what a workload does about facts. A paused one takes nothing in, in all its"
    " processes, within a second; its facts wait in the log and are taken in, in order, once it is"
    " resumed. Calls and timers go on. Pause before a repair of its tables, or while a faulty"
    " release would park fact after fact.",
    no_args_is_help=True,
)
Workload = Annotated[str, typer.Argument(help="the consumer: notifications, gateway, ...")]
Reason = Annotated[str, typer.Option(help="why; goes into the audit trail, names no person")]
PAUSE = """INSERT INTO kit.paused (consumer, reason) VALUES ($1, $2)
 ON CONFLICT DO NOTHING RETURNING true"""
RESUME = "DELETE FROM kit.paused WHERE consumer = $1 RETURNING true"
LIST = "SELECT since, reason FROM kit.paused WHERE consumer = $1"


@app.command("list")
def list_command() -> None:
    """Who is paused, since when and why. Example: `minzheng consumer list`"""
    asyncio.run(_list())


async def _list() -> None:
    found = 0
    for name in names():
        connection = await connect(name, "app")
        try:
            row = await connection.fetchrow(LIST, name)
        finally:
            await connection.close()
        if row is not None:
            found += 1
            typer.echo(f"{name}  {row['since']:%Y-%m-%d %H:%M:%S}  {row['reason']}")
    if not found:
        typer.echo("没有暂停的消费者 no consumer is paused")


@app.command("pause")
def pause_command(workload: Workload, reason: Reason) -> None:
    """Stop taking facts in; what is under way is finished.

    Example: `minzheng consumer pause notifications --reason "release 1.4.1 parks facts"`
    """
    _act(workload, reason, "pause_consumer", (PAUSE, workload, reason), "已暂停 paused")


@app.command("resume")
def resume_command(workload: Workload, reason: Reason) -> None:
    """Go on where it stopped. Example: `minzheng consumer resume notifications --reason "fixed"`"""
    _act(workload, reason, "resume_consumer", (RESUME, workload), "已恢复 resumed")


def _act(workload: str, reason: str, action: str, statement: tuple[str, ...], done: str) -> None:
    expect(workload, reason)
    changed = asyncio.run(_changed(workload, reason, action, statement))
    typer.echo(done if changed else "原本如此，未作更改 it was so already")


async def _changed(workload: str, reason: str, action: str, statement: tuple[str, ...]) -> bool:
    text, *values = statement
    async with runtime_of(workload) as runtime, runtime.database.transaction(action) as connection:
        if not await connection.fetchval(text, *values):
            return False
        await audit(runtime.unit, connection, action, workload, reason, by="minzheng consumer")
    return True
