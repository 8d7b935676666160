"""The same request has one effect and one answer, however often and however fast it comes."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from kit.ids import uuid7
from tests.faults.figures import note
from tests.platform import Platform
from tests.stories.people import Town

KEYS = int(os.environ.get("MINZHENG_FAULT_KEYS", "100"))
"""Each is sent five times at once; `make faults` takes more."""
AT_ONCE = 4


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


@pytest.fixture
async def database(platform: Platform) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The database of filing, as its administrator."""
    connection = await platform.database("filing")
    yield connection
    await connection.close()


async def draft(town: Town, filing_id: str, community: str = "460106004002") -> httpx.Response:
    """Create a draft; its id is the key. One told that the first is still at work asks again."""
    resident = await town.person("resident.datong")
    for _ in range(20):
        answer = await town.http.post(
            "/api/v1/filings",
            json={"filingId": filing_id, "communityCode": community},
            headers={"authorization": f"Bearer {resident.token}"},
        )
        if "common.in_flight" not in answer.text:
            break
    return answer


async def withdraw(town: Town, filing_id: str, key: str, **body: Any) -> httpx.Response:
    """A transition; its key is a header."""
    resident = await town.person("resident.datong")
    return await town.http.post(
        f"/api/v1/filings/{filing_id}:withdraw",
        json=body,
        headers={"authorization": f"Bearer {resident.token}", "idempotency-key": key},
    )


async def test_five_at_once_have_one_effect_and_five_equal_answers(
    town: Town, database: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    keys = [str(uuid7()) for _ in range(KEYS)]

    async def send_five(mine: list[str]) -> None:
        for key in mine:
            answers = await asyncio.gather(*[draft(town, key) for _ in range(5)])
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.text for answer in answers}) == 1

    for start in range(0, KEYS, 500):
        some = keys[start : start + 500]
        await town.sign_in_again("resident.datong")
        await asyncio.gather(*[send_five(some[n::AT_ONCE]) for n in range(AT_ONCE)])
    for table, column in (("filing_step", "filing_id"), ("kit.request", "key")):
        effects = f"SELECT count(*) FROM {table} WHERE {column} = ANY($1::uuid[])"
        assert await database.fetchval(effects, keys) == KEYS
    done = "SELECT count(*) FROM kit.audit WHERE object_id = ANY($1::text[]) AND outcome = 'done'"
    assert await database.fetchval(done, keys) == KEYS
    note("keys", keys=KEYS, sends=5 * KEYS, at_once=5 * AT_ONCE)


async def test_a_key_belongs_to_one_body(town: Town) -> None:
    filing_id, key = str(uuid7()), str(uuid7())
    await draft(town, filing_id)
    first = await withdraw(town, filing_id, key, reason="改期")
    again = await withdraw(town, filing_id, key, reason="改期")
    assert (again.status_code, again.text) == (200, first.text)
    other = await withdraw(town, filing_id, key, reason="另有原因")
    assert (other.status_code, other.json()["code"]) == (422, "common.key_reused")


async def test_a_key_belongs_to_its_caller(town: Town) -> None:
    filing_id, key = str(uuid7()), str(uuid7())
    await draft(town, filing_id)
    await withdraw(town, filing_id, key, reason="改期")
    stranger = await town.person("resident.tianya")
    answer = await town.http.post(
        f"/api/v1/filings/{filing_id}:withdraw",
        json={"reason": "改期"},
        headers={"authorization": f"Bearer {stranger.token}", "idempotency-key": key},
    )
    assert answer.status_code == 404


async def test_a_key_belongs_to_its_method(town: Town) -> None:
    """The id of the new thing was the key of its making; here it is the key of a withdrawal."""
    filing_id = str(uuid7())
    made = await draft(town, filing_id)
    gone = await withdraw(town, filing_id, filing_id, reason="改期")
    assert gone.status_code == 200
    assert gone.json()["filing"]["state"] != made.json()["filing"]["state"]
    assert (await draft(town, filing_id)).text == made.text, "each method has its own answer"


async def test_a_refused_request_leaves_only_its_audit_row(
    town: Town, database: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    filing_id, key = str(uuid7()), str(uuid7())
    await draft(town, filing_id)
    resident = await town.person("resident.datong")
    answer = await town.http.post(
        f"/api/v1/filings/{filing_id}:submit",
        json={"pledgeVersion": "none"},
        headers={"authorization": f"Bearer {resident.token}", "idempotency-key": key},
    )
    assert answer.status_code == 409
    count = "SELECT count(*) FROM kit.request WHERE key = $1"
    assert await database.fetchval(count, UUID(key)) == 0
    audit = "SELECT outcome, reason FROM kit.audit WHERE object_id = $1"
    assert [tuple(row) for row in await database.fetch(audit, key)] == [
        ("refused", "filing.pledge_not_signed")
    ]


async def test_a_duplicate_waits_two_seconds_and_no_longer(
    town: Town, database: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The first request is still at work: its key is written and not committed."""
    filing_id, key = str(uuid7()), str(uuid7())
    await draft(town, filing_id)
    subject = await database.fetchval(
        "SELECT owner FROM filing WHERE filing_id = $1", UUID(filing_id)
    )
    path = "/minzheng.filing.v1.FilingService/WithdrawFiling"
    working = database.transaction()
    await working.start()
    await database.execute(
        "INSERT INTO kit.request (subject, method, key, digest, response)"
        " VALUES ($1, $2, $3, '', '')",
        subject, path, UUID(key),
    )  # fmt: skip
    began = time.monotonic()
    answer = await withdraw(town, filing_id, key, reason="改期")
    waited = time.monotonic() - began
    await working.rollback()
    assert (answer.status_code, answer.json()["code"]) == (409, "common.in_flight")
    assert waited > 1.5
    assert (await withdraw(town, filing_id, key, reason="改期")).status_code == 200
