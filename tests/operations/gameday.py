"""Game day: what runbooks are for is done to a platform, seen by its status, mended by their commands."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from kit.embedded.look import answers_well
from kit.embedded.secrets import signing_key
from kit.errors import Refusal
from kit.identity import Caller, Minter, Verifier
from kit.ids import uuid7
from kit.outbox.relay import KEY
from kit.outbox.row import INSERT, OUTBOX_COLUMNS, outbox_row
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.faults import evidence
from tests.faults.load import Load
from tests.faults.scene import Scene
from tests.faults.test_kill import pids
from tests.faults.test_parts import HOLDER
from tests.kit.facts.helpers import submitted
from tests.platform import Platform
from tests.sink import Sink, accept, always

LONGEST = 90.0
"""Seconds after which something that should be seen or mended is neither."""
CHAINED = "SELECT audit_id FROM kit.audit_chain ORDER BY number DESC LIMIT 1"
FAILING = "SELECT failures FROM subscription WHERE subscription_id = $1"
WAITING = "SELECT count(*)::int AS n FROM delivery WHERE NOT delivered"


@dataclass
class Exercise:
    """What was done, how it was seen, how it was mended; seconds to both."""

    runbook: str
    injected: str
    began: float = field(default_factory=time.monotonic)
    detected: str = ""
    repaired: str = ""
    seen_after: float = 0.0
    mended_after: float = 0.0

    def seen(self, by: str) -> None:
        """Note the signal."""
        self.detected, self.seen_after = by, time.monotonic() - self.began

    def mended(self, by: str) -> None:
        """Note the repair."""
        self.repaired, self.mended_after = by, time.monotonic() - self.began


@dataclass
class Day:
    """The platform, people on it, and a department that subscribed."""

    platform: Platform
    http: httpx.AsyncClient
    load: Load
    sink: Sink
    subscription: str

    @property
    def scene(self) -> Scene:
        """The people as the fault tests see them."""
        return Scene(self.platform, self.http, self.load)

    async def command(self, *words: str, code: int = 0) -> str:
        """A command of `minzheng`; what it printed. AssertionError where it ends otherwise."""
        done: subprocess.CompletedProcess[str] = await asyncio.to_thread(self.platform.run, *words)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    async def row(self, workload: str) -> Any:
        """A workload's row of the status; None while its database does not answer."""
        found: Any = await asyncio.to_thread(self.platform.status)
        return found["workloads"][workload]

    async def until(self, check: Callable[[], Awaitable[Any]], otherwise: str) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + LONGEST
        while not await check():
            assert time.monotonic() < end, otherwise
            await asyncio.sleep(0.3)


async def outbox_stuck(day: Day) -> Exercise:
    """Somebody else holds the lead of a relay and stands still."""
    holder = await day.platform.database("filing")
    await holder.fetch(HOLDER, KEY)
    while not await holder.fetchval("SELECT pg_try_advisory_lock($1)", KEY):
        await holder.fetch(HOLDER, KEY)
    done = Exercise("outbox-stuck", "a process holds the lead of filing's relay and sends nothing")
    await day.load.live("accept")

    async def old() -> bool:
        found = await day.row("filing")
        return bool(found["outbox_oldest_seconds"] > 3)

    await day.until(old, "the age does not grow")
    done.seen("`minzheng status`: oldest over 3 s (alert OutboxWaits after 60 s)")
    await holder.close()

    async def empty() -> bool:
        return (await day.row("filing"))["outbox_unpublished"] == 0

    await day.until(empty, "the outbox does not empty")
    done.mended("that process ended; everything left by itself")
    return done


async def parked_facts(day: Day) -> Exercise:
    """A fact nobody can read, and a good one behind it."""
    done = Exercise(
        "parked-facts", "filing states a fact nobody can read, and a good one behind it"
    )
    aggregate = str(uuid7())
    spoilt, good = (outbox_row(submitted(aggregate, number), {}) for number in (1, 2))
    payload = OUTBOX_COLUMNS.index("payload")
    spoilt = (*spoilt[:payload], b"\xff\xff\xff", *spoilt[payload + 1 :])
    filing = await day.platform.database("filing")
    await filing.executemany(INSERT, [spoilt, good])
    await filing.close()

    async def parked() -> bool:
        return bool((await day.row("notifications"))["parked"] == 2)

    await day.until(parked, "nothing is parked")
    done.seen("`minzheng status`: parked 2 at notifications (alert FactsParked)")
    await day.command("consumer", "pause", "notifications", "--reason", "game day")
    assert aggregate in await day.command("replay", "list")
    assert "no fact" in await day.command("replay", "show", "notifications", aggregate)
    await day.command("consumer", "resume", "notifications", "--reason", "game day")
    why = ("--reason", "game day")
    # Nobody filed that organization: the fact behind fails too, and is given up.
    await day.command("replay", "discard", "notifications", aggregate, *why)
    await day.command("replay", "run", "notifications", aggregate, *why, code=1)
    await day.command("replay", "discard", "notifications", aggregate, *why)
    assert (await day.row("notifications"))["parked"] == 0
    done.mended(
        "`minzheng consumer pause`, `replay list`, `show`, `consumer resume`, `replay discard`"
    )
    return done


async def sign_on_away(day: Day) -> Exercise:
    """The sign-on stands still."""
    url = f"{day.platform.environment['MINZHENG_ISSUER']}/.well-known/openid-configuration"
    stopped = pids(day.platform)["issuer"]
    os.kill(stopped, signal.SIGSTOP)
    done = Exercise("keycloak-down", "the sign-on's process stopped (SIGSTOP)")
    assert not await asyncio.to_thread(answers_well, url, 1.0)
    assert (await day.scene.probe())[0] == 200, "who is signed in goes on"
    done.seen("its discovery page does not answer (alert SignOnAway); who is signed in goes on")
    os.kill(stopped, signal.SIGKILL)

    async def answers() -> bool:
        return await asyncio.to_thread(answers_well, url, 1.0)

    await day.until(answers, "the sign-on stays away")
    await day.load.sign_in()
    done.mended("the process ended, `minzheng up` started it again; people sign in")
    return done


async def key_leaked(day: Day) -> Exercise:
    """Somebody else has the signing key and a key of fields."""
    folder = day.platform.var / "secrets"
    forger = Minter(signing_key(folder))
    done = Exercise("key-leaked", "the signing key and a field key are in foreign hands")
    done.seen("a report by a person: no alert sees it")
    await day.command("keys", "rotate-signing", "--leaked")
    await day.command("keys", "rotate", "field")
    verifier = Verifier.from_json("filing", (folder / "internal_keys.json").read_text())
    try:
        verifier.verify(
            forger.mint(Caller("x", Role.SYSTEM), "filing"), path="", body=None, fresh=False
        )
        raise AssertionError("a forged token is taken")
    except Refusal:
        await day.load.live("accept")
    await day.command("keys", "retire", "field", "1", "--settled", "0")
    done.mended(
        "`minzheng keys rotate-signing --leaked`, `rotate field`, `retire field 1`; a forged token is refused, people work on"
    )
    return done


async def dead_subscriber(day: Day) -> Exercise:
    """A department's server answers 500."""
    day.sink.behavior = always(500)
    done = Exercise("dead-subscriber", "a department's server answers 500")
    since = datetime.now(UTC)
    await day.load.live("accept")

    async def failing() -> bool:
        rows = await evidence.ask(day.platform, "gateway", FAILING, day.subscription)
        return bool(rows[0]["failures"])

    await day.until(failing, "no failure is counted")
    done.seen("failures of the subscription grow (alert SubscriberDead)")
    day.sink.behavior = accept
    day.sink.received.clear()
    span = ("--since", since.isoformat(), "--reason", "game day")
    await day.command("resend", day.subscription, *span)

    async def arrived() -> bool:
        (row,) = await evidence.ask(day.platform, "gateway", WAITING)
        return bool(day.sink.received) and row["n"] == 0

    await day.until(arrived, "nothing arrives")
    done.mended("the server mended, `minzheng resend`; everything arrived")
    return done


async def audit_break(day: Day) -> Exercise:
    """A row of the trail is changed beside the platform."""
    # A row enters the chain within a second.
    await asyncio.sleep(1.5)
    database = await day.platform.database("filing")
    number = await database.fetchval(CHAINED)
    before = await database.fetchval("SELECT reason FROM kit.audit WHERE id = $1", number)
    change = "UPDATE kit.audit SET reason = $2 WHERE id = $1"
    await database.execute(change, number, "nothing happened")
    done = Exercise("audit-break", "a row of the trail changed in the database")
    said = await day.command("audit", "verify", "filing", code=1)
    assert f"row {number}" in said
    done.seen("`minzheng audit verify` names the row (daily walk: alert AuditBroken)")
    exported = await day.command("audit", "export", "filing")
    assert "nothing happened" in exported
    await database.execute(change, number, before)
    await database.close()
    await day.command("audit", "verify", "filing")
    done.mended("`minzheng audit export` kept as evidence; for the exercise the row was put back")
    return done


async def database_killed(day: Day) -> Exercise:
    """kill -9 of the database server."""
    said = (day.platform.var / "postgres" / "postmaster.pid").read_text()
    os.kill(int(said.split()[0]), signal.SIGKILL)
    done = Exercise("database-failover", "kill -9 of the database server")
    status, seconds = await day.scene.probe()
    done.seen(f"a request answered {status} after {seconds:.1f} s (alert DatabaseAway)")
    await day.scene.good()
    await day.command("audit", "verify")
    done.mended("`minzheng up` started it again; `minzheng audit verify` whole")
    return done


async def restored(day: Day) -> Exercise:
    """Everything after a second is to be undone."""
    await day.command("backup")
    await day.load.live("accept")
    await asyncio.sleep(1)
    second = datetime.now(UTC)
    await asyncio.sleep(1)
    lost = await day.load.live("accept")
    done = Exercise("restore", "a mistake that only an earlier second undoes")
    done.seen("a report by a person; `minzheng status` tells the last backup")
    assert await asyncio.to_thread(day.platform.stop) == 0
    said = await day.command("restore", "--to", second.isoformat())
    assert "FAILS" not in said
    await asyncio.to_thread(day.platform.start)
    rows = await evidence.ask(day.platform, "filing", "SELECT filing_id::text FROM filing")
    assert lost not in {row["filing_id"] for row in rows}
    done.mended("`minzheng restore --to SECOND`, all checks hold; `minzheng up`")
    return done


EXERCISES = (
    outbox_stuck, parked_facts, sign_on_away, key_leaked, dead_subscriber, audit_break,
    database_killed, restored,
)  # fmt: skip
