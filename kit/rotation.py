"""Bringing what is sealed under the keys in use, row by row, while writes go on.

A workload declares its encrypted columns once (`Sealed`): its store seals by that, this walks it.
Where it stopped it goes on: a row that waits for the new key says so by the id in its cells.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag

from kit.secrets import Keyring

if TYPE_CHECKING:
    from kit.database import Connection, Record

log = logging.getLogger(__name__)
BATCH = 200
Blind = Callable[[Keyring, Mapping[str, bytes]], list[str]]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted columns of a table; the blind indexes (text[]) of their contents, if any."""

    table: str
    key: tuple[str, ...]
    """The primary key; its last column names the row in a cell's place."""
    cells: Mapping[str, str]
    """Columns, and what their places call them."""
    index: Mapping[str, Blind]
    """Columns of blind indexes, and how they are made from the contents of the cells."""

    def place(self, column: str, row: object) -> str:
        """Where a cell stands: authenticated with it."""
        return f"{self.cells[column]}:{row}"


REQUESTS = Sealed("kit.request", ("subject", "method", "key"), {"response": "request.response"}, {})
"""Answers kept for a week. Their digests stay as they are, for no request is kept: an index key
lives until the last digest under it is gone (`digests`)."""


async def waiting(connection: "Connection", sealed: Sealed, keyring: Keyring) -> int:
    """Rows that are not wholly under the keys in use."""
    query = f"SELECT count(*) FROM {sealed.table} WHERE {_stale(sealed, keyring)}"
    return int(await connection.fetchval(query))


async def digests(connection: "Connection", key_id: int) -> int:
    """Kept requests whose digest needs this index key."""
    query = "SELECT count(*) FROM kit.request WHERE get_byte(digest, 0) = $1"
    return int(await connection.fetchval(query, key_id))


async def counts(connection: "Connection", sealed: Sealed) -> dict[tuple[str, int], int]:
    """How many values stand under each key, by (column, key id)."""
    queries = {name: _OF_CELLS.format(name, sealed.table) for name in sealed.cells}
    queries |= {name: _OF_INDEX.format(name, sealed.table) for name in sealed.index}
    return {
        (name, row["id"]): row["n"]
        for name, query in queries.items()
        for row in await connection.fetch(query)
    }


_OF_CELLS = "SELECT get_byte({0}, 1) AS id, count(*) AS n FROM {1} WHERE {0} IS NOT NULL GROUP BY 1"
_OF_INDEX = (
    "SELECT split_part(v, '.', 1)::int AS id, count(*) AS n FROM {1}, unnest({0}) v GROUP BY 1"
)


async def reseal(connection: "Connection", sealed: Sealed, keyring: Keyring) -> int:
    """Bring every row under the keys in use; answers how many were.

    Each row is a statement of its own and gives way to any other write of its cells. A row that
    cannot be opened is logged and left, so its key stays needed.
    """
    done, after = 0, ()
    while rows := await _batch(connection, sealed, keyring, after):
        for row in rows:
            done += await _row(connection, sealed, keyring, row)
        after = tuple(rows[-1][name] for name in sealed.key)
    return done


async def _batch(
    connection: "Connection", sealed: Sealed, keyring: Keyring, after: tuple[Any, ...]
) -> "Sequence[Record]":
    key, columns = ", ".join(sealed.key), (*sealed.key, *sealed.cells, *sealed.index)
    later = f"({key}) > ({_numbers(1, sealed.key)})" if after else "true"
    found: Sequence[Record] = await connection.fetch(
        f"SELECT {', '.join(columns)} FROM {sealed.table}"
        f" WHERE {later} AND ({_stale(sealed, keyring)}) ORDER BY {key} LIMIT {BATCH}",
        *after,
    )
    return found


async def _row(connection: "Connection", sealed: Sealed, keyring: Keyring, row: "Record") -> int:
    try:
        values = renewed(sealed, keyring, row)
    except (InvalidTag, KeyError) as error:
        log.error("a row of %s cannot be opened: %s", sealed.table, type(error).__name__)
        return 0
    same = [f"{name} IS NOT DISTINCT FROM ${n}" for n, name in enumerate(sealed.cells, 1)]
    at = len(sealed.cells) + 1
    same.append(f"({', '.join(sealed.key)}) = ({_numbers(at, sealed.key)})")
    at += len(sealed.key)
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, at))
    arguments = [row[name] for name in (*sealed.cells, *sealed.key)]
    query = f"UPDATE {sealed.table} SET {sets} WHERE {' AND '.join(same)}"
    answer = await connection.execute(query, *arguments, *values.values())
    return int(answer.rpartition(" ")[2])


def renewed(
    sealed: Sealed, keyring: Keyring, row: "Record | Mapping[str, Any]"
) -> dict[str, object]:
    """Cells and blind indexes of a row under the keys in use; InvalidTag, KeyError as `unseal`."""
    names = {name: sealed.place(name, row[sealed.key[-1]]) for name in sealed.cells}
    opened = {
        name: keyring.unseal(bytes(row[name]), place)
        for name, place in names.items()
        if row[name] is not None
    }
    cells: dict[str, object] = {
        name: keyring.seal(opened[name], place) if name in opened else None
        for name, place in names.items()
    }
    return cells | {name: blind(keyring, opened) for name, blind in sealed.index.items()}


def _stale(sealed: Sealed, keyring: Keyring) -> str:
    """Condition: some cell is not under the key in use, or some blind index not under those there are."""
    tests = [f"get_byte({name}, 1) <> {keyring.used('field')}" for name in sealed.cells]
    ids = ", ".join(f"'{key_id}'" for key_id in sorted(map(str, keyring.index)))
    tests += [
        f"(cardinality({name}) > 0 AND ARRAY(SELECT DISTINCT split_part(v, '.', 1) COLLATE \"C\""
        f" FROM unnest({name}) v ORDER BY 1) <> ARRAY[{ids}])"
        for name in sealed.index
    ]
    return " OR ".join(tests)


def _numbers(first: int, names: Sequence[str]) -> str:
    return ", ".join(f"${first + n}" for n in range(len(names)))
