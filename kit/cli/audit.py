"""`minzheng audit`: is the trail of who did what as it was written?"""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from kit.audit.export import export
from kit.audit.verify import Broken, Verified, verify
from kit.database import connect
from kit.embedded.workloads import workloads
from kit.secrets import Keyring

app = typer.Typer(help="The audit trail: verify it, export it.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="a workload (filing, gateway, ...) or `all`")]


@app.command("verify")
def verify_command(
    which: Which = "all",
    since_checkpoint: Annotated[
        bool, typer.Option(help="trust the last signed checkpoint and walk from there")
    ] = False,
) -> None:
    """Walk every link: MACs, gaps, links, checkpoints in file and table, rows not sealed yet.

    Prints the first thing that is wrong and ends with 1.
    Example: `minzheng audit verify filing`. A second verifier of other code that needs only
    Python stands in `kit/audit/verify_alone.py`; feed it with `minzheng audit export`.
    """
    console = Console()
    names = [name for name in workloads() if name != "log"] if which == "all" else [which]
    whole = [asyncio.run(_verify(name, since_checkpoint, console)) for name in names]
    if not all(whole):
        sys.exit(1)


async def _verify(name: str, since_checkpoint: bool, console: Console) -> bool:
    connection = await connect(name, "app")
    try:
        with console.status(f"{name} ...") as status:
            found: Verified = await verify(
                connection,
                name,
                Keyring.load(),
                since_checkpoint=since_checkpoint,
                progress=lambda rows: status.update(f"{name}: {rows} rows"),
            )
    except Broken as broken:
        console.print(f"[red]不符 BROKEN[/] {name}: {broken}")
        return False
    finally:
        await connection.close()
    console.print(
        f"[green]完整 whole[/] {name}: {found.rows} rows, {found.checkpoints} checkpoints,"
        f" {found.unsealed} not sealed yet"
    )
    return True


@app.command("export")
def export_command(
    which: Annotated[str, typer.Argument(help="a workload, e.g. filing")],
) -> None:
    """Write the trail as JSON lines to stdout, for the second verifier.

    Example: `minzheng audit export filing > filing.jsonl`
    """
    asyncio.run(_export(which))


async def _export(which: str) -> None:
    connection = await connect(which, "app")
    try:
        async for line in export(connection):
            sys.stdout.write(line + "\n")
    finally:
        await connection.close()
