"""B6: the public register searched by two to six characters, frequent and rare, through the gateway."""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kit.places import levels
from services.filing.domain.place import place_of
from tests.bench.data import CHUNK, DIGITS, HASH, KINDS, SLOTS, WORDS
from tests.bench.drafts import communities
from tests.bench.fire import fire, get
from tests.bench.measure import Figure, Goal, Table
from tests.bench.stage import Stage

if TYPE_CHECKING:
    import asyncpg

B6 = Goal("B6", "name search of 2 to 6 characters, the slower of frequent and rare: p95 through the gateway, one at a time", 20, 5, False, "ms")  # fmt: skip
COUNT = 300
CHANCE = 2021
PLACE = "CREATE TEMP TABLE place (slot int PRIMARY KEY, prefix text, authority text, province text, city text, county text, township text, community text)"  # fmt: skip
WORD = "CREATE TEMP TABLE word (slot int PRIMARY KEY, word text, kind text)"
ORGANIZATIONS = f"""INSERT INTO organization SELECT
 (lpad(to_hex(1622505600000 + n * 90000), 12, '0') || '7' || substr(md5('o' || n), 1, 3) || 'a'
 || substr(md5('o' || n), 4, 15))::uuid, 1, CASE n % 20 WHEN 0 THEN 'EXPIRED' ELSE 'ACTIVE' END,
 'GYCS', 'SQBA' || lpad(n::text, 12, '0'), name,
 province, city, county, township, community
 FROM generate_series($1::bigint, $2::bigint) n
 JOIN place ON place.slot = {HASH.format(seed=1)} % {SLOTS}
 JOIN word ON word.slot = {HASH.format(seed=3)} % 128,
 concat(prefix, word, {DIGITS}, kind) AS name"""
STATES = """INSERT INTO register_state SELECT organization_id, version, 'FILED', '2026-01-05',
 status, 'filed', name_key, 'BA_ST', category, '{}', '{}', filing_no, '', community, township,
 '2026-01-05', NULL FROM organization"""
INDEX = """SELECT pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indexrelid = 'organization_found_by'::regclass"""
SAMPLE = "SELECT name_key FROM organization TABLESAMPLE BERNOULLI (1) REPEATABLE (1) LIMIT 600"


async def figures(stage: Stage, table: Table, rows: int, rounds: int) -> list[Figure]:
    """Fill the register, then search it."""
    print(f"  filling {rows:,} organizations", flush=True)
    connection = await stage.superuser("supervision")
    await register(connection, rows)
    names = [row[0] for row in await connection.fetch(SAMPLE)]
    await connection.close()
    [token] = stage.tokens(["bench-resident"])
    for _ in range(rounds):
        for kind, words in asked(names).items():
            requests = [get(f"/api/v1/organizations?search={quote(word)}", token) for word in words]
            heard = await fire(stage.ports, requests, warm=COUNT // 2, connections=1)
            table.note(f"search, {kind}", p50_ms=heard.p50_ms, p95_ms=heard.p95_ms)
    kinds = [table.of(f"search, {kind}", "p95_ms") for kind in ("frequent", "rare")]
    return [Figure(B6, tuple(map(max, *kinds)), f"{rows:,} organizations")]


async def register(connection: "asyncpg.Connection[Any]", rows: int) -> None:
    """Organizations with places and names as `data.country` makes filings."""
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
    index = await connection.fetchval(INDEX)
    await connection.execute(f"{PLACE}; {WORD}; DROP INDEX organization_found_by")
    await connection.copy_records_to_table("place", records=list(places()))
    words = [(n, WORDS[n % 16], KINDS[n // 16]) for n in range(128)]
    await connection.copy_records_to_table("word", records=words)
    for first in range(1, rows + 1, CHUNK):
        await connection.execute(ORGANIZATIONS, first, min(rows, first + CHUNK - 1))
    for text in (STATES, index, "VACUUM (ANALYZE)", "CHECKPOINT"):
        await connection.execute(text)


def places() -> Iterator[tuple[Any, ...]]:
    """Weighted places: a town community takes four, a village one."""
    lines = []
    for node in communities():
        prefix = place_of(node, node).name_prefixes[0]
        lines += [(prefix, node.authority or "", *levels(node.code).values())] * (4 if node.urban else 1)  # fmt: skip
    return ((slot, *lines[slot * len(lines) // SLOTS]) for slot in range(SLOTS))


def asked(names: list[str]) -> dict[str, list[str]]:
    """Parts of names of two to six characters: of place or kind, and across what is an own name."""
    chance = random.Random(CHANCE)
    frequent, rare = [], []
    for size, name in zip(
        [2, 3, 4, 5, 6] * COUNT, chance.choices(names, k=2 * COUNT), strict=False
    ):
        at = chance.randrange(7)
        frequent.append(name[at : at + size])
        at = len(name) - 5 - size
        rare.append(name[at : at + size])
    return {"frequent": frequent, "rare": rare}
