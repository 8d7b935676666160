"""Requests that fail, are slow or find no connection; facts that take too long; nobody signs in."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx

from kit.embedded.look import answers_well
from tests.faults.scene import PROBES, REFUSED, SLACK
from tests.faults.test_kill import pids
from tests.operations.day import Day, Exercise

SESSIONS = """SELECT count(*)::int FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'"""
END = """SELECT count(pg_terminate_backend(holder)) FROM pg_stat_activity waiting,
 unnest(pg_blocking_pids(waiting.pid)) holder
 WHERE waiting.datname = current_database() AND waiting.wait_event_type = 'Lock'"""
LOCK = "LOCK TABLE filing IN ACCESS EXCLUSIVE MODE"
SLOW = 0.6
"""Seconds that are slow for a request here, and as long as a lock is held each time."""
CROWD, OTHERS = 120, 40
"""People at once who ask for what is not answered, and readings of what is."""


async def availability_burn(day: Day) -> Exercise:
    """Filing takes calls and answers none."""
    before = (await day.told("gateway"))["requests"]["failed"]
    with day.standing_still("filing") as stopped:
        done = Exercise("filing's process stopped (SIGSTOP)")
        failed = await asyncio.gather(*(day.ask() for _ in range(5)))
        assert {one.status for one in failed} <= {503, 504}, failed
        assert max(one.seconds for one in failed) < SLACK * REFUSED, failed
        assert (await day.told("gateway"))["requests"]["failed"] >= before + len(failed)
        await day.command("probe", "filing", code=1)
        line = await day.trace(failed[-1].trace, "failed")
        assert "[filing]" not in line, line
        longest = max(one.seconds for one in failed)
        done.seen(
            f"requests end with {failed[-1].status} within {longest:.1f} s; page /ops counts faults; `minzheng probe filing` ends with 1;"
            f" `minzheng trace`: `{line.split(' [')[0]}` failed, nothing of filing below it;"
            f" {await others_go_on(day)}"
        )
        os.kill(stopped, signal.SIGKILL)
    await day.back("filing", stopped)
    await day.scene.good()
    done.mended("that process ended, `minzheng up` started it again; requests succeed")
    return done


async def others_go_on(day: Day) -> str:
    """A crowd asks for what filing does not answer; soon it takes no place from who needs it not."""
    rests = "filing rests"
    async with crowd(day):
        async with day.says(day.log("gateway"), rests):
            pass
        found = [await reading_of_the_register(day) for _ in range(OTHERS)]
    assert {status for status, _ in found} == {200}, found
    return (
        f"while {CROWD} people ask for their cases: log `{rests}`, {OTHERS} of {OTHERS} readings of"
        f" the public register answered, the slowest after {max(took for _, took in found):.1f} s"
    )


async def reading_of_the_register(day: Day) -> tuple[int, float]:
    """Status and seconds of a page that supervision answers, a moment after the one before."""
    await asyncio.sleep(0.1)
    began = time.monotonic()
    found = await day.http.get("/api/v1/organizations")
    return found.status_code, time.monotonic() - began


@asynccontextmanager
async def crowd(day: Day) -> AsyncIterator[None]:
    """People who read their own cases and ask again, half a second later where it failed."""
    signed = {"authorization": f"Bearer {day.load.people['resident.datong'].token}"}
    limits = httpx.Limits(max_connections=CROWD)
    async with httpx.AsyncClient(base_url=day.platform.url, timeout=20, limits=limits) as http:

        async def read() -> None:
            while True:
                found = await http.get("/api/v1/my/filings", headers=signed)
                await asyncio.sleep(0.5 if found.status_code >= 500 else 0)

        reading = [asyncio.create_task(read()) for _ in range(CROWD)]
        try:
            yield
        finally:
            for one in reading:
                one.cancel()
            await asyncio.gather(*reading, return_exceptions=True)


@asynccontextmanager
async def held_again_and_again(day: Day) -> AsyncIterator[None]:
    """A session that takes a lock for a moment, again and again, until it is ended."""

    async def hold() -> None:
        async with day.database("filing") as session:
            while True:
                async with session.transaction():
                    await session.execute(LOCK)
                    await asyncio.sleep(SLOW)
                await asyncio.sleep(0.05)

    holding = asyncio.create_task(hold())
    try:
        yield
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)


async def ended(day: Day) -> None:
    """The repair: the session that others wait for is ended."""
    async with day.database("filing") as session:

        async def found() -> bool:
            return bool(await session.fetchval(END))

        await day.until(found, "nobody waits for a lock")


async def latency_burn(day: Day) -> Exercise:
    """Somebody's session locks a table for a moment, again and again."""
    async with held_again_and_again(day):
        done = Exercise(f"a session locks filing's table for {SLOW} s again and again")
        found = [await day.ask() for _ in range(6)]
        slow = max((one for one in found if one.status == 200), key=lambda one: one.seconds)
        assert slow.seconds > SLOW / 2, found
        line = await day.trace(slow.trace, "write [filing]")
        milliseconds = float(line.split("] ")[1].split(" ms")[0])
        assert milliseconds > 500 * SLOW, line
        done.seen(f"a request took {slow.seconds:.1f} s; `minzheng trace`: `{line}`")
        asking = asyncio.create_task(day.ask())
        await ended(day)
        await asking
    again = [await day.ask() for _ in range(3)]
    assert all(one.status == 200 and one.seconds < SLOW for one in again), again
    done.mended("`pg_stat_activity` says `Lock`: the session others wait for was ended")
    return done


async def database_pool(day: Day) -> Exercise:
    """A lock by hand, and so many requests that no connection is left."""
    async with day.database("filing") as holder:
        locking = holder.transaction()
        await locking.start()
        await holder.execute(LOCK)
        done = Exercise(f"a session holds filing's table, {PROBES} requests at once")
        asking = [asyncio.create_task(day.ask()) for _ in range(PROBES)]
        async with day.database("filing") as session:

            async def waiting() -> bool:
                return bool(await session.fetchval(SESSIONS) >= 4)

            await day.until(waiting, "no session waits for the lock")
        answers = await asyncio.gather(*asking)
        assert {one.status for one in answers} <= {409, 503}, answers
        told = [one for one in answers if one.status == 503]
        assert told, answers
        assert all(one.again for one in told), "they are told to try again"
        longest = max(one.seconds for one in answers)
        assert longest < SLACK * REFUSED, answers
        done.seen(
            f"{len(told)} of {PROBES} requests `503` with `Retry-After`, all within {longest:.1f} s;"
            " `pg_stat_activity`: `Lock`"
        )
        asking = [asyncio.create_task(day.ask())]
        await ended(day)
        await asyncio.gather(*asking)
        try:
            await locking.rollback()
            raise AssertionError("the session was not ended")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await day.scene.good()
    done.mended("that session ended; requests succeed")
    return done


async def delay_burn(day: Day) -> Exercise:
    """Notifications takes nothing in."""
    with day.standing_still("notifications") as stopped:
        done = Exercise("notifications' process stopped (SIGSTOP)")
        await fallen_behind(day)
        done.seen(f"`minzheng status`: lag {await day.lag('notifications')} (alert DelayBurn)")
        os.kill(stopped, signal.SIGKILL)
    await caught_up(day, "notifications")
    done.mended("that process ended, `minzheng up` started it again; the lag is 0")
    return done


async def fallen_behind(day: Day) -> None:
    """A case goes its way, and notifications takes nothing of it in."""
    await day.load.live("accept")

    async def behind() -> bool:
        return await day.lag("notifications") >= 3

    await day.until(behind, "no lag grows")


async def caught_up(day: Day, workload: str) -> None:
    """Return when everything is taken in."""

    async def empty() -> bool:
        return await day.lag(workload) == 0

    await day.until(empty, f"{workload} does not catch up")


async def sign_on_away(day: Day) -> Exercise:
    """The sign-on stands still."""
    url = f"{day.platform.environment['MINZHENG_ISSUER']}/.well-known/openid-configuration"
    with day.standing_still("issuer") as stopped:
        done = Exercise("the sign-on's process stopped (SIGSTOP)")
        assert not await asyncio.to_thread(answers_well, url, 1.0)
        assert (await day.scene.probe())[0] == 200, "who is signed in goes on"
        done.seen("its discovery page does not answer (alert SignOnAway); who is signed in goes on")
        os.kill(stopped, signal.SIGKILL)

    async def answers() -> bool:
        return await asyncio.to_thread(answers_well, url, 1.0)

    await day.until(answers, "the sign-on stays away")
    await day.load.sign_in()
    assert pids(day.platform)["issuer"] != stopped
    done.mended("the process ended, `minzheng up` started it again; people sign in")
    return done
