"""What a restore checks: each check finds what is wrong."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.uploads.files import NEEDED
from kit.audit import checkpoint
from kit.audit.verify import Broken
from kit.backup import checks, trail
from kit.backup.checks import Reader
from kit.database import connect
from kit.ids import uuid7
from kit.outbox import state_fact
from kit.secrets import Keyring
from kit.settings import Settings
from tests.conftest import Workload
from tests.notifications.builders import fact

ORG = "01a00000-0000-7000-8000-000000000001"
READERS = (
    Reader("filing", frozenset()),
    Reader("notifications", frozenset({"minzheng.filing.v1"})),
)
UPLOADED = """INSERT INTO upload (file_id, account, sha256, media_type, size, offered_at, content_key)
 VALUES ($1, 'anna', repeat('0', 64), 'image/png', 1, $2, $3)"""
TAKE = "INSERT INTO kit.inbox (consumer, event_id) VALUES ('notifications', $1)"


async def test_a_fact_nobody_took_and_one_nobody_states(workload: Workload) -> None:
    filing, notifications = await workload("filing"), await workload("notifications")
    now = datetime.now(UTC)
    assert (await checks.facts(READERS, now)).holds
    async with filing.transaction() as connection:
        told = fact("FilingSubmitted", organization_id=ORG, fact_version=1)
        await state_fact(connection, told)
    found = await checks.facts(READERS, now)
    assert (found.holds, "1 not taken in" in found.said) == (False, True)
    event = await filing.pool.fetchval("SELECT event_id FROM kit.outbox")
    await notifications.pool.execute(TAKE, event)
    assert (await checks.facts(READERS, now)).holds
    await notifications.pool.execute(TAKE, uuid7())
    await notifications.pool.execute(TAKE, uuid.uuid4())
    found = await checks.facts(READERS, now)
    assert (found.holds, "1 held that nobody states" in found.said) == (False, True)


async def test_a_row_after_the_second_is_found(workload: Workload) -> None:
    await workload("gateway")
    early = datetime.now(UTC) - timedelta(days=1)
    assert (await checks.second(["gateway"], early)).holds
    owner = await connect("gateway", "owner")
    await owner.execute(
        "INSERT INTO kit.audit (at, subject, role, post_id, action, object_id, region_path, outcome,"
        " reason, from_state, to_state, rule_version, decision_id, traceparent, mac)"
        " VALUES (now(), '', '', '', '', '', '/', 'done', '', '', '', '', gen_random_uuid(), '', '')"
    )
    await owner.close()
    assert not (await checks.second(["gateway"], early)).holds
    assert (await checks.second(["gateway"], None)).holds


async def test_a_key_that_is_gone_is_named(workload: Workload, postgres: Settings) -> None:
    database = await workload("gateway")
    keyring = Keyring.load()
    await database.pool.execute(
        "INSERT INTO kit.request (subject, method, key, digest, response) VALUES ('', '', $1, $2, $3)",
        uuid7(), b"\1", b"\1\7",
    )  # fmt: skip
    found = await checks.keys([("gateway", ())], keyring)
    assert (found.holds, found.said) == (False, "field_key_7")


async def test_an_offset_past_the_end_and_a_fact_passed_over(workload: Workload) -> None:
    log = await workload("log")
    await workload("notifications")
    now = datetime.now(UTC)
    topic = await log.pool.fetchval(
        "INSERT INTO log.topic (name, partitions) VALUES ('minzheng.filing.v1', 1) RETURNING id"
    )
    await log.pool.execute("INSERT INTO log.head VALUES ($1, 0, 1)", topic)
    headers = f'[["ce_id", "{uuid7()}"]]'
    record = "INSERT INTO log.record VALUES ($1, 0, 0, '', '', $2::json)"
    await log.pool.execute(record, topic, headers)
    await log.pool.execute("INSERT INTO log.committed VALUES ('notifications', $1, 0, 2)", topic)
    found = await checks.offsets(READERS[1:], now)
    assert (found.holds, found.said) == (False, "1 groups past the end, 1 facts passed over")


async def test_checkpoints_beyond_the_table_are_set_aside(
    workload: Workload, postgres: Settings
) -> None:
    database = await workload("filing")
    file = checkpoint.file_of("filing")
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_bytes() if file.exists() else b""
    kept = "INSERT INTO kit.audit_checkpoint (number, line) VALUES (1, 'a')"
    try:
        file.write_text("a\nb\nc\n")
        async with database.pool.acquire() as connection:
            await connection.execute(kept)
            assert await trail.set_aside(connection, "filing", "now") == 2
            aside = file.with_name("filing.given-up-now.jsonl")
            assert (file.read_text(), aside.read_text()) == ("a\n", "b\nc\n")
            aside.unlink()
            file.write_text("x\nb\n")
            with pytest.raises(Broken, match="differ before the second"):
                await trail.set_aside(connection, "filing", "now")
    finally:
        file.write_bytes(before)


def test_the_lowest_id_of_a_time_is_below_every_id_of_it() -> None:
    assert checks.first_id(datetime.now(UTC)) <= uuid7()
    assert checks.first_id(datetime.now(UTC) + timedelta(seconds=5)) > uuid7()


def test_the_folder_is_asked_for(tmp_path: Path) -> None:
    from kit.backup.folder import place
    from kit.embedded.sentences import StartError

    with pytest.raises(StartError, match="MINZHENG_BACKUP"):
        place(Settings())
    assert place(Settings(backup=tmp_path)) == tmp_path


async def test_an_upload_without_its_file_is_named(workload: Workload, tmp_path: Path) -> None:
    database = await workload("gateway")
    needed = [("gateway", (NEEDED,)), ("filing", ())]
    ids = [uuid7() for _ in range(8)]
    async with database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        for n, one in enumerate(ids):
            offered, key = (None if n == 0 else datetime.now(UTC)), (None if n == 1 else b"sealed")
            await connection.execute(UPLOADED, one, offered, key)
    places = [f"{'uploads' if n == 1 else 'sealed'}/{one}" for n, one in enumerate(ids)][1:]
    found = await checks.files(needed, tmp_path)
    assert (found.holds, "7 of 7 uploads are gone" in found.said) == (False, True)
    assert found.said.endswith(" …")
    for place in places[:-1]:
        # In containers each service has a part of the folder for itself.
        file = tmp_path / "uploads" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = await checks.files(needed, tmp_path)
    assert (found.holds, found.said) == (False, f"1 of 7 uploads are gone: {places[-1]}")
    (tmp_path / "sealed").mkdir()
    (tmp_path / places[-1]).touch()
    assert (await checks.files(needed, tmp_path)).said == "7 uploads, each there"
