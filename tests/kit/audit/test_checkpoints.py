"""Checkpoints: made once however many processes seal, whole after a crash, trusted only as far as they go."""

import time

import pytest

from kit.audit import Sealer, Seals, checkpoint
from kit.audit.verify import Broken, snapshot, verify
from kit.database import connect
from tests.kit.audit.conftest import Trail

KEPT = "SELECT line FROM kit.audit_checkpoint ORDER BY number"
DUE = -1e9


async def since(trail: Trail) -> int:
    """Rows that `minzheng audit verify --since-checkpoint` walks."""
    connection = await connect("filing", "app")
    try:
        found = await verify(connection, "filing", trail.keyring, since_checkpoint=True)
        return found.rows
    finally:
        await connection.close()


async def kept(trail: Trail) -> list[int]:
    """Numbers of the checkpoints, the same in file and table."""
    rows = [row["line"] for row in await trail.owner.fetch(KEPT)]
    assert rows == list(checkpoint.lines("filing"))
    return [checkpoint.Checkpoint.read(line).number for line in rows]


async def more(trail: Trail, rows: int) -> Sealer:
    """Rows sealed by a process that has just made the last checkpoint."""
    for number in range(rows):
        await trail.write(100 + number)
    sealer = Sealer(trail.database, trail.keyring, Seals(), _last=(30, time.monotonic()))
    await sealer.look()
    return sealer


async def test_from_the_last_checkpoint_on_only_what_follows_is_walked(trail: Trail) -> None:
    await more(trail, 5)
    assert await since(trail) == 5
    await trail.owner.execute("UPDATE kit.audit SET reason = 'other' WHERE id = 33")
    with pytest.raises(Broken, match="33"):
        await since(trail)


async def test_a_checkpoint_that_cannot_be_written_holds_up_the_chain(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: checkpoint.Checkpoint) -> None:
        raise FileExistsError

    sealer = await more(trail, 5)
    sealer._last = (30, DUE)
    monkeypatch.setattr(checkpoint, "append", refused)
    await trail.write(200)
    with pytest.raises(FileExistsError):
        await sealer.look()
    unsealed = "SELECT count(*) FROM kit.audit WHERE NOT sealed"
    assert await trail.owner.fetchval(unsealed) == 1
    monkeypatch.undo()
    await sealer.look()
    assert await trail.owner.fetchval(unsealed) == 0


@pytest.mark.parametrize("end", [25, 0])
async def test_a_chain_that_does_not_reach_the_trusted_checkpoint(trail: Trail, end: int) -> None:
    await trail.owner.execute("DELETE FROM kit.audit WHERE id > $1", end)
    await trail.owner.execute("DELETE FROM kit.audit_chain WHERE number > $1", end)
    with pytest.raises(Broken, match="checkpoint 30"):
        await since(trail)


async def test_a_long_reading_is_not_cut_off_like_a_call(trail: Trail) -> None:
    connection = await connect("filing", "app")
    limit = "SHOW statement_timeout"
    assert await connection.fetchval(limit) != "0"
    async with snapshot(connection):
        assert await connection.fetchval(limit) == "0"
    await connection.close()


async def test_a_second_process_makes_no_checkpoint_twice(trail: Trail) -> None:
    first = await more(trail, 5)
    second = Sealer(trail.database, trail.keyring, Seals(), _last=(30, DUE))
    first._last = (30, DUE)
    for sealer in (first, second, first):
        await sealer.look()
    assert await kept(trail) == [20, 30, 35]


async def test_a_line_of_a_process_that_died_is_kept_by_one_that_lives(trail: Trail) -> None:
    living = await more(trail, 5)
    living._last = (20, DUE)
    await trail.owner.execute("DELETE FROM kit.audit_checkpoint WHERE number = 30")
    await living.look()
    assert await kept(trail) == [20, 30, 35]


async def test_half_a_line_of_a_crash_is_replaced(trail: Trail) -> None:
    with checkpoint.file_of("filing").open("a") as stream:
        stream.write('{"service":"fil')
    sealer = await more(trail, 5)
    sealer._last = (30, DUE)
    await sealer.look()
    assert await kept(trail) == [20, 30, 35]
    assert (await trail.inside()).rows == 35
    assert (await trail.alone()).returncode == 0


async def test_a_checkpoint_made_during_a_verification_is_no_alarm(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(checkpoint.lines("filing"))
    readings = iter([whole[:-1], whole])
    monkeypatch.setattr(checkpoint, "lines", lambda _: next(readings))
    assert (await trail.inside()).checkpoints == 2
    monkeypatch.setattr(checkpoint, "lines", lambda _: whole[:-1])
    with pytest.raises(Broken, match="differ"):
        await trail.inside()
