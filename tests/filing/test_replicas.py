"""Two replicas of the service behave as one: timers, relay, numbers, requests that come twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from kit.errors import Refusal
from kit.ids import uuid7
from kit.log.postgres import PostgresLog
from kit.outbox import Doorbell, Relay
from kit.timers import Timer, keep
from tests.conftest import Workload
from tests.filing.service import CLERK, LEAD, RESIDENT, Filing
from tests.filing.test_rules import put, value
from tests.filing.test_timers import advance

TOPIC = "minzheng.filing.v1"
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")


@pytest.fixture
async def pair(workload: Workload) -> AsyncIterator[tuple[Filing, Filing]]:
    """Two replicas: pools, readers and caches of their own on one database."""
    first = Filing(await workload("filing"))
    other = await Database.open("filing")
    yield first, Filing(other)
    await other.close()


async def test_timers_move_each_case_once(pair: tuple[Filing, Filing]) -> None:
    cases = [await pair[0].draft(f"守望{n}".translate(DIGITS)) for n in range(12)]
    for filing_id in cases:
        await pair[0].submit(filing_id)
    await advance(20)  # past three working days, whatever the weekday and the holidays
    stop = asyncio.Event()
    loops = [
        asyncio.create_task(
            keep(Timer("filing.due", one.due.move_on, every=0.01), one.database, stop)
        )
        for one in pair
        for _ in range(2)
    ]
    for _ in range(200):
        await asyncio.sleep(0.02)
        if not await pair[1].reader.due("r:/"):
            break
    stop.set()
    await asyncio.gather(*loops)
    for filing_id in cases:
        history = (await pair[1].call("GetHistory", CLERK, filing_id=filing_id)).entries
        actions = [entry.action for entry in history]
        assert actions.count("village_silent") == 1
        assert len(actions) == len(history)


async def test_thirty_two_deciders_draw_numbers_without_gaps(pair: tuple[Filing, Filing]) -> None:
    cases = [await pair[0].proposed(f"守望{n:02}".translate(DIGITS)) for n in range(16)]
    deciders = [
        pair[n % 2].call("DecideFiling", LEAD, filing_id=case, agree=True)
        for n, case in enumerate([*cases, *cases])
    ]
    answers = await asyncio.gather(*deciders, return_exceptions=True)
    done = [answer for answer in answers if not isinstance(answer, BaseException)]
    printed = sorted(int(a.filing.printed_no.split("〕")[1][:-1]) for a in done)
    assert printed == list(range(1, 17))
    assert len({a.filing.filing_no for a in done}) == 16
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {r.code for r in refused if isinstance(r, Refusal)} <= {
        "common.not_found",
        "common.busy",
    }
    assert len(refused) == 16


async def test_the_same_request_at_both_has_one_effect(pair: tuple[Filing, Filing]) -> None:
    filing_id, key = await pair[0].draft(), str(uuid7())
    answers = await asyncio.gather(
        *[pair[n % 2].submit(filing_id, request_id=key) for n in range(6)]
    )
    assert all(answer == answers[0] for answer in answers)
    assert await pair[0].database.pool.fetchval("SELECT count(*) FROM kit.outbox") == 1


async def test_two_relays_send_each_fact_once_in_order(
    pair: tuple[Filing, Filing], workload: Workload
) -> None:
    await workload("log")
    logs = [await PostgresLog.open() for _ in pair]
    await logs[0].ensure([TOPIC])
    stop = asyncio.Event()
    relays = [
        asyncio.create_task(
            Relay("filing", one.database, log, Doorbell(), poll_seconds=0.05).run(stop)
        )
        for one, log in zip(pair, logs, strict=True)
    ]
    case = await pair[0].draft()
    await pair[0].submit(case)
    for n in range(6):
        filing_id = await pair[n % 2].draft(f"守望{n}".translate(DIGITS))
        await pair[(n + 1) % 2].submit(filing_id)
        await pair[n % 2].call("WithdrawFiling", RESIDENT, filing_id=filing_id)
    for _ in range(200):
        await asyncio.sleep(0.05)
        left = await pair[0].database.pool.fetchval(
            "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
        )
        if not left:
            break
    stop.set()
    await asyncio.gather(*relays)
    consumer = logs[0].consumer("replicas", [TOPIC])
    seen: dict[str, list[str]] = {}
    for _ in range(40):
        delivered = await consumer.poll(0.1)
        for delivery in delivered:
            headers = {name: value.decode() for name, value in delivery.record.headers}
            seen.setdefault(headers["ce_subject"], []).append(headers["ce_sequence"])
        if sum(map(len, seen.values())) >= 13 and not delivered:
            break
    await consumer.close()
    assert sum(map(len, seen.values())) == 13
    assert all(versions == sorted(versions) for versions in seen.values())
    for log in logs:
        await log.close()


async def test_a_rule_set_at_one_is_known_at_the_other(pair: tuple[Filing, Filing]) -> None:
    assert await value(pair[1]) == "10"
    await put(pair[0])
    assert await value(pair[1]) == "8"
