"""What the gauges of a workload show, and when they show nothing."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit.backup.folder import Base, tell
from kit.operations import gauges
from kit.operations.gauges import Lagging, backups, certificate, keys, read, watch
from kit.secrets import Keyring
from kit.settings import settings
from kit.telemetry import signals
from kit.telemetry.signals import Reading, Signal
from kit.timers import Timer
from tests.kit.facts.helpers import submitted
from tests.kit.operations.conftest import ORG, Desk
from tests.sink import Authority

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def values(found: list[Reading], signal: Signal) -> dict[str, float]:
    return {one.type: one.value for one in found if one.signal is signal}


async def test_every_signal_that_is_always_there_is_read(desk: Desk) -> None:
    found = await read(desk.workload, (), Lagging())
    wanted = {s for s in signals.SIGNALS.values() if s.always and s.by == signals.EVERY}
    wanted.discard(signals.TIMER_FAILING)
    assert wanted <= {one.signal for one in found}


async def test_what_is_parked_and_what_waits_is_counted(desk: Desk) -> None:
    await desk.park(submitted(ORG, 1), submitted(ORG, 2))
    found = await read(desk.workload, (), Lagging())
    assert values(found, signals.PARKED) == {"": 2}
    assert values(found, signals.GAP) == {"": 0}
    assert values(found, signals.LAG) == {"minzheng.posts.v1": 3}


async def test_a_timer_that_failed_last_is_told(desk: Desk) -> None:
    async def nothing() -> int:
        return 0

    good, bad = Timer("good", nothing), Timer("bad", nothing)
    for one in (good, bad):
        one.ran.badly(ValueError())
    good.ran.well()
    found = await read(replace(desk.workload, timers=(good, bad)), (), Lagging())
    assert values(found, signals.TIMER_FAILING) == {"good": False, "bad": True}


def test_facts_wait_from_when_they_were_first_seen() -> None:
    lagging = Lagging()
    assert values(lagging.told({"a": 1}, None, NOW), signals.LAG_SECONDS) == {"": 0}
    later = lagging.told({"a": 5}, None, NOW + MINUTE)
    assert values(later, signals.LAG_SECONDS) == {"": 60}


def test_as_long_as_facts_are_taken_in_none_waits_too_long() -> None:
    lagging = Lagging()
    lagging.told({"a": 1}, None, NOW)
    busy = lagging.told({"a": 5}, NOW + 9 * MINUTE, NOW + 10 * MINUTE)
    assert values(busy, signals.LAG_SECONDS) == {"": 60}


def test_what_was_taken_in_meanwhile_waits_anew() -> None:
    lagging = Lagging()
    lagging.told({"a": 1}, None, NOW)
    lagging.told({"a": 0}, None, NOW + MINUTE)
    again = lagging.told({"a": 1}, None, NOW + 2 * MINUTE)
    assert values(again, signals.LAG_SECONDS) == {"": 0}


def test_a_log_that_does_not_answer_says_nothing() -> None:
    assert Lagging().told(None, None, NOW) == []


def test_keys_are_as_old_as_their_files(desk: Desk) -> None:
    keyring = Keyring.load()
    assert keyring.folder is not None
    for file in keyring.folder.glob("field_key_*"):
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    found = list(keys(keyring, NOW + MINUTE))
    assert values(found, signals.KEYS)["field"] == 60
    assert {one.type for one in found} == {"field", "index", "audit"}


def test_a_certificate_tells_its_end(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(certificate()) == []
    (tmp_path / "tls.crt").write_bytes(authority.file.read_bytes())
    monkeypatch.setattr(gauges, "settings", lambda: settings().model_copy(update={"tls": tmp_path}))
    (found,) = certificate()
    assert found.value == authority.certificate.not_valid_after_utc.timestamp()


async def test_the_last_backup_and_drill_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        gauges, "settings", lambda: settings().model_copy(update={"backup": tmp_path})
    )
    monkeypatch.setattr(gauges, "last_drill", lambda: None)
    assert await backups() == []
    for hours in (2, 1):
        folder = tmp_path / "base" / str(hours)
        folder.mkdir(parents=True)
        tell(Base(folder, NOW, NOW - timedelta(hours=hours), 1, ""))
    monkeypatch.setattr(gauges, "last_drill", lambda: NOW)
    found = list(await backups())
    assert values(found, signals.BACKUP) == {"": (NOW - timedelta(hours=1)).timestamp()}
    assert values(found, signals.DRILL) == {"": NOW.timestamp()}


async def test_while_the_database_is_away_nothing_is_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[Reading]:
        raise OSError

    monkeypatch.setattr(gauges, "EVERY_SECONDS", 0.01)
    stop = asyncio.Event()
    task = asyncio.create_task(watch(desk.workload, (), stop))
    async with asyncio.timeout(20):
        while not desk.workload.readings:  # noqa: ASYNC110 - the poll is what is tested
            await asyncio.sleep(0.01)
        monkeypatch.setattr(gauges, "read", away)
        while desk.workload.readings:  # noqa: ASYNC110 - the poll is what is tested
            await asyncio.sleep(0.01)
    stop.set()
    await task
