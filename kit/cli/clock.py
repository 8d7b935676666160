"""`minzheng clock`: the business clock of every workload: shown, or moved forward where that is allowed."""

import asyncio
from datetime import date
from typing import Annotated

import asyncpg
import typer

from kit.calendar import business_date
from kit.database import connect
from kit.embedded.workloads import workloads
from kit.errors import conflict
from kit.settings import settings

app = typer.Typer(help="The business clock: legal dates are counted by it.", no_args_is_help=True)
READ = "SELECT clock_timestamp() AS now, shift_days FROM kit.clock"
WRITE = "UPDATE kit.clock SET shift_days = shift_days + $1"


def clocked() -> list[str]:
    """Workloads that have a business clock."""
    return [name for name in workloads() if name != "log"]


async def business_today() -> date:
    """Today's legal date, by the gateway's database."""
    connection = await connect("gateway", "app")
    try:
        row = await connection.fetchrow(READ)
        assert row is not None
        return business_date(row["now"], row["shift_days"])
    finally:
        await connection.close()


async def advance(days: int) -> date:
    """Move every clock on; answers the new date. Refusal in production or backwards."""
    if settings().profile == "production" or days < 0:
        raise conflict("clock.forbidden", "业务日期只能在演示或测试环境中向前调整。")
    for name in clocked():
        owner: asyncpg.Connection[asyncpg.Record] = await connect(name, "owner")
        try:
            await owner.execute(WRITE, days)
        finally:
            await owner.close()
    return await business_today()


@app.command("show")
def show_command() -> None:
    """Print today's legal date."""
    typer.echo(asyncio.run(business_today()).isoformat())


@app.command("advance")
def advance_command(days: Annotated[int, typer.Argument(min=1, max=3660)]) -> None:
    """Move the business clock forward in every database; never backwards, never in production.

    Example: `minzheng clock advance 30`
    """
    typer.echo(asyncio.run(advance(days)).isoformat())
