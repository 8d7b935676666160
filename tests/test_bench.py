"""The pieces of the benchmark still work, and its monolith writes what the product writes."""

import asyncio
import itertools
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.embedded.postgres import superuser_password
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.secrets import Keyring
from kit.server import Runtime
from kit.settings import Settings
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from services.filing.domain.case import Case
from services.filing.service import servicers
from tests.bench import data, drafts, page
from tests.bench.deliver import department
from tests.bench.load import Work, play
from tests.bench.measure import Figure, Goal, Table
from tests.bench.page import summary
from tests.bench.pgbench import numbered, statements
from tests.conftest import Workload
from tests.sink import LOCAL, Authority

TABLES = ("filing", "filing_step", "filing_search", "kit.audit", "kit.outbox")
ROWS = "SELECT to_jsonb(t) FROM {table} t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"
OWN = frozenset({
    "id", "at", "created_at", "updated_at", "traceparent", "decision_id", "mac", "event_id", "key",
    "digest", "response", "method", "headers", "application_no", "payload", "persons", "name",
    "name_key", "grams",
})  # fmt: skip
"""Columns that differ from case to case, or are sealed."""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
CLAIMS = {"iss": "https://sign-on.test", "aud": ["minzheng-api"], "exp": 2**31}
BODY = {"pledgeVersion": "CN-2026-01"}
ANSWER = b"HTTP/1.1 %d Told\r\nContent-Length: 4\r\n\r\nbody"


@pytest.fixture
async def database(workload: Workload) -> Database:
    """The emptied database of filing."""
    return await workload("filing")


@pytest.fixture
async def owner(database: Database, postgres: Settings) -> AsyncIterator[Any]:
    """The same, seen by one whom row security does not hold."""
    connection = await asyncpg.connect(dsn(postgres))
    yield connection
    await connection.close()


@cache
def signing_key() -> RSAKey:
    """One for all tests: the monolith reads it when it is imported."""
    return RSAKey.generate_key(2048)


def dsn(config: Settings) -> str:
    password = superuser_password(config.secret_folder)
    return f"postgresql://postgres:{password}@127.0.0.1:{config.postgres_port}/{config.database('filing')}"


@pytest.fixture
async def monolith(owner, postgres: Settings, monkeypatch) -> AsyncIterator[httpx.AsyncClient]:
    """The monolith on that database; a clerk of county 460106000000 or any resident may call."""
    key = signing_key()
    told = {"DSN": dsn(postgres).replace("postgresql:", "postgresql+asyncpg:")}
    told |= {"KEY": json.dumps(key.as_dict(private=False)), "ISSUER": CLAIMS["iss"]}
    for name, value in (told | {"AUDIENCE": "minzheng-api"}).items():
        monkeypatch.setitem(os.environ, f"MONOLITH_{name}", value)
    from tests.bench.monolith import app

    claims = CLAIMS | {"sub": drafts.ACCOUNTS[0], "county": "460106000000"}
    token = jwt.encode({"alg": "RS256"}, claims, key)
    transport = httpx.ASGITransport(app.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench", headers={"authorization": f"Bearer {token}"}
    ) as client:
        yield client
    for engine in (app.engine, app.numbers):
        await engine.dispose()


async def submit_to_product(database: Database, case: Case) -> None:
    keyring = Keyring.load()
    runtime = Runtime(database, Unit(database, Doorbell(), keyring), keyring)
    rpc = rpc_by_path()["/minzheng.filing.v1.FilingService/SubmitFiling"]
    enter(Call(Caller(case.owner, Role.RESIDENT), rpc.path, rpc.access))
    asked: Any = rpc.request(
        filing_id=case.filing_id, request_id=str(uuid7()), pledge_version=BODY["pledgeVersion"]
    )
    room: Any = servicers(runtime)[0]
    await room.submit_filing(asked, None)


async def written(owner: Any, case: Case) -> dict[str, list[dict[str, Any]]]:
    """Rows of a case by table, without what is its own."""
    ids = (case.filing_id, case.organization_id)
    found = {}
    for table in TABLES:
        asked = ROWS.format(table=table)
        rows = {row[0] for one in ids for row in await owner.fetch(asked, one)}
        found[table] = [_common(json.loads(re.sub("甲+", "", row)), ids) for row in sorted(rows)]
    return found


def _common(row: Mapping[str, Any], ids: tuple[str, str]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in OWN}
    return {name: "its id" if value in ids else value for name, value in kept.items()}


def twins(count: int) -> list[Case]:
    """Drafts that differ in nothing but ids and name."""
    case = next(drafts.cases(1))
    return [
        replace(
            numbered(case, n),
            organization_id=str(uuid7()),
            form=replace(case.form, name=case.form.name.replace("暖心", f"暖心{'甲' * n}")),
        )
        for n in range(1, count + 1)
    ]


async def test_the_monolith_writes_the_rows_of_the_product(owner, database, monolith) -> None:
    ours, theirs = twins(2)
    await drafts.copy(owner, Keyring.load(), [ours, theirs])
    await submit_to_product(database, ours)
    path, key = f"/api/v1/filings/{theirs.filing_id}:submit", {"Idempotency-Key": str(uuid7())}
    answer = await monolith.post(path, json=BODY, headers=key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["filing"]["state"] == "VILLAGE_REVIEW"
    assert await written(owner, theirs) == await written(owner, ours)
    assert await owner.fetchval("SELECT count(*) FROM kit.request") == 2
    assert all(len(rows) >= 1 for rows in (await written(owner, ours)).values())


async def test_pgbench_runs_the_write_of_the_product(owner, database) -> None:
    # A script's organization has the id of its filing: it can count no other.
    made = [numbered(case, n) for n, case in enumerate(twins(3), start=1)]
    await drafts.copy(owner, Keyring.load(), made)
    await submit_to_product(database, made[0])
    for n, one in ((2, True), (3, False)):
        for text in statements(made[n - 1], Keyring.load(), one=one):
            await owner.execute(text.replace(":n", str(n)))
    ours, single, several = [await written(owner, case) for case in made]
    assert single == several == ours


async def test_the_data_keep_the_indexes_and_the_lists_agree(owner, database, monolith) -> None:
    before = await owner.fetch(INDEXES)
    await data.country(owner, Keyring.load(), 400)
    assert await owner.fetch(INDEXES) == before
    assert await owner.fetchval("SELECT count(*) FROM filing") == 400
    answer = await monolith.get("/api/v1/filings", params={"page.size": 3})
    assert [len(line["name"]) > 4 for line in answer.json()["filings"]] == [True] * 3


async def test_the_load_generator_counts_every_answer(postgres: Settings) -> None:
    statuses = itertools.cycle((200, 200, 422))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            told = ANSWER % next(statuses)
            writer.write(told[:20])
            await asyncio.sleep(0)
            writer.write(told[20:])
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    plan = {
        "ports": [port],
        "connections": 2,
        "warm": 3,
        "requests": ["GET / HTTP/1.1\r\n\r\n"] * 33,
    }
    told = await play(plan)
    server.close()
    assert (told["count"], told["statuses"]) == (30, {"200": 20, "422": 10})
    assert told["sample"].startswith("HTTP/1.1 422")
    assert told["p50_ms"] <= told["p99_ms"]


async def test_the_department_of_the_bench_tells_what_came(
    postgres: Settings, tmp_path: Path
) -> None:
    async with department(Authority(tmp_path)) as address:
        for key in ("o1", "o1", "o2"):
            body = json.dumps({"partitionkey": key}).encode()
            url = f"https://{LOCAL}:{address.port}/0"
            assert (await address.client.post(url, content=body)).status_code == 204
        told = await address.told()
        assert (told["count"], set(told["first"])) == (3, {"o1", "o2"})
        assert (await address.told())["count"] == 0


def test_requests_of_an_even_pace_wait_for_their_turn() -> None:
    work = Work(iter([b"a", b"b", b"c"]), pace=0.01)
    waits = [work.next() for _ in range(4)]
    assert waits[0] == (b"a", 0.0)
    assert 190 < waits[2][1] <= 200
    assert waits[3][0] is None


def test_a_missed_goal_is_told_loudly() -> None:
    table = Table(
        {"ours": [{"rate": 3.0}, {"rate": 9.0}], "theirs": [{"rate": 1.0}, {"rate": 2.0}]}
    )
    more = Figure(Goal("X1", "", 3.5, 8, True), table.ratios("ours", "theirs", "rate"))
    less = Figure(Goal("X2", "", 3.5, 2, False), (4.0,))
    assert (more.value, more.verdict, less.verdict) == (3.75, "reached (first)", "MISSED")
    assert summary([more, less]) == "1 of 2 first goals reached. MISSED: X2."


def test_a_part_measured_again_takes_its_place_on_the_page_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(page.capacity, "write", lambda: None)
    table, later = Table(), Table()
    table.note("lists", rate=300.0, load_cpu=0.1)
    table.note("pages", kb=30.0)
    later.note("pages", kb=20.0)
    first, second = (Goal(name, name, 40, 25, False, "KB") for name in ("B1", "B12"))
    whole = [Figure(first, (50.0,)), Figure(second, (30.0,), "note")]
    page.write(whole, table, command="make bench", rounds=3, rows=10)
    page.again([Figure(second, (20.0,))], later, command="make bench AGAIN=pages ROUNDS=5")
    text = page.PAGE.read_text("utf-8")
    assert "B12 by `make bench AGAIN=pages ROUNDS=5`" in text
    assert "| B12 | B12 | ≤ 40 KB | ≤ 25 KB | 20 KB | reached (then) |" in text
    assert "| B1 | B1 | ≤ 40 KB | ≤ 25 KB | 50 KB | **MISSED** |" in text
    assert "| pages: kb | 20 |" in text
    assert "| lists: a second | 300 |" in text
    page.again([Figure(second, (10.0,))], later, command="make bench AGAIN=pages ROUNDS=9")
    text = page.PAGE.read_text("utf-8")
    assert "B12 by `make bench AGAIN=pages ROUNDS=9`" in text
    assert "ROUNDS=5" not in text
