"""The audit trail changed, not sealed, and read for who looked at what."""

import asyncio
import hashlib
from datetime import datetime

from kit.audit.sealer import KEY
from kit.calendar import ZONE
from tests.faults.load import TOWNS
from tests.faults.replicas import WORKLOADS
from tests.operations.day import Day, Exercise, taken
from tests.stories.people import refusal

CHAINED = "SELECT audit_id FROM kit.audit_chain ORDER BY number DESC LIMIT 1"
LEAD = "SELECT pg_advisory_lock($1)"
GROWN = 5.0
"""Seconds that are too many for a row outside the chain."""
CASES = 3
IDENTITY = "REVEAL_PURPOSE_IDENTITY"


async def audit_break(day: Day) -> Exercise:
    """A row of the trail is changed beside the platform."""
    # A row enters the chain within a second.
    await asyncio.sleep(1.5)
    async with day.database("filing") as database:
        number = await database.fetchval(CHAINED)
        before = await database.fetchval("SELECT reason FROM kit.audit WHERE id = $1", number)
        change = "UPDATE kit.audit SET reason = $2 WHERE id = $1"
        await database.execute(change, number, "nothing happened")
        done = Exercise("a row of the trail changed in the database")
        try:
            said = await day.command("audit", "verify", "filing", code=1)
            assert f"row {number}" in said
            done.seen("`minzheng audit verify` names the row (daily walk: alert AuditBroken)")
            assert "nothing happened" in await day.command("audit", "export", "filing")
        finally:
            await database.execute(change, number, before)
    await day.command("audit", "verify", "filing")
    done.mended("`minzheng audit export` kept as evidence; for the exercise the row was put back")
    return done


async def unsealed(day: Day) -> float:
    """`unsealed s` of filing."""
    return float((await day.row("filing"))["audit_unsealed_seconds"])


async def grown(day: Day) -> None:
    """A case goes its way, and what it leaves in the trail stays outside the chain."""
    await day.load.live("accept")

    async def grows() -> bool:
        return await unsealed(day) > GROWN

    await day.until(grows, "its age does not grow")


async def sealed(day: Day) -> None:
    """The repair's end: the sealer goes on by itself, and the trail is whole."""

    async def young() -> bool:
        return await unsealed(day) < 2

    await day.until(young, "the sealer does not go on")
    await day.command("audit", "verify", "filing", "--since-checkpoint")


async def checkpoints_refused(day: Day) -> Exercise:
    """The folder of checkpoints cannot be written."""
    with taken(day.platform.var / "checkpoints"):
        done = Exercise("a file in the place of the folder of checkpoints")
        async with day.says(day.log("filing"), "audit not sealed"):
            await day.load.live("accept")
        await grown(day)
        done.seen("log `audit not sealed`; `minzheng status`: unsealed grows (alert AuditUnsealed)")
    await sealed(day)
    done.mended("folder put back: the sealer went on by itself; `audit verify --since-checkpoint`")
    return done


async def sealer_held_up(day: Day) -> Exercise:
    """Another process has the sealer's lock and stands still."""
    async with day.database("filing") as holder:
        await holder.execute(LEAD, KEY)
        done = Exercise("a process holds the lock of filing's sealer and stands still")
        await grown(day)
        done.seen("`minzheng status`: unsealed grows (alert AuditUnsealed)")
    await sealed(day)
    done.mended("that process ended: another one sealed; `audit verify --since-checkpoint`")
    return done


async def data_leak(day: Day) -> Exercise:
    """A clerk reads the persons of case after case."""
    town = TOWNS[2]
    resident = town.people[0]
    cases = []
    for _ in range(CASES):
        number = next(day.load.numbers)
        cases.append(await day.load.people[resident].file(number, town.community, town.name))
    clerk = await day.person("clerk.tianya")
    for case in cases:
        await clerk.post(f"/api/v1/filings/{case}:revealPersons", {"purpose": IDENTITY})
    done = Exercise(f"a clerk read the persons of {CASES} cases in a moment")
    auditor, guard = await day.person("audit-admin"), await day.person("sec-admin")
    path, wanted = "/api/v1/operations/filing/audit", {"action": "reveal_personal"}
    every = (await auditor.get(path, **wanted))["entries"]
    (account,) = {one["account"] for one in every if one["objectId"] in cases}
    today = datetime.now(ZONE).date().isoformat()
    span = {"fromDay": today, "toDay": today}
    own = (await auditor.get(path, account=account, **span, **wanted))["entries"]
    assert {one["objectId"] for one in own} >= set(cases)
    done.seen(
        "the auditor's search by `reveal_personal`, then by account and day: which cases, and when"
    )
    (post,) = (await guard.get("/api/v1/posts", account=account))["posts"]
    why = {"reason": "疑似泄露个人信息，演练"}
    await guard.post(f"/api/v1/posts/{post['postId']}:revoke", why)
    await guard.post(f"/api/v1/accounts/{account}:endSessions", why)
    again = clerk.post(f"/api/v1/filings/{cases[0]}:revealPersons", {"purpose": IDENTITY})
    assert (await refusal(again))[0] in (401, 403, 404)
    digests = [
        hashlib.sha256((await day.command("audit", "export", name)).encode()).hexdigest()
        for name in WORKLOADS
    ]
    await day.command("audit", "verify")
    done.mended(
        "post revoked, sessions ended: the next reading is refused; `minzheng audit export` of each"
        f" workload (SHA-256 of {WORKLOADS[0]}'s {digests[0][:12]}…); `audit verify` whole"
    )
    return done
