"""B8c, B8e, B9: from a commit to a department's address, and how many deliveries a second leave."""

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from gateway.seed import demo_users, read
from gateway.subscriptions.domain.changes import event_type
from gateway.subscriptions.domain.subscription import Subscription
from gateway.subscriptions.store.feed import Feed, PublicChange
from gateway.subscriptions.store.subscriptions import MADE, SEALED
from kit.calendar import WorkingCalendar, business_date
from kit.database import Database
from kit.ids import uuid7
from kit.regions import hainan
from kit.rules import RuleBook
from kit.secrets import Keyring
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import OrganizationState
from services.filing.domain import decision, review, submission
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.store.read import KEYS
from tests.bench import drafts
from tests.bench.drafts import DIGITS
from tests.bench.fire import fire, post
from tests.bench.measure import Figure, Goal, Table
from tests.bench.stage import Stage
from tests.filing.builders import APPLICANT, CLERK, DATONGLI, VILLAGE, drafted, finish, form, marked
from tests.platform import ROOT
from tests.sink import LOCAL, Authority

B8E = Goal("B8e", "everything running: commit to the gateway's effect at 50 filed organizations a second, p99", 25, 10, False, "ms")  # fmt: skip
B8C = Goal("B8c", "commit to a subscriber's address at 50 writes a second, p99", 1000, 100, False, "ms")  # fmt: skip
B9 = Goal("B9", "webhook deliveries a second to 20 addresses", 500, 1500, True, "/s")
PACE = 50
SECONDS = 10
DEPARTMENTS = 20
EVENTS = 150
"""Of each round of B9, every one to every department."""
FILED = event_type("hainan", "filed")
LEAD = "lead.datong"
WAIT = 120.0
COMMITTED = """SELECT partition_key, extract(epoch FROM created_at)::float8 AS at FROM kit.outbox
 WHERE type LIKE '%OrganizationFiled' AND created_at >= $1"""
TAKEN = """SELECT organization_id::text AS key, extract(epoch FROM at)::float8 AS at FROM feed
 WHERE at >= $1"""
LEFT = "SELECT count(*) FROM delivery WHERE NOT delivered"


@dataclass
class Department:
    """The address of the departments, and how to ask it."""

    port: int
    client: httpx.AsyncClient

    async def told(self) -> Any:
        """What came since it was last asked."""
        return (await self.client.get(f"https://{LOCAL}:{self.port}/told")).json()


@asynccontextmanager
async def department(authority: Authority) -> AsyncIterator[Department]:
    """A department's server, certified by an authority that the gateway believes."""
    certificate = authority.file_for(LOCAL)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.department", str(certificate), LOCAL,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    context = ssl.create_default_context(cafile=str(authority.file))
    try:
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            yield Department(port, client)
    finally:
        process.terminate()
        await process.wait()


async def figures(stage: Stage, authority: Authority, table: Table, rounds: int) -> list[Figure]:
    """Deliver, with everything running."""
    async with department(authority) as address:
        await subscribe(stage, address, 1)
        for number in range(rounds + 1):
            shown = await _paced(stage, address, number)
            if number:
                table.note(f"{PACE} organizations a second", **shown)
        await subscribe(stage, address, DEPARTMENTS)
        for number in range(rounds + 1):
            shown = await _volley(stage)
            if number:
                table.note(f"webhooks to {DEPARTMENTS} addresses", **shown)
    paced = f"{PACE} organizations a second"
    return [
        Figure(B8E, tuple(table.of(paced, "effect_p99_ms"))),
        Figure(B8C, tuple(table.of(paced, "webhook_p99_ms"))),
        Figure(B9, tuple(table.of(f"webhooks to {DEPARTMENTS} addresses", "rate"))),
    ]


async def subscribe(stage: Stage, address: Department, count: int) -> None:
    """Live subscriptions of so many departments to everything, in place of those there were."""
    keyring, connection = Keyring.load(stage.config), await stage.superuser("gateway")
    await connection.execute("UPDATE subscription SET state = 'ENDED', secret_cell = NULL")
    node = hainan().get("460000000000")
    for number in range(count):
        one = Subscription(
            str(uuid7()), f"bench-{number}", node.code, node.path, (FILED,), "bench",
            f"https://{LOCAL}:{address.port}/{number}", (f"{LOCAL}/32",), datetime.now(UTC),
            state="LIVE", decided_by="bench", live_from=0,
        )  # fmt: skip
        cells = dict.fromkeys(SEALED.cells)
        place = SEALED.place("secret_cell", one.subscription_id)
        cells["secret_cell"] = keyring.seal(b"s" * 32, place)
        values = {name: getattr(one, name) for name in MADE if name not in cells} | cells
        values |= {"subscription_id": UUID(one.subscription_id), "types": list(one.types)}
        values |= {"networks": list(one.networks), "failures": 0}
        await connection.copy_records_to_table(
            "subscription", records=[tuple(values.values())], columns=list(values)
        )
    await connection.close()


async def _paced(stage: Stage, address: Department, number: int) -> dict[str, float]:
    """Decide at an even pace; p99 from each commit to the effect and to the address."""
    made = await proposed(stage, number * 10_000, PACE * SECONDS)
    token = lead_token(stage)
    requests = [
        post(f"/api/v1/filings/{one}:decide", token, '{"agree":true}', str(uuid7())) for one in made
    ]
    await stage.quiet()
    await address.told()
    began = datetime.now(UTC)
    heard = await fire(stage.ports, requests, warm=0, connections=8, pace=PACE)
    committed = await _moments(stage, "filing", COMMITTED, began)
    async with asyncio.timeout(WAIT):
        while len(effects := await _moments(stage, "gateway", TAKEN, began)) < len(committed):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await _delivered(stage)
    arrivals = (await address.told())["first"]
    if not set(committed) == set(effects) == set(arrivals):
        raise RuntimeError(f"{len(committed)} filed, {len(effects)} taken in, {len(arrivals)} came")
    return {
        "rate": heard.rate,
        "effect_p99_ms": p99_ms(committed, effects),
        "webhook_p99_ms": p99_ms(committed, arrivals),
    }


def p99_ms(began: dict[str, float], ended: dict[str, float]) -> float:
    """Of the time between two moments of the same organizations."""
    waits = sorted(ended[key] - at for key, at in began.items())
    return 1000 * waits[min(len(waits) - 1, len(waits) * 99 // 100)]


async def _moments(stage: Stage, name: str, text: str, since: datetime) -> dict[str, float]:
    connection = await stage.superuser(name)
    try:
        return {row[0]: row[1] for row in await connection.fetch(text, since)}
    finally:
        await connection.close()


def lead_token(stage: Stage) -> str:
    """A token of the street's lead, who has just signed in."""
    account = next(row["account_id"] for row in read(demo_users()) if row["username"] == LEAD)
    (token,) = stage.tokens([account], acr="high", auth_time=int(time.time()))
    return token


async def proposed(stage: Stage, first: int, count: int) -> list[str]:
    """Cases of one street that wait for their lead; made by the rules, copied in."""
    made = [_case(n) for n in range(first + 1, first + count + 1)]
    connection = await stage.superuser("filing")
    try:
        await drafts.copy(connection, Keyring.load(stage.config), made)
    finally:
        await connection.close()
    return [case.filing_id for case in made]


def _case(n: int) -> Case:
    at = datetime.now(UTC)
    now = Moment(business_date(at, 0), at, WorkingCalendar())
    name = f"海口市龙华区大同街道大同里社区投递{str(n).translate(DIGITS)}志愿服务队"
    case = drafted(DATONGLI, form=form(name=name))
    case = replace(case, filing_id=str(uuid7()), organization_id=str(uuid7()))
    rules = RuleBook.default().pin(KEYS, case.place.region_path, now.today)
    judged = submission.submit(case, APPLICANT, now, rules, "CN-2026-01", False)
    case = replace(finish(judged).case, application_no=f"SB{n:012}")
    case = marked(review.give_opinion(case, VILLAGE, now, "AGREE", "").case)
    case = decision.propose(case, CLERK, now, "ACCEPT", (), "").case
    # No fact of it was stated yet: the next is the first. Everybody files once.
    return replace(case, fact_version=0, owner=f"applicant-{n}")


async def _volley(stage: Stage) -> dict[str, float]:
    """Events for every department wait; from the moment they may go to the last that arrived."""
    feed_pool = await stage.pool("gateway", 1)
    feed, path = Feed(Database("gateway", feed_pool)), hainan().get(DATONGLI).path
    control = await stage.superuser("gateway")
    try:
        await control.execute("UPDATE subscription SET state = 'PAUSED' WHERE state = 'LIVE'")
        for _ in range(EVENTS):
            state = OrganizationState(organization_id=str(uuid7()), sequence=1, name="舞蹈队")
            async with feed_pool.acquire() as connection, connection.transaction():
                await feed.put(connection, [_public(state, path)])
        await control.execute("VACUUM (ANALYZE) delivery")
        count = await control.fetchval(LEFT)
        began = time.monotonic()
        await control.execute("UPDATE subscription SET state = 'LIVE' WHERE state = 'PAUSED'")
        await _delivered(stage)
        return {"rate": count / (time.monotonic() - began), "deliveries": float(count)}
    finally:
        await control.close()
        await feed_pool.close()


def _public(state: OrganizationState, path: str) -> PublicChange:
    organization, kept = UUID(state.organization_id), state.to_binary()
    return PublicChange(organization, path, state.sequence, kept, uuid7(), FILED, "")


async def _delivered(stage: Stage) -> None:
    connection = await stage.superuser("gateway")
    try:
        async with asyncio.timeout(WAIT):
            await stage.quiet()
            while await connection.fetchval(LEFT):  # noqa: ASYNC110 - other processes work
                await asyncio.sleep(0.02)
    finally:
        await connection.close()
