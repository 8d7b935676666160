"""The client's journal against what the platform holds once it has come to rest."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kit.contracts import facts as known_facts
from kit.contracts import topic_of
from services.notifications.domain.causes import CAUSES, messages
from services.notifications.reactions import values
from tests.faults import evidence
from tests.faults.evidence import ask
from tests.faults.load import CORRESPONDENT, Load, contact
from tests.faults.replicas import WORKLOADS
from tests.platform import Platform

LAST = """SELECT type, aggregateid, max(aggregate_version) AS last FROM kit.outbox
 GROUP BY 1, 2"""
NOW = """SELECT (SELECT count(*) FROM kit.outbox WHERE published_at IS NULL) AS unsent,
 (SELECT count(*) FROM kit.parked) AS parked"""
HELD = "SELECT topic, aggregate, version FROM kit.position"
STEPS = "SELECT filing_id::text, action, to_state FROM filing_step ORDER BY filing_id, ordinal"
STATED = "SELECT event_id::text, type, payload FROM kit.outbox"
KEPT = "SELECT event_id::text, count(*)::int AS count FROM message GROUP BY 1"
Life = tuple[tuple[str, str], ...]
"""Actions of a case with the states they led to."""


@dataclass(frozen=True)
class Judged:
    """What the judge counted."""

    facts: int
    effects: int
    again: Counter[str] = field(default_factory=Counter)


async def judge(
    platform: Platform, load: Load, undisturbed: Mapping[str, str], *, log_lost: bool = False
) -> Judged:
    """AssertionError names what was lost, doubled or put in disorder.

    Where the log lost its records, what was sent until they were sent again stands before them.
    """
    assert set(load.journal.accepted) == set(load.kinds), "accepted and begun differ"
    lived = await lives(platform)
    assert strange(lived, load.kinds, undisturbed) == [], "a life went otherwise than undisturbed"
    assert gaps(load.filed.values()) == [], "numbers have gaps or came twice"
    applications = set(load.journal.accepted.values())
    assert len(applications) == len(load.kinds), "an application number came twice"
    await contact_is_the_last(load)
    records = await evidence.sent(platform)
    facts = evidence.firsts(records)
    assert log_lost or evidence.order_breaks(facts) == 0
    assert await evidence.effect_breaks(platform, facts) == 0
    wanted, kept = await effects(platform)
    assert amiss(wanted, kept) == [], "messages are missing or came twice"
    verified = platform.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    again = Counter(
        relay=len(records) - len(facts), consumer=sum(1 for _ in evidence.duplicates(platform))
    )
    return Judged(len(facts), kept.total(), again)


async def rest(platform: Platform, seconds: float = 120) -> None:
    """Return when every fact has left and every consumer has taken it in; nothing may be parked.

    The lag of a group is no measure here: the log was made to forget offsets.
    """
    end, left = time.monotonic() + seconds, [""]
    while left:
        assert time.monotonic() < end, f"still under way: {left[:5]}"
        await asyncio.sleep(0.3)
        left = await under_way(platform)


async def under_way(platform: Platform) -> Sequence[str]:
    """What has not left or was not taken in, in words. AssertionError where something is parked."""
    last: dict[tuple[str, str], int] = {}
    held, left = {}, []
    for name in WORKLOADS:
        (now,) = await ask(platform, name, NOW)
        assert not now["parked"], f"{name} gave facts up"
        left += [f"{now['unsent']} facts of {name}"] * bool(now["unsent"])
        for row in await ask(platform, name, LAST):
            place = topic_of(row["type"]), row["aggregateid"]
            last[place] = max(last.get(place, 0), row["last"])
        rows = await ask(platform, name, HELD)
        held[name] = {(row["topic"], row["aggregate"]): row["version"] for row in rows}
    for name, places in held.items():
        reads = {topic for topic, _ in places}
        left += [f"{p} at {name}" for p, n in last.items() if p[0] in reads and places.get(p) != n]
    return left


async def lives(platform: Platform) -> dict[str, Life]:
    """What happened to every case."""
    rows = await ask(platform, "filing", STEPS)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["filing_id"], []).append((row["action"], row["to_state"]))
    return {filing_id: tuple(steps) for filing_id, steps in found.items()}


def strange(
    lived: Mapping[str, Life], kinds: Mapping[str, str], undisturbed: Mapping[str, str]
) -> Sequence[str]:
    """Cases whose life differs from the undisturbed one of their kind: a step lost or doubled."""
    model = {kind: lived[filing_id] for filing_id, kind in undisturbed.items()}
    return [one for one, kind in kinds.items() if lived.get(one) != model[kind]]


def gaps(numbers: Iterable[str]) -> Sequence[str]:
    """Series of filing numbers that do not run from 1 on without a gap."""
    series: dict[str, list[int]] = {}
    for number in numbers:
        series.setdefault(number[:-6], []).append(int(number[-6:-1]))
    return [one for one, drawn in series.items() if sorted(drawn) != list(range(1, len(drawn) + 1))]


async def contact_is_the_last(load: Load) -> None:
    """The contact details are those accepted last, and each accepted save counted once."""
    found = await load.people[CORRESPONDENT].send("GET", "/api/v1/my/contact", "")
    held = found["contact"]
    assert isinstance(held, dict)
    wanted = contact(load.contact)
    assert {name: held[name] for name in wanted} == wanted, "an accepted save is lost"
    assert found["version"] == load.contact, "a save had two effects"


async def effects(platform: Platform) -> tuple[Counter[str], Counter[str]]:
    """Messages that the facts of all workloads must cause, and those kept, by event."""
    wanted: Counter[str] = Counter()
    for workload in ("filing", "gateway"):
        for row in await ask(platform, workload, STATED):
            name = row["type"].rpartition(".")[2]
            if name in CAUSES:
                fact = known_facts()[row["type"]].from_binary(bytes(row["payload"]))
                wanted[row["event_id"]] = len(messages(name, values(fact)))
    rows = await ask(platform, "notifications", KEPT)
    return wanted, Counter({row["event_id"]: row["count"] for row in rows})


def amiss(wanted: Counter[str], kept: Counter[str]) -> Sequence[str]:
    """Events with less or more messages than they cause."""
    return [event for event in {*wanted, *kept} if wanted[event] != kept[event]]
