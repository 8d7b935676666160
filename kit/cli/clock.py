"""The business clock of every workload: shown, or moved forward where that is allowed."""

from datetime import date

import asyncpg

from kit.calendar import business_date
from kit.database import connect
from kit.embedded.workloads import workloads
from kit.errors import conflict
from kit.settings import settings

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
