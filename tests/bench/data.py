"""A country of filings, made by SQL: real communities, many in towns and few in villages.

Indexes and unique constraints are dropped, and made again from their own definitions at the end.
Every case has two lines of history; its persons are one sealed cell that nobody can open.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kit.ids import uuid7
from kit.regions import hainan
from kit.secrets import Keyring
from services.filing.domain.place import place_of
from services.filing.store.rows import row_of
from services.filing.store.write import COLUMNS
from tests.bench.drafts import cases, communities

if TYPE_CHECKING:
    import asyncpg

SLOTS = 20_000
"""Weighted places: a town community takes four, a village one."""
STATES = (
    ("FILED", 86), ("WITHDRAWN", 3), ("DRAFT", 3), ("COMPLETENESS", 2), ("VILLAGE_REVIEW", 2),
    ("REFUSED", 1), ("LAPSED", 1), ("CORRECTION", 1), ("NOTICE_PERIOD", 1),
)  # fmt: skip
"""States in percent."""
WORDS = (
    "暖心", "夕阳红", "舞韵", "书香", "棋乐", "邻里", "平安", "绿荫", "童心", "巧手", "晨练",
    "银龄", "和谐", "琼韵", "椰风", "爱心",
)  # fmt: skip
KINDS = ("志愿服务队", "舞蹈队", "合唱队", "互助会", "书画社", "巡逻队", "健身队", "调解队")
HASH = "(hashint8(n * 7919 + {seed}) & 2147483647)"
DIGITS = "translate(n::text, '0123456789', '甲乙丙丁戊己庚辛壬癸')"
OWN = {
    "filing_id": """(lpad(to_hex(1622505600000 + n * 90000), 12, '0') || '7'
 || substr(md5('f' || n), 1, 3) || 'a' || substr(md5('f' || n), 4, 15))::uuid""",
    "organization_id": "md5('o' || n)::uuid",
    "owner": "md5('u' || (n * 10 / 13))::uuid::text",
    "state": "s.state",
    "province": "p.province", "city": "p.city", "county": "p.county", "authority": "p.authority",
    "community": "p.community", "region_path": "p.region_path",
    "name": f"p.prefix || w.word || {DIGITS} || w.kind",
    "application_no": "CASE WHEN s.state <> 'DRAFT' THEN 'SB' || lpad(n::text, 12, '0') END",
    "filing_no": "CASE WHEN s.state = 'FILED' THEN 'SQBA' || lpad(n::text, 12, '0') END",
    "received_on": "date '2021-06-01' + (n / 1000)::int % 1900",
    "decide_due": "date '2021-06-15' + (n / 1000)::int % 1900",
    "timer_on": "CASE WHEN s.pending THEN date '2100-01-01' END",
}  # fmt: skip
FROM = f"""FROM generate_series($1::bigint, $2::bigint) n
 JOIN bench_place p ON p.slot = {HASH.format(seed=1)} % {SLOTS}
 JOIN bench_state s ON s.slot = {HASH.format(seed=2)} % 100
 JOIN bench_word w ON w.slot = {HASH.format(seed=3)} % 128, bench_template t"""
STEPS = """INSERT INTO filing_step SELECT filing_id, ordinal, action, from_state, to_state,
 'RESIDENT', received_on, created_at, '', '', owner, organization_id, region_path FROM filing,
 (VALUES (1, 'create_draft', '', 'DRAFT'), (2, 'submit', 'DRAFT', 'VILLAGE_REVIEW'))
 AS v (ordinal, action, from_state, to_state) WHERE ordinal = 1 OR state <> 'DRAFT'"""
KEY = r"regexp_replace(name, '[\W_]+', '', 'g')"
NAMES = f"""INSERT INTO filing_name SELECT filing_id, county, {KEY}, name FROM filing
 WHERE state = 'FILED'"""
SEARCH = f"""INSERT INTO filing_search SELECT filing_id, key,
 ARRAY(SELECT DISTINCT substr(key, i, 2) FROM generate_series(1, length(key) - 1) i)
 FROM filing, {KEY} AS key WHERE state <> 'DRAFT'"""
TABLES = ("filing", "filing_step", "filing_name", "filing_search")
CONSTRAINTS = """SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) AS text
 FROM pg_constraint WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype IN ('u', 'f')"""
INDEXES = """SELECT indexname, indexdef FROM pg_indexes i WHERE schemaname = 'public'
 AND tablename = ANY ($1) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"""
CHUNK = 50_000


async def country(
    connection: "asyncpg.Connection[Any]", keyring: Keyring, rows: int, among: int = 1
) -> None:
    """Fill an empty database of filing with `rows` cases.

    They lie in the first of `among` parts of the province, so that a smaller database can have as
    many cases in each community and street as a larger one.
    """
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
    await _helpers(connection, keyring, among)
    constraints = await connection.fetch(CONSTRAINTS, list(TABLES))
    indexes = await connection.fetch(INDEXES, list(TABLES))
    for row in sorted(constraints, key=lambda one: not one["text"].startswith("FOREIGN")):
        await connection.execute(f"ALTER TABLE {row['table']} DROP CONSTRAINT {row['conname']}")
    for row in indexes:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    await _rows(connection, rows)
    for row in sorted(constraints, key=lambda one: one["text"].startswith("FOREIGN")):
        added = f"ADD CONSTRAINT {row['conname']} {row['text']}"
        await connection.execute(f"ALTER TABLE {row['table']} {added}")
    for row in indexes:
        await connection.execute(row["indexdef"])
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")


async def _rows(connection: "asyncpg.Connection[Any]", rows: int) -> None:
    values = ", ".join(OWN.get(name, f"t.{name}") for name in COLUMNS)
    insert = f"INSERT INTO filing ({', '.join(COLUMNS)}) SELECT {values} {FROM}"
    for first in range(1, rows + 1, CHUNK):
        await connection.execute(insert, first, min(rows, first + CHUNK - 1))
    for text in (STEPS, NAMES, SEARCH):
        await connection.execute(text)


async def _helpers(connection: "asyncpg.Connection[Any]", keyring: Keyring, among: int) -> None:
    await connection.execute(
        "CREATE TEMP TABLE bench_template (LIKE filing);"
        "CREATE TEMP TABLE bench_place (slot int PRIMARY KEY, province text, city text, county text,"
        " authority text, community text, region_path text, prefix text);"
        "CREATE TEMP TABLE bench_state (slot int PRIMARY KEY, state text, pending boolean);"
        "CREATE TEMP TABLE bench_word (slot int PRIMARY KEY, word text, kind text)"
    )
    await _template(connection, keyring)
    await connection.copy_records_to_table("bench_place", records=_places(keyring, among))
    spread = [state for state, percent in STATES for _ in range(percent)]
    pending = {"COMPLETENESS", "VILLAGE_REVIEW", "CORRECTION", "NOTICE_PERIOD"}
    await connection.copy_records_to_table(
        "bench_state", records=[(n, state, state in pending) for n, state in enumerate(spread)]
    )
    words = [(n, WORDS[n % 16], KINDS[n // 16]) for n in range(128)]
    await connection.copy_records_to_table("bench_word", records=words)


async def _template(connection: "asyncpg.Connection[Any]", keyring: Keyring) -> None:
    """A case that went through submission, for the columns that are the same everywhere."""
    from tests.bench.pgbench import submitted

    case = next(cases(1))
    change = submitted(replace(case, filing_id=str(uuid7())), keyring)[1]
    at = datetime.now(UTC)
    values = {**change.values, "created_at": at, "updated_at": at}
    await connection.copy_records_to_table(
        "bench_template", records=[tuple(values[name] for name in COLUMNS)], columns=list(COLUMNS)
    )


def _places(keyring: Keyring, among: int) -> list[tuple[Any, ...]]:
    today = datetime.now(UTC).date()
    case = next(cases(1))
    lines = []
    found = communities()
    for node in found[: len(found) // among]:
        place = place_of(node, hainan().filing_authority(node.code, today))
        row = row_of(replace(case, place=place), keyring)
        values = ("province", "city", "county", "authority", "community", "region_path")
        line = (*(row[name] for name in values), place.name_prefixes[0])
        lines += [line] * (4 if node.urban else 1)
    return [(slot, *lines[slot * len(lines) // SLOTS]) for slot in range(SLOTS)]
