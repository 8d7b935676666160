"""`minzheng rebuild`: a read side made anew from the facts it keeps."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from kit.cli.operator import audit, expect, runtime_of, service_of
from kit.database import connect
from kit.reactions.rebuild import CannotRebuild, ReadSide, Rebuilt
from kit.reactions.rebuild import rebuild as build

BY = "minzheng rebuild"
Workload = Annotated[str, typer.Argument(help="whose read side: supervision")]
Reason = Annotated[str, typer.Option(help="why; goes into the audit trail, names no person")]


def rebuild(
    workload: Workload,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="do it; otherwise only tried")] = False,
) -> None:
    """Empty what a workload built from facts alone and build it again from the facts it keeps.

    Pause its consumer first. Without `--yes` all is tried, what would become different is counted,
    and nothing is changed. Readers see it as it was until it is done. Nothing goes out: no fact, no
    message, no delivery. Example: `minzheng rebuild supervision --reason "fixed in 1.4.2"`
    """
    expect(workload, reason)
    try:
        made = asyncio.run(_rebuilt(workload, reason, yes))
    except CannotRebuild as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    for one in made.tables:
        typer.echo(f"{one.table}: {one.before} → {one.after} rows, {one.gone} gone, {one.new} new")
    done = "已重建 rebuilt" if yes else "试算，未作更改 tried, nothing changed; --yes does it"
    typer.echo(f"{made.facts} 个事件 facts: {done}")


async def _rebuilt(workload: str, reason: str, yes: bool) -> Rebuilt:
    side = service_of(workload).read_side
    if not isinstance(side, ReadSide):
        raise CannotRebuild(side)
    connection = await connect(workload, "owner")
    transaction, console = connection.transaction(), Console(stderr=True)
    try:
        await transaction.start()
        with console.status(f"{workload} ...") as status:
            made = await build(
                connection,
                workload,
                side,
                lambda done, total: status.update(f"{workload}: {done} / {total}"),
            )
        if yes:
            async with runtime_of(workload) as runtime:
                said = f"{reason} ({made.facts} facts)"
                await audit(runtime.unit, connection, "rebuild_read_side", workload, said, by=BY)
            await transaction.commit()
        return made
    finally:
        await connection.close()
