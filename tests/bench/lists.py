"""B3, B4, B5: pages of a long list, and how the hot queries stand a country of rows."""

import csv
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from urllib.parse import quote

import asyncpg

from kit.access import Filter
from kit.database import Database
from kit.paging import encode
from kit.regions import hainan
from kit.secrets import Keyring
from services.filing.domain.case import ENDED, Place
from services.filing.domain.place import place_of
from services.filing.store.lists import OPEN, Page, Tab
from services.filing.store.read import Reader
from tests.bench.data import country
from tests.bench.fire import fire, get
from tests.bench.measure import Figure, Goal, Table, p95
from tests.bench.monolith.run import monolith
from tests.bench.stage import Stage
from tests.bench.submit import note
from tests.platform import ROOT

B3 = Goal("B3", "list 20 through the gateway against the monolith's ORM list, 32 in flight", 3, 5, True)  # fmt: skip
B4 = Goal("B4", "page 10,000 by keyset against page 1 (p50, one at a time)", 1.2, 1.1, False)
B5 = Goal(
    "B5",
    "any hot query at full size against 10,000 rows as dense (server time, p95)",
    3,
    1.5,
    False,
)
SMALL = 10_000
DEEP = 10_000
SIZE = 20
WARM, MEASURED, TURNS = 960, 120, 5
"""Cases of every hot query: those of the first part are not measured, then so many in each turn. A turn
is over in a moment, in which something else may be at work: the median of their figures counts."""
PATH = "/api/v1/filings?page.size=20"


def officers(role: str) -> dict[str, str]:
    """Accounts of the demo realm with that role, and their regions."""
    with (ROOT / "deploy/keycloak/demo_users.csv").open(encoding="utf-8", newline="") as file:
        return {
            r["account_id"]: r["region_code"] for r in csv.DictReader(file) if r["role"] == role
        }


async def figures(stage: Stage, table: Table, rows: int, rounds: int, count: int) -> list[Figure]:
    """Fill the database of filing, then measure lists and queries."""
    print(f"  filling {rows:,} and {SMALL:,} rows", flush=True)
    await stage.twin("small", row_security=True)
    keyring = Keyring.load(stage.config)
    for name, size in (("filing", rows), ("small", SMALL)):
        connection = await stage.superuser(name)
        await country(connection, keyring, size, rows // size)
        await connection.close()
    pages = await _pages(stage, table, rounds, count)
    depth = await _depth(stage, table, rounds, rows)
    return [pages, depth, await _queries(stage, table)]


async def _pages(stage: Stage, table: Table, rounds: int, count: int) -> Figure:
    clerks = officers("COUNTY_CLERK")
    tokens = [stage.tokens([who], county=county)[0] for who, county in clerks.items()]
    requests = [get(PATH, tokens[n % len(tokens)]) for n in range(count)]
    ours, theirs = "list 20: product", "list 20: monolith, 1 worker"
    async with monolith(stage, stage.config.database("filing"), 1) as other:
        server = {"postgres": stage.groups["postgres"]}
        desks = {
            ours: (stage.ports, stage.groups),
            theirs: (other.ports, {"monolith": other.pids, **server}),
        }
        for number in range(rounds + 1):
            for name, (ports, groups) in desks.items():
                heard = await fire(ports, requests, warm=count // 5, groups=groups)
                if number:
                    note(table, name, heard)
    return Figure(B3, table.ratios(ours, theirs, "rate"))


async def _depth(stage: Stage, table: Table, rounds: int, rows: int) -> Figure:
    """The province pages: as deep as the goal says, or nine tenths down where there is less."""
    [token] = stage.tokens([next(iter(officers("PROV_SO")))])
    connection = await stage.superuser("filing")
    skipped = min(DEEP * SIZE, int(rows * 0.9))
    last = await connection.fetchval(
        "SELECT filing_id FROM filing WHERE state <> 'DRAFT' ORDER BY filing_id DESC OFFSET $1 LIMIT 1",
        skipped,
    )
    await connection.close()
    deep = f"{PATH}&page.token={quote(encode(str(last)))}"
    names = {"page 1": PATH, f"page {skipped // SIZE + 1:,}": deep}
    for _ in range(rounds):
        for name, path in names.items():
            requests = [get(path, token)] * 150
            note(table, name, await fire(stage.ports, requests, warm=30, connections=1))
    first, far = names
    return Figure(B4, table.ratios(far, first, "p50_ms"), f"compared: {far} and {first}")


@dataclass
class Timed:
    """A pool that has the server explain every query and keeps its time (ms)."""

    pool: "asyncpg.Pool[Any]"
    took: list[float] = field(default_factory=list)

    async def _explain(self, text: str, values: Sequence[Any]) -> None:
        asked = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}"
        [told] = json.loads(await self.pool.fetchval(asked, *values))
        self.took.append(told["Execution Time"])

    async def fetch(self, text: str, *values: Any) -> list[Any]:
        """All rows."""
        await self._explain(text, values)
        return list(await self.pool.fetch(text, *values))

    async def fetchrow(self, text: str, *values: Any) -> Any:
        """One row."""
        await self._explain(text, values)
        return await self.pool.fetchrow(text, *values)

    async def fetchval(self, text: str, *values: Any) -> Any:
        """One value."""
        await self._explain(text, values)
        return await self.pool.fetchval(text, *values)


STARTS = range(WARM, WARM + TURNS * MEASURED, MEASURED)
STREETS = f"SELECT authority, count(*) AS cases FROM filing WHERE {OPEN} GROUP BY authority"
SIZES = f"SELECT min(cases), max(cases) FROM ({STREETS}) AS street"
SAMPLE = f"""SELECT filing_id::text AS id, owner, county, authority, community, name
 FROM filing JOIN ({STREETS}) AS street USING (authority)
 WHERE state <> 'DRAFT' AND cases BETWEEN $1 AND $2
 ORDER BY md5(filing_id::text) LIMIT {WARM + TURNS * MEASURED}"""
"""Of streets with as many open cases as those of the small database."""
Query = Callable[[Reader, Any], Awaitable[Any]]


def queries() -> dict[str, Query]:
    """The queries that people and timers make all day, as the product makes them."""
    pending = ("COMPLETENESS", "NOTICE_PERIOD", "CORRECTION", "VILLAGE_REVIEW")
    ended = tuple(state.name for state in ENDED)
    found: dict[str, Query] = {
        "load a case": lambda r, row: r.load(row["id"], f"s:{row['owner']}"),
        "history": lambda r, row: r.history(row["id"], f"s:{row['owner']}", 0, 50),
        "name taken": lambda r, row: r.name_taken(row["name"], _place(row["community"])),
        "due": lambda r, row: r.due("r:/"),
        "inbox of a street": lambda r, row: r.listed(
            _scope(row["authority"]),
            Filter("authority", row["authority"], pending),
            Page(SIZE, tab=Tab.WAITING),
        ),
        "parts of a street's inbox": lambda r, row: r.counted(
            _scope(row["authority"]),
            Filter("authority", row["authority"], pending),
            row["owner"],
            None,
        ),
        "open cases of a county": lambda r, row: r.listed(
            _scope(row["county"]), Filter("county", row["county"], not_states=ended), Page(SIZE)
        ),
    }
    for column in ("owner", "community", "authority", "county"):
        found[f"list by {column}"] = _listed(column)
    return found


def _listed(column: str) -> Query:
    def ask(reader: Reader, row: Any) -> Awaitable[Any]:
        value = row[column]
        scope = f"s:{value}" if column == "owner" else _scope(value)
        after = row["id"] if column == "county" else ""
        return reader.listed(scope, Filter(column, value, not_states=("DRAFT",)), Page(SIZE, after))

    return ask


def _scope(code: str) -> str:
    return f"r:{hainan().get(code).path}"


def _place(code: str) -> Place:
    node = hainan().get(code)
    return place_of(node, hainan().get(node.authority or code))


async def _queries(stage: Stage, table: Table) -> Figure:
    sizes = {"full": "filing", "small": "small"}
    readers, samples, timers = {}, {}, {}
    smaller = await stage.superuser(sizes["small"])
    least, most = await smaller.fetchrow(SIZES) or (0, 0)
    await smaller.close()
    for size, workload in sizes.items():
        owner = await stage.superuser(workload)
        samples[size] = await owner.fetch(SAMPLE, least, most)
        await owner.close()
        timers[size] = Timed(await stage.pool(workload))
        database = Database(workload, timers[size])  # type: ignore[arg-type]
        readers[size] = Reader(database, _Sealed(Keyring.load(stage.config)))  # type: ignore[arg-type]
    worst: list[float] = []
    names = queries()
    for name, ask in names.items():
        turns: dict[str, list[float]] = {"full": [], "small": []}
        # The first part warms up with parameters of its own: a hot query, but a new case.
        for part in (slice(WARM), *(slice(n, n + MEASURED) for n in STARTS)):
            for size, reader in readers.items():
                timers[size].took.clear()
                for row in samples[size][part]:
                    await ask(reader, row)
                turns[size].append(p95(timers[size].took))
        full, small = (median(turns[size][1:]) for size in ("full", "small"))
        table.note(f"query: {name}", full_ms=full, small_ms=small, ratio=full / small)
        worst.append(full / small)
    slowest = max(zip(worst, names, strict=True))
    for timer in timers.values():
        await timer.pool.close()
    return Figure(B5, (slowest[0],), f"the worst of {len(names)} is: {slowest[1]}")


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A keyring for rows whose persons nobody can open."""

    keyring: Keyring

    def unseal(self, cell: bytes, place: str) -> bytes:
        """No persons."""
        return b'{"principals": [], "members": []}'
