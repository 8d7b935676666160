"""An account disabled by one administrator, enabled by another."""

import asyncio
from typing import Any

import pytest

from gateway.posts.accounts import Standing, disable, enable
from gateway.posts.domain import Holdings
from kit.acting import Actor
from kit.errors import Refusal
from kit.ids import uuid7
from tests.gateway.posts.test_room import DATONG, facts, refused

DISABLED = Holdings("anna", 3, disabled_by=Actor("admin", person_key="admins-key"))


async def call(room: Any, name: str, who: Any = None, account: str = "anna", **fields: Any) -> Any:
    """An RPC about an account."""
    asked = {"account": account, "request_id": str(uuid7()), "reason": "离职"} | fields
    return await room.call(name, who, **asked)


@pytest.mark.parametrize(
    ("rule", "holdings", "actor", "code"),
    [
        (disable, Holdings("anna"), Actor("anna"), "posts.own_account"),
        (disable, DISABLED, Actor("second"), "posts.account_disabled"),
        (enable, DISABLED, Actor("anna"), "posts.own_account"),
        (enable, DISABLED, Actor("admin"), "posts.same_administrator"),
        (enable, DISABLED, Actor("other", person_key="admins-key"), "posts.same_administrator"),
        (enable, Holdings("anna"), Actor("second"), "posts.account_enabled"),
    ],
)
def test_who_may_not(rule: Any, holdings: Holdings, actor: Actor, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        rule(holdings, actor, "离职")
    assert refusal.value.code == code


def test_each_change_counts_on() -> None:
    made: Standing = disable(Holdings("anna", 3), Actor("admin"), "离职")
    assert (made.state, made.fact.grants_version) == ("DISABLED", 4)
    made = enable(DISABLED, Actor("second"), "误停")
    assert (made.state, made.fact.fact_version) == ("ENABLED", 4)


async def test_a_disabled_account_has_no_post_in_force_until_it_is_enabled(room, rows) -> None:
    await room.grant("anna", "TOWN_CLERK", DATONG)
    assert not (await call(room, "DisableAccount")).enabled
    holdings, moment = await room.posts.held("anna")
    assert (holdings.in_force(moment.today), holdings.disabled_by.account) == ((), "admin")
    assert await refused(call(room, "EnableAccount")) == "posts.same_administrator"
    assert (await call(room, "EnableAccount", room.second)).enabled
    holdings, moment = await room.posts.held("anna")
    assert len(holdings.in_force(moment.today)) == 1
    assert await facts(rows) == [("anna", 1), ("anna", 2), ("anna", 3)]
    told = await rows("SELECT to_state, reason FROM kit.audit WHERE object_id = 'anna' ORDER BY id")
    assert [tuple(row) for row in told] == [("DISABLED", "离职"), ("ENABLED", "离职")]


async def test_an_account_without_posts_can_be_disabled_once(room, rows) -> None:
    key = str(uuid7())
    work = [call(room, "DisableAccount", account="resident", request_id=key) for _ in range(5)]
    answers = await asyncio.gather(*work)
    assert [one.enabled for one in answers] == [False] * 5
    assert await facts(rows) == [("resident", 1)]
