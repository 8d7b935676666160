"""The database server killed, its backup old, a second undone; a timer that has lost a right."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import evidence
from tests.operations.day import Day, Exercise, taken

TIMER = "gateway.publishing"
REVOKE = "REVOKE UPDATE ON published FROM minzheng_gateway_app"
GRANT = "GRANT UPDATE ON published TO minzheng_gateway_app"
BEHIND = """SELECT (SELECT max(position) FROM feed) - (SELECT position FROM published) AS n"""
SWITCH = "SELECT pg_switch_wal()"


async def database_killed(day: Day) -> Exercise:
    """kill -9 of the database server."""
    said = (day.platform.var / "postgres" / "postmaster.pid").read_text()
    os.kill(int(said.split()[0]), signal.SIGKILL)
    done = Exercise("kill -9 of the database server")
    status, seconds = await day.scene.probe()
    done.seen(f"a request answered {status} after {seconds:.1f} s (alert DatabaseAway)")
    await day.scene.good()
    await day.command("audit", "verify")
    done.mended("`minzheng up` started it again; `minzheng audit verify` whole")
    return done


async def backup_old(day: Day) -> Exercise:
    """No backup was ever made, and the log cannot be archived."""
    place = Path(day.platform.environment["MINZHENG_BACKUP"]) / "wal"
    with taken(place):
        done = Exercise("no backup was made; a file in the place of the archive's folder")
        assert (await day.status())["backup"] is None
        async with day.says(day.log("postgres"), "archive command failed"):
            await day.load.live("accept")
            await evidence.ask(day.platform, "log", SWITCH)
        done.seen(
            "`minzheng status`: `backup: none` (alert BackupUnknown); log `archive command failed`"
        )
    await day.command("backup")
    told = (await day.status())["backup"]
    assert datetime.fromisoformat(told["at"]).timestamp() > datetime.now(UTC).timestamp() - 60
    assert told["log_up_to"]
    done.mended("folder put back; `minzheng backup`, which waited until the log was archived")
    return done


async def timer_failing(day: Day) -> Exercise:
    """A timer has lost a right it needs."""
    async with day.database("gateway") as owner:
        await owner.execute(REVOKE)
        done = Exercise(f"a right of the timer `{TIMER}` revoked in the database")
        try:
            async with day.says(day.log("gateway"), f"timer {TIMER} failed"):
                await day.load.live("accept")

            async def told() -> bool:
                found = (await run_of(day))["failure"]
                return bool(found == "InsufficientPrivilegeError")

            await day.until(told, "the page does not tell it")
            assert await owner.fetchval(BEHIND) > 0
            done.seen(
                "page /ops, timers: `InsufficientPrivilegeError`; log `timer … failed` (alert TimerFails)"
            )
        finally:
            await owner.execute(GRANT)

        async def caught_up() -> bool:
            found = await run_of(day)
            return bool(await owner.fetchval(BEHIND) == 0 and found["ranAt"] > found["failedAt"])

        await day.until(caught_up, "the timer does not catch up")
    done.mended("right given back: the next look did what was due, by itself")
    return done


async def run_of(day: Day) -> dict[str, str]:
    """The timer as the page shows it."""
    timers = (await day.told("gateway"))["timers"]
    return next(one for one in timers if one["name"] == TIMER)


async def restored(day: Day) -> Exercise:
    """Everything after a second is to be undone."""
    await day.command("backup")
    await day.load.live("accept")
    await asyncio.sleep(1)
    second = datetime.now(UTC)
    await asyncio.sleep(1)
    lost = await day.load.live("accept")
    done = Exercise("a mistake that only an earlier second undoes")
    done.seen("a report by a person; `minzheng status` tells the last backup")
    assert await asyncio.to_thread(day.platform.stop) == 0
    said = await day.command("restore", "--to", second.isoformat())
    assert "FAILS" not in said
    await asyncio.to_thread(day.platform.start)
    rows = await evidence.ask(day.platform, "filing", "SELECT filing_id::text FROM filing")
    assert lost not in {row["filing_id"] for row in rows}
    done.mended("`minzheng restore --to SECOND`, all checks hold; `minzheng up`")
    return done
