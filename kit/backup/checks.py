"""What must hold once a server was brought back: second, trail, keys, facts on their way."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.audit.verify import Broken, verify
from kit.contracts import topic_of
from kit.database import connect, owner_of
from kit.log.headers import headers_of
from kit.rotation import REQUESTS, Sealed, counts
from kit.secrets import Keyring

if TYPE_CHECKING:
    from kit.database import Connection, Record

REPLAYED = "SELECT pg_last_xact_replay_timestamp() AS at, pg_is_in_recovery() AS reading"
NEWEST = "SELECT max(at) FROM kit.audit"
SAID = 5
"""Names told of those that are gone."""
BACK = timedelta(days=1)
"""How far before the second facts are compared; what is older was long taken in."""
STATED = "SELECT event_id, type FROM kit.outbox WHERE event_id >= $1"
TAKEN = "SELECT event_id FROM kit.inbox WHERE consumer = $1 AND event_id >= $2"
AHEAD = """SELECT count(*) FROM log.committed c JOIN log.head h USING (topic_id, partition)
 WHERE c.next_offset > h.next_offset"""
PASSED = """SELECT r.headers FROM log.record r JOIN log.committed c USING (topic_id, partition)
 WHERE c.consumer_group = $1 AND r."offset" < c.next_offset AND r.appended_at >= $2"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it holds, what was seen."""

    name: str
    holds: bool
    said: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A workload as one who takes facts in."""

    name: str
    topics: frozenset[str]


async def second(names: Iterable[str], to: datetime | None) -> Finding:
    """The last write read is none after the second, and no trail has a row after it."""
    newest = [await _value(name, NEWEST) for name in names]
    last = max((at for at in newest if at), default=None)
    row = await _one("gateway", REPLAYED)
    holds = not row["reading"] and (to is None or all(at is None or at <= to for at in newest))
    holds &= to is None or row["at"] is None or row["at"] <= to
    return Finding("second 到达时刻", holds, f"last write {row['at']}, last audited act {last}")


async def trails(names: Iterable[str], keyring: Keyring) -> Finding:
    """Every link of every trail."""
    rows = 0
    for name in names:
        connection = await connect(name, "app")
        try:
            rows += (await verify(connection, name, keyring)).rows
        except Broken as broken:
            return Finding("trail 审计链", False, f"{name}: {broken}")
        finally:
            await connection.close()
    return Finding("trail 审计链", True, f"{rows} rows, every link")


async def keys(sealed: Iterable[tuple[str, Sequence[Sealed]]], keyring: Keyring) -> Finding:
    """Every key that a cell needs is there."""
    missing, cells = set(), 0
    for name, tables in sealed:
        async with owner_of(name) as connection:
            for table in (REQUESTS, *tables):
                for (column, key_id), count in (await counts(connection, table)).items():
                    kind = "index" if column in table.index else "field"
                    cells += count
                    if key_id not in keyring.keys(kind):
                        missing.add(f"{kind}_key_{key_id}")
    return Finding("keys 密钥", not missing, ", ".join(sorted(missing)) or f"{cells} values")


async def files(needed: Iterable[tuple[str, Sequence[str]]], folder: Path) -> Finding:
    """Every file that a row needs lies in the folder; in containers in a part of it that is its service's."""
    paths: list[str] = []
    for name, statements in needed:
        async with owner_of(name) as connection:
            for text in statements:
                paths += [row["path"] for row in await connection.fetch(text)]
    lying = {"/".join(file.parts[-2:]) for file in folder.rglob("*") if file.is_file()}
    gone = sorted(set(paths) - lying)
    said = f"{len(gone)} of {len(paths)} uploads are gone: {', '.join(gone[:SAID])}{' …' * (len(gone) > SAID)}"
    return Finding(
        "files 上传文件", not gone, said if gone else f"{len(paths)} uploads, each there"
    )


async def facts(readers: Sequence[Reader], to: datetime) -> Finding:
    """Each fact stated is held by all who read its topic, and nobody holds one that nobody states."""
    low = first_id(to - BACK)
    stated: dict[uuid.UUID, str] = {}
    for reader in readers:
        rows = await _rows(reader.name, STATED, low)
        stated |= {row["event_id"]: topic_of(row["type"]) for row in rows}
    missing = beyond = 0
    for reader in readers:
        taken = {row["event_id"] for row in await _rows(reader.name, TAKEN, reader.name, low)}
        # A record that is no fact has an id made from its place: of another version.
        beyond += sum(one.version == 7 and one not in stated for one in taken)
        wanted = (one for one, topic in stated.items() if topic in reader.topics)
        missing += sum(one not in taken for one in wanted)
    said = f"{len(stated)} facts, {missing} not taken in, {beyond} held that nobody states"
    return Finding("facts 事件", not missing and not beyond, said)


async def offsets(readers: Sequence[Reader], to: datetime) -> Finding:
    """No group of the embedded log is past its end, nor past a fact that it has not taken in."""
    ahead, lost = await _value("log", AHEAD), 0
    for reader in readers:
        rows = await _rows("log", PASSED, reader.name, to - BACK)
        passed = [dict(headers_of(row["headers"])).get("ce_id", b"") for row in rows]
        taken = await _rows(reader.name, TAKEN, reader.name, uuid.UUID(int=0))
        held = {str(row["event_id"]).encode() for row in taken}
        lost += sum(one not in held for one in passed if one)
    said = f"{ahead} groups past the end, {lost} facts passed over"
    return Finding("offsets 消费位置", not ahead and not lost, said)


def first_id(at: datetime) -> uuid.UUID:
    """The lowest id a fact of that time can have: ids begin with their milliseconds."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80)


async def _rows(workload: str, text: str, *values: object) -> "list[Record]":
    connection: Connection = await connect(workload, "app")
    try:
        return list(await connection.fetch(text, *values))
    finally:
        await connection.close()


async def _one(workload: str, text: str) -> "Record":
    (row,) = await _rows(workload, text)
    return row


async def _value(workload: str, text: str) -> Any:
    return (await _one(workload, text))[0]
