"""A thousand planted persons: none is found in clear in logs, traces, facts, dumps, WAL or files."""

import asyncio
import base64
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from kit.embedded.postgres import wheel_bindir
from kit.ids import uuid7
from kit.settings import settings
from tests.collector import Collector
from tests.filing.builders import synthetic_id
from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.stories.people import PDF, Town, refusal
from tests.stories.test_departments import until

PERSONS = 18
MEMBERS = 480
DATABASES = ("filing", "notifications", "supervision", "gateway", "log")
NAME = "Kanari"
"""In every name, text and address that is planted; numbers have their own first digits."""
NUMBERS = re.compile(rb"(?<!\d)(?:469900\d{11}[\dX]|1200777\d{4})(?!\d)")
IN_HEX = re.compile(rb"343639393030(?:3\d){11}(?:3\d|58)|31323030373737(?:3\d){4}")


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
    contact = {"phone": "12007770001", "email": "kanari.contact.q@example.org"}
    await resident.put("/api/v1/my/contact", {"contact": contact})
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
    await holders(town, canaries)
    await resident.get("/api/v1/my/contact")
    await odd(town, resident)
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


async def holders(town: Town, canaries: list[str]) -> None:
    """Identity numbers of who shall hold a post: a right one and a wrong one."""
    admin, good, wrong = await town.person("sec-admin"), synthetic_id(998), "469900199002019998"
    canaries += [good, wrong]
    body = {
        "postId": str(uuid7()), "account": "new-holder", "role": "ROLE_EXPERT",
        "regionCode": town.community[:9] + "000",
    }  # fmt: skip
    await admin.post("/api/v1/posts", body | {"idNumber": good})
    await refusal(admin.post("/api/v1/posts", body | {"postId": str(uuid7()), "idNumber": wrong}))


async def odd(town: Town, resident: Any) -> None:
    """Persons where nobody should write them: paths, queries, headers, names of files."""
    headers = {"authorization": f"Bearer {resident.token}", "user-agent": "KanariAgent"}
    headers |= {"cookie": "who=KanariCookie", "traceparent": "KanariTrace", "x-who": "KanariHeader"}
    clerk = await town.person("clerk.datong")
    for path in ("/api/v1/filings/KanariPath", "/Kanari/nowhere", "/api/v1/files/KanariFile"):
        assert (await town.http.get(path, headers=headers)).status_code in (404, 422)
    headers |= {"authorization": f"Bearer {clerk.token}"}
    for query in ("search=王KanariQuery", "page.token=KanariToken", "KanariField=1"):
        await town.http.get(f"/api/v1/filings?{query}", headers=headers)
    headers |= {"authorization": f"Bearer {resident.token}", "content-type": "application/pdf"}
    names = "attachment; filename*=UTF-8''" + quote("王KanariName.pdf")
    named = PDF.replace(b"%%EOF", "% 王KanariUpload\n%%EOF".encode())
    for content, status in ((named, 201), (PDF[:20], 422)):
        headers |= {"content-disposition": names}
        answer = await town.http.post("/api/v1/uploads", content=content, headers=headers)
        assert answer.status_code == status, answer.text


def files(var: Path) -> Iterator[Path]:
    """Everything on the disk of the platform but the secrets."""
    for path in var.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            yield path


def marks() -> tuple[bytes, ...]:
    """The name as it is, in hex (as dumps write bytes), and in base64 wherever it begins."""
    raw = (NAME.encode(), NAME.lower().encode())
    coded = [
        base64.b64encode(b"\0" * ahead + name)[-(-ahead * 4 // 3) : (ahead + len(name)) * 4 // 3]
        for name in raw
        for ahead in range(3)
    ]
    return (*raw, *(name.hex().encode() for name in raw), *coded)


MARKS = marks()


def scan(content: bytes, tokens: list[bytes]) -> list[bytes]:
    """Whatever of a planted person or token is in some bytes; cheap looks before the long ones."""
    found = [mark for mark in (*MARKS, *tokens) if mark in content]
    if b"469900" in content or b"1200777" in content:
        found += NUMBERS.findall(content)
    if b"343639393030" in content or b"31323030373737" in content:
        found += IN_HEX.findall(content)
    return found[:3]


def dump(platform: Platform, name: str) -> bytes:
    """A database as `pg_dump` writes it."""
    environment = platform.environment
    command = [
        (settings().postgres_bindir or wheel_bindir()) / "pg_dump", "--host=127.0.0.1", "--username=postgres",
        f"--port={environment['MINZHENG_POSTGRES_PORT']}", f"minzheng_{name}",
    ]  # fmt: skip
    password = (platform.var / "secrets" / "postgres_superuser").read_text().strip()
    return subprocess.run(
        command, env={"PGPASSWORD": password}, capture_output=True, check=True, timeout=60
    ).stdout


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def settled(platform: Platform, trace: str) -> None:
    """Spans are written and facts are on their way: the last call shows in both services' traces."""
    traces = [platform.var / "traces" / f"{name}.jsonl" for name in ("gateway", "notifications")]
    database = await platform.database("filing")
    async with asyncio.timeout(30):
        while True:
            told = await asyncio.to_thread(lambda: [path.read_text() for path in traces])
            unsent = "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
            if all(trace in text for text in told) and not await database.fetchval(unsent):
                break
    await database.close()


async def handed_over(resident: Person, neighbors: Neighbors) -> None:
    """Number and address have gone out, and what the handset said has come back."""
    subject = "已收件：海口市龙华区大同街道大同里社区金丝雀乙志愿服务队"

    async def out() -> bool:
        return bool(neighbors.texted(subject) and neighbors.mailed(subject))

    async def back() -> bool:
        return "DISPATCH_STATE_DELIVERED" in str(await resident.get("/api/v1/dispatches"))

    await until(out, "nothing went out")
    (text,), (mail,) = neighbors.texted(subject), neighbors.mailed(subject)
    assert (text["mobile"], mail["To"]) == ("12007770001", "kanari.contact.q@example.org")
    neighbors.sms.receipt(text["requestId"])
    await until(back, "no receipt")
    assert "Kanari" not in "".join(neighbors.sms.urls)
    assert "1200777" not in "".join(neighbors.sms.urls)


async def test_no_person_is_found_in_clear(
    platform: Platform, town: Town, neighbors: Neighbors, collector: Collector
) -> None:
    canaries = await spread(town)
    await handed_over(await town.person("resident.datong"), neighbors)
    assert len(set(canaries)) >= 1000
    assert all(scan(canary.encode(), []) for canary in canaries), "each would be found"
    resident = await town.person("resident.datong")
    await settled(platform, resident.last_trace)
    tokens = [resident.token.rpartition(".")[2].encode()]
    leaks: dict[str, list[bytes]] = {}
    for path in files(platform.var):
        if found := scan(path.read_bytes(), tokens):
            leaks[str(path.relative_to(platform.var))] = found
    for body in list(collector.bodies):
        if found := scan(body, tokens):
            leaks["metrics"] = found
    dumps = {name: await asyncio.to_thread(dump, platform, name) for name in DATABASES}
    for name, content in dumps.items():
        if found := scan(content, tokens):
            leaks[name] = found
    assert leaks == {}
    public = "金丝雀甲".encode()
    assert public in dumps["filing"]
    assert public.hex().encode() in dumps["filing"], "facts are bytes, and were looked at"


@pytest.mark.parametrize(
    "form",
    [
        "somebody wrote 王Kanari00001Q here".encode(),
        "王Kanari00001Q".encode().hex().encode(),
        *(base64.b64encode(b"x" * ahead + b"and Kanari1Q it was") for ahead in range(3)),
        quote("王Kanari00001Q").encode(),
        b"id 469900199001010023.",
        b"12007770001".hex().encode(),
        b"kanari.contact.q@example.org",
        b"a.SIGNATURE",
    ],
)
def test_whatever_form_it_has_it_is_found(form: bytes) -> None:
    assert scan(b"before " + form + b" after", [b"SIGNATURE"])


async def test_a_planted_canary_is_found(platform: Platform) -> None:
    """Negative control."""
    planted_log = platform.var / "log" / "planted.log"
    planted_log.write_text("somebody wrote 王Kanari00001Q here")
    try:
        hits = [path for path in files(platform.var) if scan(path.read_bytes(), [])]
        assert planted_log in hits
    finally:
        planted_log.unlink()
