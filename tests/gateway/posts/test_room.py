"""Granting, revoking and listing on PostgreSQL: one statement, once, under row security."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from gateway.posts.domain import Post
from gateway.posts.store import REVOKE
from kit.errors import Kind, Refusal
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox.row import aggregate_of
from kit.regions import hainan
from kit.sql import bind
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged, PostState

DATONG, LONGHUA, HAIKOU, PROVINCE = "460106004000", "460106000000", "460100000000", "460000000000"


async def facts(rows) -> list[tuple[str, int]]:
    found = []
    for row in await rows("SELECT * FROM kit.outbox ORDER BY id"):
        fact = PostChanged.from_binary(row["payload"])
        assert aggregate_of(fact)[1:] == (row["aggregateid"], row["aggregate_version"])
        assert fact.grants_version == fact.fact_version
        found.append((fact.account, fact.fact_version))
    return found


async def refused(work) -> str:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code


async def test_a_grant_leaves_post_audit_answer_and_fact(room, rows) -> None:
    post = await room.grant("anna", "TOWN_CLERK", DATONG)
    assert (post.in_force, post.role_name) == (True, "街道（乡镇）经办")
    assert post.region.full_name == "海口市龙华区大同街道"
    (stored,) = await rows("SELECT * FROM post")
    assert (stored["granted_by"], stored["region_path"]) == ("admin", hainan().get(DATONG).path)
    audit = await rows("SELECT action, subject, from_state, to_state FROM kit.audit ORDER BY id")
    assert [tuple(row) for row in audit] == [
        ("grant_post", "admin", "", "PROPOSED"),
        ("confirm_post", "second", "PROPOSED", "GRANTED"),
    ]
    assert await facts(rows) == [("anna", 1)]
    assert (await rows("SELECT count(*) FROM kit.request"))[0][0] == 2


async def test_a_proposal_is_not_in_force_and_states_nothing(room, rows) -> None:
    post = await room.propose("anna", "DEPT", LONGHUA)
    assert (post.in_force, post.state.name) == (False, "PROPOSED")
    holdings, moment = await room.posts.held("anna")
    assert (holdings.version, holdings.in_force(moment.today)) == (0, ())
    assert await facts(rows) == []
    assert await refused(room.confirm(post.post_id, room.admin)) == "posts.same_administrator"
    assert (await room.posts.held("anna"))[0].in_force(moment.today) == ()


async def test_a_declined_proposal_never_comes_in_force(room, rows) -> None:
    post = await room.propose("anna", "DEPT", LONGHUA)
    assert (await room.revoke(post.post_id, reason="误提")).state.name == "REVOKED"
    assert await refused(room.confirm(post.post_id)) == "posts.already_revoked"


async def test_a_confirmation_and_a_decline_at_once_have_one_winner(room, rows) -> None:
    post = await room.propose("anna", "DEPT", LONGHUA)
    work = [room.confirm(post.post_id), room.revoke(post.post_id)]
    await asyncio.gather(*map(asyncio.create_task, work), return_exceptions=True)
    (stored,) = await rows("SELECT confirmed_at, revoked_at FROM post")
    said = [tuple(row) for row in await rows("SELECT to_state FROM kit.audit ORDER BY id")]
    states = [state for (state,) in said if state]
    assert states in (["PROPOSED", "REVOKED"], ["PROPOSED", "GRANTED", "REVOKED"])
    assert stored["revoked_at"] is not None
    assert (stored["confirmed_at"] is not None) == ("GRANTED" in states)


async def test_the_list_narrows_to_what_waits(room) -> None:
    waits = await room.propose("anna", "DEPT", LONGHUA)
    await room.grant("bert", "DEPT", LONGHUA)
    answer = await room.call("ListPosts", state=PostState.PROPOSED)
    assert [post.post_id for post in answer.posts] == [waits.post_id]


async def test_the_same_grant_twice_is_one(room, rows) -> None:
    key = str(uuid7())
    first = await room.propose("anna", "DEPT", LONGHUA, post_id=key)
    assert await room.propose("anna", "DEPT", LONGHUA, post_id=key) == first
    assert await refused(room.propose("bert", "DEPT", LONGHUA, post_id=key)) == "common.key_reused"
    confirmed = await room.confirm(key, request_id=key)
    assert await room.confirm(key, request_id=key) == confirmed
    assert await facts(rows) == [("anna", 1)]


async def test_the_same_grant_at_the_same_time_is_one(room, rows) -> None:
    key = str(uuid7())
    for asked in (
        [room.propose("anna", "DEPT", LONGHUA, post_id=key) for _ in range(6)],
        [room.confirm(key, request_id=key) for _ in range(6)],
    ):
        answers = await asyncio.gather(*(asyncio.create_task(one) for one in asked))
        assert all(answer == answers[0] for answer in answers)
    assert await facts(rows) == [("anna", 1)]


async def test_changes_of_one_account_count_without_holes(room, rows) -> None:
    await room.grant("anna", "DEPT", PROVINCE)
    regions = [LONGHUA, HAIKOU]
    asked = [asyncio.create_task(room.grant("anna", "DEPT", region)) for region in regions]
    await asyncio.gather(*asked)
    assert await facts(rows) == [("anna", 1), ("anna", 2), ("anna", 3)]
    assert (await room.posts.held("anna"))[0].version == 3


async def test_a_revoked_post_is_not_in_force(room, rows) -> None:
    post = await room.grant("anna", "DEPT", LONGHUA)
    key = str(uuid7())
    ended = await room.revoke(post.post_id, request_id=key)
    assert not ended.in_force
    assert await room.revoke(post.post_id, request_id=key) == ended
    (stored,) = await rows("SELECT * FROM post")
    assert (stored["revoked_by"], stored["reason"]) == ("admin", "调离")
    assert await facts(rows) == [("anna", 1), ("anna", 2)]
    assert await refused(room.revoke(post.post_id)) == "posts.already_revoked"


async def test_the_end_of_a_post_sets_its_scope_itself(room, rows) -> None:
    """Whichever table the join reads first, the post is in scope when it is looked for."""
    post = await room.grant("anna", "DEPT", LONGHUA)
    values = {
        "revoked_at": datetime.now(UTC),
        "revoked_by": "admin",
        "reason": "调离",
        "post_id": UUID(post.post_id),
        "scope": room.admin.scope,
    }
    text, arguments = bind(f"WITH state AS (SELECT 1) {REVOKE}", values)
    assert await room.database.pool.execute(text, *arguments) == "UPDATE 1"


async def test_a_refused_grant_leaves_its_audit_row_only(room, rows) -> None:
    assert await refused(room.grant("admin", "DEPT", LONGHUA)) == "posts.own_grant"
    assert await refused(room.grant("anna", "CITY_CA", LONGHUA)) == "posts.wrong_level"
    assert await refused(room.grant("anna", "DEPT", "999999999999")) == "region.unknown"
    assert await rows("SELECT 1 FROM post") == []
    audit = await rows("SELECT outcome, reason FROM kit.audit ORDER BY id")
    assert [tuple(row) for row in audit][:2] == [
        ("refused", "posts.own_grant"),
        ("refused", "posts.wrong_level"),
    ]


async def test_an_account_is_one_administrator(room) -> None:
    await room.grant("anna", "SEC_ADMIN", PROVINCE)
    assert await refused(room.grant("anna", "SYS_ADMIN", PROVINCE)) == "posts.one_administrator"


async def test_the_database_too_allows_one_administrator(room, rows) -> None:
    await room.grant("anna", "SEC_ADMIN", PROVINCE)
    with pytest.raises(asyncpg.UniqueViolationError):
        await rows(
            "INSERT INTO post SELECT (jsonb_populate_record(post, jsonb_build_object("
            " 'post_id', gen_random_uuid(), 'role', 'SYS_ADMIN'))).* FROM post"
        )


async def test_the_database_too_refuses_a_grant_to_oneself(room, rows) -> None:
    await room.grant("anna", "DEPT", PROVINCE)
    with pytest.raises(asyncpg.CheckViolationError):
        await rows("UPDATE post SET granted_by = account")
    with pytest.raises(asyncpg.CheckViolationError):
        await rows("UPDATE post SET confirmed_by = account")
    with pytest.raises(asyncpg.CheckViolationError):
        await rows("UPDATE post SET confirmed_by = granted_by")


async def test_a_place_out_of_reach_is_as_if_absent(room) -> None:
    node = hainan().get(LONGHUA)
    local = Caller("local", Role.SEC_ADMIN, "l1", LONGHUA, node.path)
    elsewhere = await room.grant("anna", "DEPT", "460200000000")
    fields = {"post_id": elsewhere.post_id, "request_id": str(uuid7()), "reason": "调离"}
    for work in (
        room.call("RevokePost", local, **fields),
        room.call("ListPosts", local, region="460200000000"),
        room.call(
            "GrantPost",
            local,
            post_id=str(uuid7()),
            account="b",
            role=Role.DEPT,
            region_code=HAIKOU,
        ),
    ):
        assert await refused(work) == "common.not_found"
    assert (await room.call("ListPosts", local)).posts == []


async def test_a_list_pages_by_key(room) -> None:
    made = [(await room.grant(f"a{n}", "DEPT", LONGHUA)).post_id for n in range(5)]
    seen, token = [], ""
    while True:
        page = {"size": 2, "token": token}
        answer = await room.call("ListPosts", page=room_page(page))
        seen += [post.post_id for post in answer.posts]
        token = answer.page.next_token
        if not token:
            break
    assert seen == made[::-1]
    assert (await room.call("ListPosts", region=HAIKOU)).posts
    assert (await room.call("ListPosts", region="460200000000")).posts == []


@pytest.mark.parametrize("token", ["x", "WyJ4Il0", "WzFd"])
async def test_a_forged_page_is_malformed(room, token) -> None:
    with pytest.raises(Refusal) as refusal:
        await room.call("ListPosts", page=room_page({"size": 2, "token": token}))
    assert refusal.value.kind is Kind.MALFORMED


def room_page(fields):
    from proto.gen.minzheng.common.v1.paging_pb import PageRequest

    return PageRequest(**fields)


async def test_own_posts_are_those_of_the_caller_wherever_they_act(room) -> None:
    post = await room.grant("anna", "DEPT", LONGHUA)
    await room.grant("anna", "EXPERT", HAIKOU, valid_from="2199-01-01")
    await room.grant("bert", "DEPT", LONGHUA)
    who = Caller("anna", Role.DEPT, post.post_id, LONGHUA, hainan().get(LONGHUA).path)
    answer = await room.call("ListOwnPosts", who)
    assert [(one.role.name, one.in_force) for one in answer.posts] == [
        ("DEPT", True),
        ("EXPERT", False),
    ]
    await room.revoke(post.post_id)
    assert len((await room.call("ListOwnPosts", who)).posts) == 1


async def test_a_post_ends_with_the_business_clock(room, rows) -> None:
    today = (await room.posts.held("anna"))[1].today.isoformat()
    await room.grant("anna", "DEPT", LONGHUA, valid_to=today)
    await rows("UPDATE kit.clock SET shift_days = 1")
    holdings, moment = await room.posts.held("anna")
    assert len(holdings.posts) == 1
    assert holdings.in_force(moment.today) == ()


async def test_the_application_sees_nothing_without_scope_and_deletes_nothing(room, app) -> None:
    await room.grant("anna", "DEPT", LONGHUA)
    assert await app.fetch("SELECT 1 FROM post") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("DELETE FROM post")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("DELETE FROM grants")


async def test_the_read_of_an_account_shows_no_other(room) -> None:
    await room.grant("anna", "DEPT", LONGHUA)
    holdings, _ = await room.posts.held("bert")
    assert (holdings.version, holdings.posts) == (0, ())
    (post,) = (await room.posts.held("anna"))[0].posts
    assert isinstance(post, Post)


async def test_a_list_of_one_account(room) -> None:
    await room.grant("anna", "TOWN_CLERK", DATONG)
    await room.grant("bao", "TOWN_LEAD", DATONG)
    found = (await room.call("ListPosts", account="anna")).posts
    assert [post.account for post in found] == ["anna"]
    assert list((await room.call("ListPosts", account="nobody")).posts) == []
    assert len((await room.call("ListPosts")).posts) == 2
