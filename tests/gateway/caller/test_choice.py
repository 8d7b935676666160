"""Which post a call is made under, and what the internal token says."""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from joserfc.jwk import ECKey, KeySet
from starlette.requests import Request

from gateway.caller import SignedCaller
from gateway.posts.domain import Holdings, Post
from kit.calendar import Moment
from kit.contracts import Rpc, rpcs
from kit.errors import Kind, Refusal
from kit.identity import Minter, Verifier
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import Role

TODAY = date(2026, 3, 2)
NOW = Moment(TODAY, datetime(2026, 3, 2, 1, tzinfo=UTC))
KEY = ECKey.generate_key("P-256")
CLERK = Post(
    "c1", "anna", "TOWN_CLERK", "460106004000", hainan().get("460106004000").path,
    TODAY, "admin", NOW.at, person_keys=("k",), confirmed_at=NOW.at, confirmed_by="second",
)  # fmt: skip
DEPT = replace(CLERK, post_id="d1", role="DEPT")
OWNER = replace(CLERK, post_id="o1", role="ORG_OWNER", organization_id="org")


@dataclass
class Held:
    """Posts without a database; counts the reads."""

    posts: tuple[Post, ...] = ()
    reads: int = field(default=0)

    async def held(self, account: str):
        self.reads += 1
        return Holdings(account, len(self.posts), self.posts), NOW


def rpc(name: str) -> Rpc:
    return next(one for one in rpcs() if one.name == name)


READ, CREATE, GRANT = rpc("ListOwnPosts"), rpc("CreateDraft"), rpc("GrantPost")
PUBLIC = next(one for one in rpcs() if any(Role.ANONYMOUS in row.roles for row in one.access.rows))


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def caller(tokens, held) -> SignedCaller:
    return SignedCaller(tokens, held, Minter(KEY))


@pytest.fixture
def request_of(issuer):
    def make(post: str | None = None, *, token: str | None = None, **more) -> Request:
        claims = more.pop("claims", {})
        headers = {"authorization": f"Bearer {token or issuer.sign(**claims)}", **more}
        if post is not None:
            headers["minzheng-post"] = post
        pairs = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items() if v]
        return Request({"type": "http", "method": "GET", "path": "/", "headers": pairs})

    return make


async def code(caller, request, call=READ) -> tuple[Kind, str]:
    with pytest.raises(Refusal) as refusal:
        await caller.who(request, call)
    return refusal.value.kind, refusal.value.code


@pytest.mark.parametrize(
    ("posts", "header", "role"),
    [
        ((), None, Role.RESIDENT),
        ((), "self", Role.RESIDENT),
        ((CLERK,), None, Role.TOWN_CLERK),
        ((CLERK,), "self", Role.RESIDENT),
        ((CLERK, DEPT), "d1", Role.DEPT),
        ((OWNER,), None, Role.RESIDENT),
        ((OWNER,), "o1", Role.ORG_OWNER),
        ((OWNER, CLERK), "c1", Role.TOWN_CLERK),
    ],
)
async def test_the_post_of_a_call(caller, held, request_of, posts, header, role) -> None:
    held.posts = posts
    who = await caller.who(request_of(header), READ)
    assert who.role is role
    assert who.subject == "anna"
    assert who.grants_version == len(posts)


async def test_a_post_gives_its_place(caller, held, request_of) -> None:
    held.posts = (CLERK,)
    who = await caller.who(request_of(), READ)
    assert (who.post_id, who.region_code, who.person_key) == ("c1", "460106004000", "k")
    assert who.scope == f"r:{CLERK.region_path}"


async def test_a_resident_has_only_their_own(caller, held, request_of) -> None:
    held.posts = (CLERK,)
    who = await caller.who(request_of("self"), READ)
    assert (who.post_id, who.region_path, who.scope) == ("", "", "s:anna")


@pytest.mark.parametrize("posts", [(CLERK, DEPT), (CLERK, OWNER)])
async def test_several_posts_ask_for_a_choice(caller, held, request_of, posts) -> None:
    held.posts = posts
    with pytest.raises(Refusal) as refusal:
        await caller.who(request_of(), READ)
    assert (refusal.value.kind, refusal.value.code) == (Kind.FORBIDDEN, "common.choose_post")
    told = refusal.value.violations
    assert [one.rule for one in told] == [posts[0].post_id, posts[1].post_id, "self"]
    assert "大同街道" in told[0].message


@pytest.mark.parametrize(
    "ended",
    [
        replace(CLERK, revoked_at=NOW.at, revoked_by="x"),
        replace(CLERK, valid_to=TODAY - timedelta(1), valid_from=TODAY - timedelta(3)),
        replace(CLERK, valid_from=TODAY + timedelta(1)),
    ],
)
async def test_a_post_not_in_force_is_none(caller, held, request_of, ended) -> None:
    held.posts = (ended,)
    assert (await caller.who(request_of(), READ)).role is Role.RESIDENT
    assert await code(caller, request_of("c1")) == (Kind.FORBIDDEN, "common.post_not_held")


@pytest.mark.parametrize("header", ["x9", "c2", "0", "SELF "])
async def test_a_post_of_another_is_refused(caller, held, request_of, header) -> None:
    held.posts = (CLERK,)
    assert await code(caller, request_of(header)) == (Kind.FORBIDDEN, "common.post_not_held")


async def test_a_machine_is_no_resident(caller, held, request_of) -> None:
    claims = {"preferred_username": "service-account-tax"}
    assert (await code(caller, request_of(claims=claims)))[1] == "common.no_post"
    held.posts = (DEPT,)
    caller._held.clear()
    assert (await caller.who(request_of(claims=claims), READ)).role is Role.DEPT
    assert (await code(caller, request_of("self", claims=claims)))[1] == "common.no_post"


async def test_nobody_signed_on_calls_what_is_public(caller, held) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    assert (await caller.who(request, PUBLIC)).role is Role.ANONYMOUS
    assert (await code(caller, request))[0] is Kind.UNAUTHENTICATED
    with pytest.raises(Refusal):
        await caller.account(request)
    assert held.reads == 0


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "bearer x", "token"])
async def test_another_sign_on_is_refused_even_where_it_is_public(caller, header) -> None:
    pairs = [(b"authorization", header.encode())]
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": pairs})
    assert (await code(caller, request, PUBLIC))[0] is Kind.UNAUTHENTICATED


async def test_the_function_is_asked_at_the_door(caller, held, request_of) -> None:
    held.posts = (CLERK,)
    assert await code(caller, request_of(), GRANT) == (Kind.FORBIDDEN, "common.no_function")


@pytest.mark.parametrize("assurance", ["low", None, "HIGH", True])
async def test_a_resident_without_real_name_only_reads(caller, request_of, assurance) -> None:
    request = request_of(claims={"assurance": assurance})
    assert (await code(caller, request, CREATE))[1] == "common.assurance_low"
    assert (await caller.who(request, READ)).role is Role.RESIDENT


async def test_an_officer_is_not_held_to_the_assurance_of_residents(
    caller, held, request_of
) -> None:
    held.posts = (replace(CLERK, role="SEC_ADMIN"),)
    assert await caller.who(request_of(claims={"assurance": None}), GRANT)


async def test_posts_are_remembered_for_a_second_but_not_for_a_fresh_action(
    caller, held, request_of, monkeypatch
) -> None:
    held.posts = (replace(CLERK, role="SEC_ADMIN"),)
    for _ in range(3):
        await caller.who(request_of(), READ)
    assert held.reads == 1
    held.posts = ()
    assert (await code(caller, request_of(), GRANT))[0] is Kind.FORBIDDEN
    assert held.reads == 2
    later = time.monotonic() + 1.1
    monkeypatch.setattr("gateway.caller.time.monotonic", lambda: later)
    await caller.who(request_of(), READ)
    assert held.reads == 3


async def test_a_fresh_token_is_bound_to_method_and_body(caller, held, request_of) -> None:
    held.posts = (replace(CLERK, role="SEC_ADMIN"),)
    ((name, value),) = await caller.metadata(request_of(), GRANT, b"body")
    verifier = Verifier("gateway", KeySet([KEY]))
    token = value.removeprefix("Bearer ")
    assert name == "authorization"
    who = verifier.verify(token, path=GRANT.path, body=b"body", fresh=True)
    assert who.role is Role.SEC_ADMIN
    for path, body in ((GRANT.path, b"other"), (READ.path, b"body")):
        with pytest.raises(Refusal):
            verifier.verify(token, path=path, body=body, fresh=True)


async def test_headers_of_ours_sent_from_outside_have_no_effect(caller, request_of) -> None:
    forged = request_of(x_minzheng_role="SEC_ADMIN", role="SEC_ADMIN", region_path="/")
    ((_, value),) = await caller.metadata(forged, READ, b"")
    who = Verifier("gateway", KeySet([KEY])).verify(
        value.removeprefix("Bearer "), path=READ.path, body=b"", fresh=False
    )
    assert who.role is Role.RESIDENT


async def test_a_post_granted_a_moment_ago_is_not_refused_from_memory(
    caller, held, request_of
) -> None:
    await caller.who(request_of(None), READ)
    held.posts = (CLERK,)
    assert (await caller.who(request_of("c1"), READ)).role is Role.TOWN_CLERK
    assert held.reads == 2


async def test_a_delegate_carries_the_delegator(caller, held, request_of) -> None:
    held.posts = (replace(CLERK, delegated_from="x", delegator="lead", delegator_key="k2"),)
    who = await caller.who(request_of("c1"), READ)
    assert (who.delegator, who.delegator_key) == ("lead", "k2")
