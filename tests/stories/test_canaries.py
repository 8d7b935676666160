"""A thousand planted persons: none is found in clear in logs, traces, facts, tables, WAL or files."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.demo.application import form as demo_form
from kit.ids import uuid7
from tests.filing.builders import synthetic_id
from tests.platform import Platform
from tests.stories.people import Town, refusal

PERSONS = 18
MEMBERS = 480
DATABASES = ("filing", "notifications", "gateway", "log")
TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
 WHERE schemaname IN ('public', 'kit', 'log')"""


def planted(batch: int) -> dict[str, Any]:
    """Persons of a form that nobody else bears."""
    first = batch * 400 + 100
    return {
        "principals": [
            {
                "name": f"符Kanari{first + n}Q", "position": "负责人",
                "idNumber": synthetic_id((first + n) % 1000), "phone": f"1200777{first + n:04}",
            }
            for n in range(PERSONS)
        ],
        "members": [
            {"name": f"王Kanari{batch}{n:04}Q", "homeCommunity": "460106004002"}
            for n in range(MEMBERS)
        ],
    }  # fmt: skip


def words(form: dict[str, Any]) -> Iterator[str]:
    """The canaries of a form."""
    for person in form["principals"]:
        yield from (person["name"], person["idNumber"], person["phone"])
    for member in form["members"]:
        yield member["name"]


async def spread(town: Town) -> list[str]:
    """Through every route that takes persons, answered and refused."""
    canaries: list[str] = []
    resident = await town.person("resident.datong")
    for batch in range(2):
        form = demo_form("", town.community, 1, "大同里社区综合服务中心") | planted(batch)
        canaries += words(form)
        filing_id = await town.draft(f"金丝雀{'甲乙'[batch]}", form)
        await town.submit(filing_id)
        await town.reviewed(filing_id)
        clerk = await town.person("clerk.datong")
        path = f"/api/v1/filings/{filing_id}"
        await clerk.get(path)
        shown = await clerk.post(f"{path}:revealPersons", {"purpose": "REVEAL_PURPOSE_IDENTITY"})
        assert shown["principals"][0]["name"] == form["principals"][0]["name"]
        await resident.get(path)
        await refusal(resident.put(f"{path}/form", form))
    await refused(town, resident, canaries)
    contact = {"phone": "12007770001", "email": "kanari.contact.q@example.org"}
    await resident.put("/api/v1/my/contact", {"contact": contact})
    await resident.get("/api/v1/my/contact")
    return [*canaries, *contact.values()]


async def refused(town: Town, resident: Any, canaries: list[str]) -> None:
    """Requests that break rules, with persons in every wrong place."""
    filing_id = str(uuid7())
    await resident.post("/api/v1/filings", {"filingId": filing_id, "communityCode": town.community})
    path = f"/api/v1/filings/{filing_id}/form"
    bad_id = "469900199001019999"
    canaries += ["KanariWrongField", "KanariTooLong", bad_id, "KanariBadJson", "KanariKey"]
    await refusal(resident.put(path, {"KanariWrongField": 1, "name": canaries[0]}))
    long = {"principals": [{"name": "KanariTooLong" * 9, "idNumber": bad_id * 2}]}
    await refusal(resident.put(path, long))
    await refusal(resident.put(path, {"principals": "KanariBadJson"}))
    headers = {"authorization": f"Bearer {resident.token}"}
    for content in (b'{"principals": [{"name": "KanariBadJson"', b"\xff\xfeKanariBadJson"):
        await town.http.put(path, content=content, headers=headers)
    await town.http.put(path, json={}, headers=headers | {"idempotency-key": "KanariKey"})
    bearer = {"authorization": "Bearer KanariKey"}
    assert (await town.http.get("/api/v1/my/filings", headers=bearer)).status_code == 401
    canaries.append(resident.token.rpartition(".")[2])


def files(var: Path) -> Iterator[Path]:
    """Everything on the disk of the platform but the secrets."""
    for path in var.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            yield path


def scan(content: bytes, needles: dict[bytes, str]) -> set[str]:
    """Canaries in some bytes; two cheap looks before the long one."""
    if not any(mark in content for mark in (b"Kanari", b"kanari", b"469900", b"1200777")):
        return {found for needle, found in needles.items() if needle in content and "." in found}
    return {found for needle, found in needles.items() if needle in content}


async def tables(platform: Platform) -> Iterator[tuple[str, bytes]]:
    """Every table of every database as text, read by the server's own administrator."""
    found = []
    environment = platform.environment
    password = (platform.var / "secrets" / "postgres_superuser").read_text().strip()
    for name in DATABASES:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=int(environment["MINZHENG_POSTGRES_PORT"]), user="postgres",
            password=password, database=f"minzheng_{name}",
        )  # fmt: skip
        for (table,) in await connection.fetch(TABLES):
            rows = await connection.fetch(f"SELECT t::text FROM {table} t")
            found.append((f"{name}.{table}", "\n".join(row[0] for row in rows).encode()))
        await connection.close()
    return iter(found)


@pytest.fixture
async def town(platform: Platform) -> Any:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def test_no_person_is_found_in_clear(platform: Platform, town: Town) -> None:
    canaries = await spread(town)
    assert len(set(canaries)) >= 1000
    await asyncio.sleep(2)
    needles = {canary.encode(): canary for canary in canaries}
    needles |= {canary.encode().hex().encode(): canary for canary in canaries[:200]}
    leaks = {}
    for path in files(platform.var):
        if found := scan(path.read_bytes(), needles):
            leaks[str(path.relative_to(platform.var))] = sorted(found)[:3]
    for name, content in await tables(platform):
        if found := scan(content, needles):
            leaks[name] = sorted(found)[:3]
    assert leaks == {}


async def test_a_planted_canary_is_found(platform: Platform) -> None:
    """Negative control."""
    planted_log = platform.var / "log" / "planted.log"
    planted_log.write_text("somebody wrote 王Kanari00001Q here")
    try:
        needles = {"王Kanari00001Q".encode(): "王Kanari00001Q"}
        hits = [path for path in files(platform.var) if scan(path.read_bytes(), needles)]
        assert planted_log in hits
    finally:
        planted_log.unlink()
