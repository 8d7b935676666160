"""The first two security administrators of an installation."""

import pytest

from gateway.posts import founding
from kit.call import enter
from kit.cli.operator import acting
from kit.errors import Refusal
from tests.gateway.posts.test_room import refused

COMMAND = ("found_administrators", "first-administrators")


async def in_force(room, account: str) -> list[str]:
    """Roles an account may act under."""
    holdings, moment = await room.posts.held(account)
    return [post.role for post in holdings.in_force(moment.today)]


async def test_two_accounts_become_administrators_once(room, rows) -> None:
    enter(acting(*COMMAND))
    await founding.found(room.posts, ["anna", "bao"])
    assert await in_force(room, "anna") == await in_force(room, "bao") == ["SEC_ADMIN"]
    told = await rows("SELECT action, subject FROM kit.audit")
    assert {(row["action"], row["subject"][:9]) for row in told} == {(COMMAND[0], "operator:")}
    assert await refused(founding.found(room.posts, ["chen", "deng"])) == "posts.not_the_first"
    assert await in_force(room, "chen") == []


async def test_where_all_are_gone_two_are_named_again(room) -> None:
    enter(acting(*COMMAND))
    await founding.found(room.posts, ["anna", "bao"])
    for account in ("anna", "bao"):
        holdings, _ = await room.posts.held(account)
        await room.revoke(holdings.posts[0].post_id)
    enter(acting(*COMMAND))
    await founding.found(room.posts, ["chen", "deng"])
    assert await in_force(room, "deng") == ["SEC_ADMIN"]


@pytest.mark.parametrize("accounts", [["anna", "anna"], ["anna"]])
async def test_one_person_is_not_two(room, accounts: list[str]) -> None:
    enter(acting(*COMMAND))
    with pytest.raises(Refusal) as refusal:
        await founding.found(room.posts, accounts)
    assert refusal.value.code == "posts.two_persons"


async def test_an_administrator_of_another_kind_makes_both_fail(room) -> None:
    await room.grant("bao", "SYS_ADMIN", "460000000000")
    enter(acting(*COMMAND))
    assert await refused(founding.found(room.posts, ["anna", "bao"])) == "posts.one_administrator"
    assert await in_force(room, "anna") == []
