"""A post in another's stead: proposed by its holder, confirmed by an administrator, ends with its source."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.posts.delegation import LONGEST, delegate
from gateway.posts.domain import Asked, Holdings, Outcome, Post, PostChanged
from kit.acting import Actor
from kit.calendar import Moment
from kit.errors import Refusal
from kit.identity import Caller
from kit.ids import uuid7
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import Role

DATONG, LONGHUA = "460106004000", "460106000000"
TODAY = date(2026, 3, 2)
NOW = Moment(TODAY, datetime(2026, 3, 2, 1, tzinfo=UTC))
SOURCE = Post(
    "p1", "lead", "TOWN_LEAD", DATONG, hainan().get(DATONG).path, TODAY, "admin", NOW.at,
    person_keys=("leads-key",), confirmed_at=NOW.at, confirmed_by="second",
)  # fmt: skip


def delegated(source: Post = SOURCE, to: Holdings | None = None, **more: object) -> Outcome:
    asked = Asked("p2", source.role, source.region_code, TODAY, TODAY + timedelta(5))
    asked = replace(asked, **more)  # type: ignore[arg-type]
    own, actor = Holdings("lead", 7, (source,)), Actor("lead", person_key="leads-key")
    return delegate(own, source, to or Holdings("anna", 1), asked, actor, "公休", NOW)


def code_of(**fields: object) -> str:
    with pytest.raises(Refusal) as refusal:
        delegated(**fields)  # type: ignore[arg-type]
    return refusal.value.code


def test_a_delegation_has_role_and_node_of_its_source_and_names_the_delegator() -> None:
    outcome = delegated()
    post = outcome.post
    assert (post.account, post.role, post.region_code) == ("anna", "TOWN_LEAD", DATONG)
    assert (post.delegated_from, post.delegator, post.delegator_key) == ("p1", "lead", "leads-key")
    assert (post.state, post.valid_to) == ("PROPOSED", TODAY + timedelta(5))
    assert outcome.fact == PostChanged("lead", 8, 8)


def test_a_delegation_is_not_passed_on() -> None:
    assert code_of(source=replace(SOURCE, delegated_from="p0")) == "posts.delegated_on"


def test_nobody_delegates_to_oneself() -> None:
    assert code_of(to=Holdings("lead", 7, (SOURCE,))) == "posts.own_delegation"
    other = replace(SOURCE, account="anna", role="DEPT")
    assert code_of(to=Holdings("anna", 1, (other,))) == "posts.own_delegation"


@pytest.mark.parametrize(
    "days",
    [
        {"valid_from": TODAY - timedelta(1)},
        {"valid_to": TODAY - timedelta(1)},
        {"valid_to": TODAY + LONGEST + timedelta(1)},
    ],
)
def test_a_delegation_covers_a_leave(days: dict[str, date]) -> None:
    assert code_of(**days) == "posts.dates"
    assert delegated(valid_to=TODAY + LONGEST).post.valid_to == TODAY + LONGEST


def test_a_delegation_ends_no_later_than_its_source() -> None:
    ending = replace(SOURCE, valid_to=TODAY + timedelta(4))
    assert code_of(source=ending) == "posts.dates"
    assert delegated(ending, valid_to=TODAY + timedelta(4))


def test_who_holds_the_post_already_needs_no_delegation() -> None:
    held = replace(SOURCE, post_id="p3", account="anna", person_keys=())
    assert code_of(to=Holdings("anna", 1, (held,))) == "posts.already_held"


class Leave:
    """A lead of Datong and what is delegated from the post."""

    def __init__(self, room: object, post: object, today: date) -> None:
        self.room, self.post, self.today = room, post, today
        self.lead = room.acting(post)

    async def delegate(self, account: str, who: Caller | None = None, **fields: object):
        days = {
            "valid_from": self.today.isoformat(),
            "valid_to": (self.today + timedelta(3)).isoformat(),
        }
        fields = {"post_id": str(uuid7()), "reason": "公休"} | days | fields
        answer = await self.room.call("DelegatePost", who or self.lead, account=account, **fields)
        return answer.post

    async def end(self, post_id: str, who: Caller):
        fields = {"request_id": str(uuid7()), "reason": "提前返岗"}
        return (await self.room.call("EndDelegation", who, post_id=post_id, **fields)).post


@pytest.fixture
async def leave(room) -> Leave:
    post = await room.grant("lead", "TOWN_LEAD", DATONG)
    _, moment = await room.posts.held("lead")
    return Leave(room, post, moment.today)


async def in_force(room, account: str) -> list[str]:
    holdings, moment = await room.posts.held(account)
    return [post.post_id for post in holdings.in_force(moment.today)]


async def refused(work) -> str:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code


async def test_a_delegation_waits_for_an_administrator(room, leave) -> None:
    post = await leave.delegate("anna")
    assert (post.state.name, post.delegator, post.reason) == ("PROPOSED", "lead", "公休")
    assert await in_force(room, "anna") == []
    await room.confirm(post.post_id, room.admin)
    assert await in_force(room, "anna") == [post.post_id]


async def test_neither_holder_nor_delegator_confirms_it(room, leave) -> None:
    post = await leave.delegate("anna")
    for account, code in (("anna", "posts.own_grant"), ("lead", "posts.same_administrator")):
        who = Caller(account, Role.SEC_ADMIN, "x", "460000000000", "/460000000000/")
        assert await refused(room.confirm(post.post_id, who)) == code


async def test_the_same_delegation_twice_is_one(room, leave, rows) -> None:
    key = str(uuid7())
    first = await leave.delegate("anna", post_id=key)
    assert await leave.delegate("anna", post_id=key) == first
    assert (await rows("SELECT count(*) FROM post WHERE delegator = 'lead'"))[0][0] == 1


async def test_a_delegation_ends_with_its_source(room, leave, rows) -> None:
    first, waits = await leave.delegate("anna"), await leave.delegate("bert")
    await room.confirm(first.post_id)
    before = (await room.posts.held("anna"))[0].version
    await room.revoke(leave.post.post_id)
    assert await in_force(room, "anna") == []
    assert await refused(room.confirm(waits.post_id)) == "posts.already_revoked"
    holdings, _ = await room.posts.held("anna")
    assert (holdings.version, holdings.posts[0].reason) == (before + 1, "所代理的岗位已撤销")
    told = await rows("SELECT aggregateid FROM kit.outbox WHERE aggregateid = 'anna'")
    assert len(told) == before + 1


async def test_a_revoked_source_and_a_new_delegation_meet_in_some_order(room, leave) -> None:
    """Whoever is first: no delegation of a revoked post can come in force."""
    work = [room.revoke(leave.post.post_id), leave.delegate("anna")]
    await asyncio.gather(*map(asyncio.create_task, work), return_exceptions=True)
    for post in (await room.posts.held("anna"))[0].posts:
        assert await refused(room.confirm(post.post_id)) == "posts.already_revoked"


async def test_a_delegation_made_while_its_source_is_revoked_ends_with_it(
    room, leave, monkeypatch
) -> None:
    """Made just after the revocation looked for delegations, it is found when that starts over."""
    look, made = room.posts.derived, []

    async def looked(post_id: str) -> list:
        found = await look(post_id)
        if not made:
            made.append(await asyncio.create_task(leave.delegate("anna")))
        return found

    monkeypatch.setattr(room.posts, "derived", looked)
    await room.revoke(leave.post.post_id)
    assert await refused(room.confirm(made[0].post_id)) == "posts.already_revoked"


async def test_a_revocation_reads_what_an_account_holds_once(room, leave, monkeypatch) -> None:
    await room.confirm((await leave.delegate("anna")).post_id)
    look, asked = room.posts._held, []

    async def looked(accounts, *more):
        asked.extend(accounts)
        return await look(accounts, *more)

    monkeypatch.setattr(room.posts, "_held", looked)
    await room.revoke(leave.post.post_id)
    assert sorted(asked) == ["anna", "lead"]
    lone = await room.grant("bert", "TOWN_CLERK", DATONG)
    asked.clear()
    await room.revoke(lone.post_id)
    assert asked == ["bert"]


async def test_both_parties_end_it_and_nobody_else(room, leave) -> None:
    given = [await leave.delegate(name) for name in ("anna", "bert", "carl")]
    confirmed = [await room.confirm(post.post_id) for post in given]
    assert (await leave.end(given[0].post_id, leave.lead)).state.name == "REVOKED"
    assert not (await leave.end(given[1].post_id, room.acting(confirmed[1]))).in_force
    clerk = await room.grant("dora", "TOWN_CLERK", DATONG)
    assert await refused(leave.end(given[2].post_id, room.acting(clerk))) == "posts.not_delegation"
    far = await room.grant("emil", "TOWN_LEAD", "460204000000")
    assert await refused(leave.end(given[2].post_id, room.acting(far))) == "common.not_found"
    assert await in_force(room, "carl") == [given[2].post_id]


async def test_a_delegate_delegates_nothing(room, leave) -> None:
    post = await room.confirm((await leave.delegate("anna")).post_id)
    assert await refused(leave.delegate("bert", room.acting(post))) == "posts.delegated_on"


async def test_a_post_not_in_force_is_not_delegated(room, leave) -> None:
    await room.revoke(leave.post.post_id)
    assert await refused(leave.delegate("anna")) == "common.not_found"


async def test_the_delegator_sees_what_is_delegated(room, leave) -> None:
    post = await leave.delegate("anna")
    shown = (await room.call("ListOwnPosts", leave.lead)).delegations
    assert [one.post_id for one in shown] == [post.post_id]
    stranger = await room.grant("bert", "TOWN_CLERK", DATONG)
    assert (await room.call("ListOwnPosts", room.acting(stranger))).delegations == []


async def test_a_delegation_is_over_after_its_last_day(room, leave, rows) -> None:
    post = await room.confirm((await leave.delegate("anna")).post_id)
    assert await in_force(room, "anna") == [post.post_id]
    await rows("UPDATE kit.clock SET shift_days = 4")
    assert await in_force(room, "anna") == []
    assert len(await in_force(room, "lead")) == 1
