"""Facts that do not leave, are not taken in, or were taken in wrongly; neighbors that do not answer."""

from datetime import UTC, datetime

from kit.ids import uuid7
from kit.outbox.relay import KEY
from kit.outbox.row import INSERT, OUTBOX_COLUMNS, outbox_row
from tests.faults import evidence
from tests.faults.test_parts import HOLDER
from tests.kit.facts.helpers import submitted
from tests.operations.day import WHY, Day, Exercise
from tests.operations.exercises.traffic import caught_up, fallen_behind
from tests.sink import accept, always

FAILING = "SELECT failures FROM subscription WHERE subscription_id = $1"
WAITING = "SELECT count(*)::int AS n FROM delivery WHERE NOT delivered"
ENTRY = "SELECT organization_id::text AS id, name FROM register_state ORDER BY since DESC LIMIT 1"
SPOIL = "UPDATE register_state SET name = 'wrong' WHERE organization_id = $1"
REST = "SELECT failures, held_until > now() AS rests FROM far_end WHERE channel = 'SMS'"
LEFT = "SELECT count(*)::int AS n FROM sending WHERE channel = 'SMS'"
TRIPS = 5


async def outbox_stuck(day: Day) -> Exercise:
    """Somebody else holds the lead of a relay and stands still."""
    async with day.database("filing") as holder:
        await holder.fetch(HOLDER, KEY)
        while not await holder.fetchval("SELECT pg_try_advisory_lock($1)", KEY):
            await holder.fetch(HOLDER, KEY)
        done = Exercise("a process holds the lead of filing's relay and sends nothing")
        await day.load.live("accept")

        async def old() -> bool:
            found = await day.row("filing")
            return bool(found["outbox_oldest_seconds"] > 3)

        await day.until(old, "the age does not grow")
        done.seen("`minzheng status`: oldest over 3 s (alert OutboxWaits after 60 s)")

    async def empty() -> bool:
        return (await day.row("filing"))["outbox_unpublished"] == 0

    await day.until(empty, "the outbox does not empty")
    done.mended("that process ended; everything left by itself")
    return done


async def parked_facts(day: Day) -> Exercise:
    """A fact nobody can read, and a good one behind it."""
    done = Exercise("filing states a fact nobody can read, and a good one behind it")
    aggregate = str(uuid7())
    spoilt, good = (outbox_row(submitted(aggregate, number), {}) for number in (1, 2))
    payload = OUTBOX_COLUMNS.index("payload")
    spoilt = (*spoilt[:payload], b"\xff\xff\xff", *spoilt[payload + 1 :])
    async with day.database("filing") as filing:
        await filing.executemany(INSERT, [spoilt, good])

    async def parked() -> bool:
        return bool((await day.row("notifications"))["parked"] == 2)

    await day.until(parked, "nothing is parked")
    done.seen("`minzheng status`: parked 2 at notifications (alert FactsParked)")
    await day.command("consumer", "pause", "notifications", *WHY)
    try:
        assert aggregate in await day.command("replay", "list")
        assert "no fact" in await day.command("replay", "show", "notifications", aggregate)
    finally:
        await day.command("consumer", "resume", "notifications", *WHY)
    # Nobody filed that organization: the fact behind fails too, and is given up.
    await day.command("replay", "discard", "notifications", aggregate, *WHY)
    await day.command("replay", "run", "notifications", aggregate, *WHY, code=1)
    await day.command("replay", "discard", "notifications", aggregate, *WHY)
    assert (await day.row("notifications"))["parked"] == 0
    done.mended(
        "`minzheng consumer pause`, `replay list`, `show`, `consumer resume`, `replay discard`"
    )
    return done


async def consumer_lag(day: Day) -> Exercise:
    """Somebody paused a consumer and went home."""
    why = "tables under repair"
    await day.command("consumer", "pause", "notifications", "--reason", why)
    done = Exercise("notifications' consumer paused")
    try:
        await fallen_behind(day)
        assert why in await day.command("consumer", "list")
        assert "nothing is parked" in await day.command("replay", "list")
        done.seen(
            "`minzheng status`: the lag grows; `minzheng consumer list` says since when and why"
        )
    finally:
        await day.command("consumer", "resume", "notifications", *WHY)
    await caught_up(day, "notifications")
    assert "no consumer is paused" in await day.command("consumer", "list")
    done.mended("`minzheng consumer resume`; the lag is 0")
    return done


async def read_side_wrong(day: Day) -> Exercise:
    """A row of the public register is changed by hand."""
    await day.load.live("accept")
    await caught_up(day, "supervision")
    async with day.database("supervision") as register:
        row = await register.fetchrow(ENTRY)
        assert row is not None
        await register.execute(SPOIL, row["id"])
    done = Exercise("a row of the public register changed in the database")
    assert await entry(day, row["id"]) == "wrong", "everybody reads it"
    await day.command("consumer", "pause", "supervision", *WHY)
    try:
        tried = await day.command("rebuild", "supervision", *WHY)
        assert "1 gone, 1 new" in tried, tried
        assert await entry(day, row["id"]) == "wrong", "nothing is changed by a trial"
        done.seen("the register shows it; `minzheng rebuild` on trial: `1 gone, 1 new`")
        await day.command("rebuild", "supervision", *WHY, "--yes")
    finally:
        await day.command("consumer", "resume", "supervision", *WHY)
    assert await entry(day, row["id"]) == row["name"]
    done.mended(
        "`minzheng consumer pause`, `rebuild --yes`, `consumer resume`; the register is right"
    )
    return done


async def entry(day: Day, organization: str) -> str:
    """The name under which everybody finds an organization."""
    answer = await day.http.get(f"/api/v1/organizations/{organization}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["organization"]["name"])


async def dead_subscriber(day: Day) -> Exercise:
    """A department's server answers 500."""
    day.sink.behavior = always(500)
    done = Exercise("a department's server answers 500")
    since = datetime.now(UTC)
    try:
        await day.load.live("accept")

        async def failing() -> bool:
            rows = await evidence.ask(day.platform, "gateway", FAILING, day.subscription)
            return bool(rows[0]["failures"])

        await day.until(failing, "no failure is counted")
        done.seen("failures of the subscription grow (alert SubscriberDead)")
    finally:
        day.sink.behavior = accept
    day.sink.received.clear()
    await day.command("resend", day.subscription, "--since", since.isoformat(), *WHY)

    async def arrived() -> bool:
        (row,) = await evidence.ask(day.platform, "gateway", WAITING)
        return bool(day.sink.received) and row["n"] == 0

    await day.until(arrived, "nothing arrives")
    done.mended("the server mended, `minzheng resend`; everything arrived")
    return done


async def neighbor_away(day: Day) -> Exercise:
    """The SMS provider takes everything and does not answer."""
    resident = await day.person("resident.datong")
    contact = {"phone": "12000004321", "email": "resident@home.example"}
    version = (await resident.get("/api/v1/my/contact")).get("version", 0)
    await resident.put("/api/v1/my/contact", {"version": version, "contact": contact})
    day.neighbors.turn(day.neighbors.sms.knob, open=False)
    done = Exercise("the SMS provider does not answer")
    try:
        for _ in range(3):
            await day.load.live("accept")

        async def rests() -> bool:
            rows = await evidence.ask(day.platform, "gateway", REST)
            return bool(rows and rows[0]["failures"] >= TRIPS and rows[0]["rests"])

        await day.until(rests, "the breaker does not open")
        (waiting,) = await evidence.ask(day.platform, "gateway", LEFT)
        assert waiting["n"] > 0
        inbox = (await resident.get("/api/v1/messages"))["messages"]
        assert inbox, "the inbox goes on"
        assert day.neighbors.mail.taken, "mail goes on"
        assert await day.command("probe", "gateway") == ""
        done.seen(
            f"outward.md's questions: {waiting['n']} SMS wait, the way rests (alert NeighborAway);"
            " inbox and mail are complete, `minzheng probe gateway` 0"
        )
    finally:
        day.neighbors.turn(day.neighbors.sms.knob, open=True)

    async def left() -> bool:
        (row,) = await evidence.ask(day.platform, "gateway", LEFT)
        return row["n"] == 0

    await day.until(left, "the SMS do not go out")
    done.mended("the provider answers again; what waited went out by itself")
    return done
