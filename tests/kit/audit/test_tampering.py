"""Whatever an administrator changes behind the platform's back is found, by two verifiers."""

import asyncio

import pytest

from kit.audit import Sealer, Seals, checkpoint
from kit.audit.row import GENESIS, canonical, digest, link
from kit.audit.sealer import STOP_SECONDS
from kit.errors import Refusal
from tests.kit.audit.conftest import Trail

CONTENT = "subject, role, post_id, action, object_id, at, decision_id, mac, key_id, service"


async def rehash(trail: Trail, start: int = 0) -> None:
    """What a skilled forger does: every link from `start` on computed anew."""
    rows = await trail.owner.fetch(
        "SELECT c.number, a.* FROM kit.audit_chain c JOIN kit.audit a ON a.id = c.audit_id"
        " ORDER BY c.number"
    )
    previous = GENESIS
    for row in rows:
        of_row = digest(row["id"], canonical(row), row["mac"])
        previous = link(previous, row["number"], of_row)
        if row["number"] > start:
            await trail.owner.execute(
                "UPDATE kit.audit_chain SET digest = $2, link = $3 WHERE number = $1",
                row["number"], of_row, previous,
            )  # fmt: skip


async def test_a_clean_trail_is_whole(trail: Trail) -> None:
    assert (await trail.inside()).rows == 30
    second = await trail.alone()
    assert second.returncode == 0, second.stdout
    assert "30 rows" in second.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kit.audit SET subject = 'somebody' WHERE id = 7",
        "UPDATE kit.audit SET at = at + interval '1 second' WHERE id = 7",
        "DELETE FROM kit.audit WHERE id = 7",
        "DELETE FROM kit.audit WHERE id = 30",
        "DELETE FROM kit.audit_chain WHERE number = 7",
        "DELETE FROM kit.audit_chain WHERE number = 30",
        "UPDATE kit.audit_chain SET number = number + 1000 WHERE number >= 7",
    ],
    ids=["edit", "edit time", "delete middle", "delete tail", "unchain", "unchain tail", "gap"],
)
async def test_a_row_changed_or_gone(trail: Trail, statement: str) -> None:
    await trail.owner.execute(statement)
    await trail.found()


async def test_a_row_inserted(trail: Trail) -> None:
    await trail.owner.execute(
        "INSERT INTO kit.audit (at, subject, role, post_id, action, object_id, region_path,"
        " outcome, reason, from_state, to_state, rule_version, decision_id, traceparent, service,"
        " key_id, mac) SELECT at, 'forged', role, post_id, action, object_id, region_path, outcome,"
        " reason, from_state, to_state, rule_version, decision_id, traceparent, service, key_id,"
        " mac FROM kit.audit WHERE id = 7"
    )
    assert "31" in await trail.found()
    await trail.sealer.look()
    assert "31" in await trail.found(), "sealing a forged row does not make it genuine"


async def test_rows_reordered(trail: Trail) -> None:
    await trail.owner.execute(
        "UPDATE kit.audit_chain SET audit_id = CASE audit_id WHEN 7 THEN -8 ELSE -7 END"
        " WHERE audit_id IN (7, 8)"
    )
    await trail.owner.execute("UPDATE kit.audit_chain SET audit_id = -audit_id WHERE audit_id < 0")
    await trail.found()


async def test_rows_swapped(trail: Trail) -> None:
    await trail.owner.execute(
        f"UPDATE kit.audit a SET ({CONTENT}) = (SELECT {CONTENT} FROM kit.audit b"
        " WHERE b.id = CASE a.id WHEN 7 THEN 8 ELSE 7 END) WHERE a.id IN (7, 8)"
    )
    await trail.found()


async def test_a_row_of_another_service(trail: Trail) -> None:
    await trail.write(99, service="gateway")
    await trail.sealer.look()
    await trail.found()


async def test_the_end_cut_off_behind_a_checkpoint(trail: Trail) -> None:
    await trail.owner.execute("DELETE FROM kit.audit WHERE id > 25")
    await trail.owner.execute("DELETE FROM kit.audit_chain WHERE number > 25")
    assert "checkpoint 30" in await trail.found()


async def test_a_checkpoint_changed_or_removed(trail: Trail) -> None:
    file = checkpoint.file_of("filing")
    before = file.read_text()
    file.write_text(before.replace('"number":30', '"number":29'))
    await trail.owner.execute(
        "UPDATE kit.audit_checkpoint SET line = replace(line, '\"number\":30', '\"number\":29')"
    )
    await trail.found()
    file.write_text(before)
    with pytest.raises(Exception, match="differ"):
        await trail.inside()


async def test_a_fork(trail: Trail) -> None:
    """The rows since a point replaced by genuine ones, their links made to fit."""
    await trail.owner.execute("DELETE FROM kit.audit_chain WHERE number > 25")
    await trail.owner.execute("DELETE FROM kit.audit WHERE id > 25")
    for number in range(40, 46):
        await trail.write(number)
    await Sealer(trail.database, trail.keyring, Seals(), every=9).look()
    assert "checkpoint 30" in await trail.found()


async def test_an_old_backup(trail: Trail) -> None:
    """The database of yesterday, its checkpoints included; the file outside knows better."""
    for table, column in (
        ("audit", "id"),
        ("audit_chain", "number"),
        ("audit_checkpoint", "number"),
    ):
        await trail.owner.execute(f"DELETE FROM kit.{table} WHERE {column} > 20")
    second = await trail.alone()
    assert "checkpoint 30" in second.stdout
    with pytest.raises(Exception, match="checkpoint"):
        await trail.inside()


async def test_everything_hashed_anew(trail: Trail) -> None:
    await trail.owner.execute("UPDATE kit.audit SET subject = 'somebody' WHERE id = 7")
    await rehash(trail)
    assert "MAC" in await trail.found()
    await trail.owner.execute("DELETE FROM kit.audit WHERE id = 7")
    await trail.owner.execute("DELETE FROM kit.audit_chain WHERE number = 7")
    await trail.owner.execute("UPDATE kit.audit_chain SET number = number + 999 WHERE number > 7")
    await trail.owner.execute("UPDATE kit.audit_chain SET number = number - 1000 WHERE number > 7")
    await rehash(trail)
    assert "checkpoint 20" in await trail.found()


async def test_without_a_chain_a_deleted_row_is_not_missed(trail: Trail) -> None:
    """Negative control: it is the chain that notices."""
    await trail.owner.execute("TRUNCATE kit.audit_chain, kit.audit_checkpoint")
    await trail.owner.execute("UPDATE kit.audit SET sealed = false")
    checkpoint.file_of("filing").unlink()
    await trail.owner.execute("DELETE FROM kit.audit WHERE id = 7")
    assert (await trail.inside()).unsealed == 29


async def test_twelve_writers_raise_no_false_alarm(trail: Trail) -> None:
    async def writer(number: int) -> None:
        for at in range(25):
            await trail.write(number * 1000 + at)

    sealers = [Sealer(trail.database, trail.keyring, Seals()) for _ in range(2)]
    stop = asyncio.Event()
    running = [asyncio.create_task(one.run(stop)) for one in sealers]
    await asyncio.gather(*[writer(number) for number in range(1, 13)])
    stop.set()
    await asyncio.gather(*running)
    await trail.sealer.look()
    found = await trail.inside()
    assert (found.rows, found.unsealed) == (330, 0)
    assert (await trail.alone()).returncode == 0


async def test_the_application_cannot_change_what_is_sealed(trail: Trail) -> None:
    for statement in (
        "UPDATE kit.audit SET subject = 'x' WHERE id = 7",
        "DELETE FROM kit.audit",
        "UPDATE kit.audit_chain SET link = '' WHERE number = 7",
        "DELETE FROM kit.audit_chain",
        "DELETE FROM kit.audit_checkpoint",
    ):
        with pytest.raises(Exception, match="permission denied"):
            await trail.database.pool.execute(statement)


async def test_a_checkpoint_lost_between_file_and_table_is_recovered(trail: Trail) -> None:
    await trail.owner.execute("DELETE FROM kit.audit_checkpoint WHERE number = 30")
    assert (await trail.inside()).rows == 30
    await Sealer(trail.database, trail.keyring, Seals()).look()
    assert await trail.owner.fetchval("SELECT max(number) FROM kit.audit_checkpoint") == 30


async def test_writing_stops_when_nothing_is_sealed_for_hours(trail: Trail) -> None:
    seals = Seals()
    await trail.write(99)
    await trail.owner.execute("UPDATE kit.audit SET at = at - interval '5 hours' WHERE NOT sealed")
    oldest = await trail.owner.fetchval(
        "SELECT extract(epoch FROM clock_timestamp() - min(at))::float FROM kit.audit"
        " WHERE NOT sealed"
    )
    seals.oldest = oldest
    assert oldest > STOP_SECONDS
    with pytest.raises(Refusal) as refused:
        seals.expect_sealing()
    assert refused.value.code == "common.audit_stopped"
