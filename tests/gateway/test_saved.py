"""Filters that a person saved: sealed, the person's own, twenty at most, gone with the last post."""

from uuid import uuid4

import pytest

from gateway.portal.saved import MOST, Saved, SavedFilters
from kit.outbox import Doorbell
from kit.unit import Unit
from tests.conftest import Workload
from tests.filing.service import KEYRING

CASES = "/gov/cases"
HELD = """INSERT INTO post (post_id, account, role, region_code, region_path, organization_id, valid_from,
 valid_to, granted_by, revoked_by, reason, created_at) VALUES (gen_random_uuid(), $1, 'TOWN_CLERK', '46',
 '/46/', '', '2020-01-01', current_date + $2::int, 'sec', '', '', now())"""


@pytest.fixture
async def rows(workload: Workload) -> SavedFilters:
    """The gateway's own database."""
    return SavedFilters(Unit(await workload("gateway"), Doorbell(), KEYRING))


def one(title: str = "超期", conditions: str = "late=yes", page: str = CASES) -> Saved:
    return Saved(uuid4(), page, title, conditions)


async def titles(rows: SavedFilters, account: str = "anna") -> list[str]:
    return [found.title for found in await rows.of(account)]


async def test_it_is_kept_sealed_for_the_person_alone(rows: SavedFilters) -> None:
    saved = one("王芳的社团", "search=王芳")
    assert await rows.keep("anna", saved)
    assert await rows.of("anna") == [saved]
    assert saved.path == "/gov/cases?search=王芳"
    assert "王芳" not in repr(saved)
    assert await rows.of("bert") == []
    cell = bytes(await rows.unit.database.pool.fetchval("SELECT told FROM saved_filter"))
    assert "王芳".encode() not in cell
    await rows.remove("bert", saved.saved_id)
    assert await titles(rows) == ["王芳的社团"]
    await rows.remove("anna", saved.saved_id)
    assert await titles(rows) == []


async def test_twenty_are_kept_and_a_name_is_kept_once(rows: SavedFilters) -> None:
    first, again = one("甲"), one("甲", "late=no")
    assert await rows.keep("anna", first)
    assert await rows.keep("anna", first)
    assert await rows.keep("anna", again)
    assert await rows.of("anna") == [again]
    assert await rows.keep("anna", one("甲", page="/gov/orgs"))
    for number in range(MOST - 2):
        assert await rows.keep("anna", one(f"第{number}"))
    assert not await rows.keep("anna", one("太多"))
    assert len(await rows.of("anna")) == MOST
    assert await rows.keep("anna", one("甲", "late=yes"))
    assert await rows.keep("bert", one("乙"))
    await rows.remove("anna", (await rows.of("anna"))[3].saved_id)
    assert await rows.keep("anna", one("有空位"))


async def test_they_go_a_month_after_the_last_post(rows: SavedFilters) -> None:
    pool = rows.unit.database.pool
    ends = {"anna": (-31,), "bert": (-31, -29), "carl": (-400, None), "dora": ()}
    for account, days in ends.items():
        await rows.keep(account, one())
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
            for day in days:
                await connection.execute(HELD, account, day)
    assert await rows.forget() == 2
    assert [await titles(rows, account) for account in ends] == [[], ["超期"], ["超期"], []]
    assert await rows.forget() == 0
