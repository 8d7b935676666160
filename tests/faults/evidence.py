"""What the platform itself holds after the faults: facts, effects, deliveries that came again."""

import bisect
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kit.log.headers import headers_of
from tests.platform import Platform

if TYPE_CHECKING:
    from kit.database import Record as Row

RECORDS = """SELECT t.name, r.headers FROM log.record r JOIN log.topic t ON t.id = r.topic_id
 ORDER BY t.name, r.partition, r."offset" """
EFFECTS = "SELECT event_id::text FROM message ORDER BY message_id"
LAST = """SELECT aggregateid, max(aggregate_version) AS last FROM kit.outbox GROUP BY 1"""
HELD = "SELECT aggregate, version FROM kit.position WHERE topic = $1"
SENDING = frozenset({"filing.during_send", "filing.before_mark", "filing.during_mark"})
"""Points after which the relay sends again."""


@dataclass(frozen=True)
class Sent:
    """A record of the log."""

    topic: str
    aggregate: str
    version: int
    event_id: str


@dataclass(frozen=True)
class Strike:
    """A process that died at a point."""

    point: str
    at_ns: int
    busy: bool


async def ask(platform: Platform, workload: str, text: str, *values: object) -> "list[Row]":
    """Rows of a workload's database as its administrator sees them."""
    connection = await platform.database(workload)
    try:
        return list(await connection.fetch(text, *values))
    finally:
        await connection.close()


async def sent(platform: Platform) -> list[Sent]:
    """Every record, in the order of its partition."""
    rows = await ask(platform, "log", RECORDS)
    return [_sent(row["name"], row["headers"]) for row in rows]


def _sent(topic: str, headers: str) -> Sent:
    said = {name: value.decode() for name, value in headers_of(headers)}
    return Sent(topic, said["ce_subject"], int(said["ce_sequence"]), said["ce_id"])


def firsts(records: Sequence[Sent]) -> list[Sent]:
    """Each fact where it came first."""
    return list({one.event_id: one for one in reversed(records)}.values())[::-1]


def order_breaks(facts: Sequence[Sent]) -> int:
    """Facts that do not follow the one before of their aggregate, by one, from 1 on."""
    held: Counter[tuple[str, str]] = Counter()
    breaks = 0
    for one in facts:
        place = (one.topic, one.aggregate)
        breaks += one.version != held[place] + 1
        held[place] = one.version
    return breaks


async def effect_breaks(platform: Platform, facts: Sequence[Sent]) -> int:
    """Messages kept in another order than the facts of their aggregate."""
    known = {one.event_id: one for one in facts}
    rows = [known[row["event_id"]] for row in await ask(platform, "notifications", EFFECTS)]
    found: dict[str, list[int]] = {}
    for one in rows:
        found.setdefault(one.aggregate, []).append(one.version)
    return sum(a > b for versions in found.values() for a, b in pairwise(versions))


async def unseen(platform: Platform) -> list[str]:
    """Organizations of which a consumer has not seen the last fact."""
    missing = []
    last = {row["aggregateid"]: row["last"] for row in await ask(platform, "filing", LAST)}
    for name in ("notifications", "gateway"):
        rows = await ask(platform, name, HELD, "minzheng.filing.v1")
        held = {row["aggregate"]: row["version"] for row in rows}
        missing += [f"{name} {one}" for one, n in last.items() if held.get(one) != n]
    return missing


def redelivered(
    platform: Platform, records: Sequence[Sent], strikes: Sequence[Strike]
) -> Counter[str]:
    """Deliveries without effect, by point: the relay's last death, or the consumer's own."""
    again = {event for event, n in Counter(one.event_id for one in records).items() if n > 1}
    sending = [one for one in strikes if one.point in SENDING]
    found: Counter[str] = Counter()
    for span in duplicates(platform):
        if span["attributes"]["messaging.message.id"] in again:
            nearest = bisect.bisect([one.at_ns for one in sending], span["start_ns"]) - 1
            found[sending[nearest].point] += 1
        else:
            found[f"{span['process']}.after_effect_commit"] += 1
    return found


def duplicates(platform: Platform) -> Iterator[dict[str, Any]]:
    """Spans of facts that had come before; what a killed process had not written is missing."""
    for file in (platform.var / "traces").glob("*.jsonl"):
        for line in file.read_text(errors="replace").splitlines():
            if '"duplicate"' in line:
                yield json.loads(line)
