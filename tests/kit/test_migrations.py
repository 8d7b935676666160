"""The migrator waits briefly for a lock, and often: nobody stands behind it for long."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from kit import database as migrator
from kit.database import connect
from tests.conftest import Workload


async def test_a_lock_in_the_way_is_waited_for_in_short_tries(
    workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workload("filing")
    monkeypatch.setattr(migrator, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(migrator, "LOCK_REST", 0.3)
    (tmp_path / "0001_column.sql").write_text("ALTER TABLE kit.clock ADD COLUMN tried int;")
    reader, owner = await connect("filing", "app"), await connect("filing", "owner")
    held = reader.transaction()
    await held.start()
    await reader.fetchval("SELECT shift_days FROM kit.clock")
    work = asyncio.create_task(migrator._apply(owner, "tried", tmp_path, "nobody"))
    await asyncio.sleep(0.35)
    other = await connect("filing", "app")
    async with asyncio.timeout(10):  # others pass while it rests
        await other.fetchval("SELECT shift_days FROM kit.clock")
    await held.rollback()
    assert await work == ["tried/0001_column.sql"]
    await owner.execute("ALTER TABLE kit.clock DROP COLUMN tried")
    await owner.execute("DELETE FROM public.migration WHERE component = 'tried'")
    for one in (reader, other, owner):
        await one.close()


async def test_it_gives_up_in_the_end(
    workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workload("filing")
    for name, value in {"LOCK_SECONDS": 0.05, "LOCK_REST": 0.05, "LOCK_TRIES": 2}.items():
        monkeypatch.setattr(migrator, name, value)
    (tmp_path / "0001_column.sql").write_text("ALTER TABLE kit.clock ADD COLUMN tried int;")
    reader, owner = await connect("filing", "app"), await connect("filing", "owner")
    async with reader.transaction():
        await reader.fetchval("SELECT shift_days FROM kit.clock")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await migrator._apply(owner, "tried", tmp_path, "nobody")
    await reader.close()
    await owner.close()


async def test_an_index_is_made_while_somebody_writes(workload: Workload, tmp_path: Path) -> None:
    await workload("filing")
    text = "DROP INDEX CONCURRENTLY IF EXISTS kit.tried;\nCREATE INDEX CONCURRENTLY tried ON kit.clock (one);\n"
    (tmp_path / "0001_index.sql").write_text(f"{migrator.OUTSIDE}\n{text}")
    owner = await connect("filing", "owner")
    assert await migrator._apply(owner, "tried", tmp_path, "nobody") == ["tried/0001_index.sql"]
    assert await migrator._apply(owner, "tried", tmp_path, "nobody") == []
    await owner.execute("DROP INDEX kit.tried")
    await owner.execute("DELETE FROM public.migration WHERE component = 'tried'")
    await owner.close()
