"""The applicant of a filed organization becomes its officer; demonstration posts are seeded once."""

import asyncio

import pytest

from gateway import seed as module
from gateway.posts.reactions import Officers
from kit.ids import uuid7
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled

COMMUNITY = "460106004002"
PATH = "/460000000000/460100000000/460106000000/460106004000/460106004002/"


def filed(organization: str) -> OrganizationFiled:
    return OrganizationFiled(
        organization_id=organization,
        fact_version=3,
        region_path=PATH,
        community_code=COMMUNITY,
        applicant_account="anna",
        actor_role=Role.TOWN_LEAD,
    )


async def test_the_applicant_becomes_owner_once(room, rows) -> None:
    officers, organization = Officers(room.posts), str(uuid7())
    for _ in range(2):
        async with room.database.transaction() as connection:
            await officers.on_organization_filed(connection, filed(organization), None)
    (post,) = await rows("SELECT * FROM post")
    assert (post["account"], post["role"], post["organization_id"]) == (
        "anna",
        "ORG_OWNER",
        organization,
    )
    assert (post["region_path"], post["granted_by"]) == (PATH, "system:gateway")
    versions = await rows("SELECT aggregateid, aggregate_version FROM kit.outbox")
    assert [tuple(row) for row in versions] == [("anna", 1)]


async def test_a_second_organization_is_a_second_post(room) -> None:
    officers = Officers(room.posts)
    for _ in range(2):
        async with room.database.transaction() as connection:
            await officers.on_organization_filed(connection, filed(str(uuid7())), None)
    holdings, _ = await room.posts.held("anna")
    assert (holdings.version, len(holdings.posts)) == (2, 2)


async def interrupted(room) -> None:
    async with room.database.transaction() as connection:
        await Officers(room.posts).on_organization_filed(connection, filed(str(uuid7())), None)
        raise RuntimeError


async def test_a_rolled_back_reaction_leaves_nothing(room, rows) -> None:
    with pytest.raises(RuntimeError):
        await interrupted(room)
    assert await rows("SELECT 1 FROM grants") == []


async def test_every_demonstration_account_gets_its_post_once(room, rows, capsys) -> None:
    wanted = {
        (row["account_id"], row["role"])
        for row in module.read(module.demo_users())
        if row["role"] not in ("", "RESIDENT")
    }
    assert await asyncio.to_thread(module.seed) == len(wanted)
    assert await asyncio.to_thread(module.seed) == 0
    assert f"0 made, {len(wanted)} there already" in capsys.readouterr().out
    found = await rows("SELECT account, role, granted_by FROM post")
    assert {(row["account"], row["role"]) for row in found} == wanted
    assert {row["granted_by"] for row in found} == {"seed"}


def test_production_has_no_demonstration_posts(monkeypatch) -> None:
    monkeypatch.setattr(settings(), "profile", "production")
    with pytest.raises(RuntimeError, match="production"):
        module.seed()
