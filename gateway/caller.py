"""From the sign-on to the internal call: who calls, under which post, with which token of ours.

Nothing of the inbound request but `Authorization` and `Minzheng-Post` is looked at, so internal
headers sent from outside have no effect.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from gateway.channels import Metadata
from gateway.posts import view
from gateway.posts.domain import ORGANIZATION, Holdings, Moment, Post
from gateway.posts.store import Posts
from gateway.tokens import Identity, Tokens
from kit import access
from kit.contracts import Rpc
from kit.errors import Kind, Refusal, Violation, forbidden
from kit.identity import ANONYMOUS, Caller, Minter, unauthenticated
from proto.gen.minzheng.common.v1.access_pb import Role

POST = "Minzheng-Post"
SELF = "self"
POSTS_KEPT = 1.0
"""Seconds for which the posts of an account are remembered; never for a fresh action."""
KEPT = 10_000


@dataclass
class SignedCaller:
    """Makes the metadata of internal calls."""

    tokens: Tokens
    posts: Posts
    minter: Minter
    _held: dict[str, tuple[float, Holdings, Moment]] = field(default_factory=dict)

    async def metadata(
        self, request: Request, rpc: Rpc, body: bytes, *, anew: bool = False
    ) -> Metadata:
        """Metadata for a call of `rpc`; a fresh one is bound to the method and the bytes.

        `anew` reads the posts again: a service has seen a change that is not remembered here yet.

        Raises Refusal 401 without a valid sign-on, 403 without post, function or assurance.
        """
        who = await self.who(request, rpc, anew=anew)
        bound = body if rpc.access.fresh else None
        token = self.minter.mint(who, rpc.workload, path=rpc.path, body=bound)
        return (("authorization", f"Bearer {token}"),)

    async def who(self, request: Request, rpc: Rpc, *, anew: bool = False) -> Caller:
        """The caller of an RPC, held to its function and assurance."""
        identity = await self.identity(request)
        if identity is None:
            if not access.may_call(rpc.access, Role.ANONYMOUS):
                raise unauthenticated()
            return ANONYMOUS
        header = request.headers.get(POST)
        who = caller_of(*await self.chosen(identity, header, fresh=rpc.access.fresh or anew))
        if not access.may_call(rpc.access, who.role):
            raise access.no_function(rpc.access)
        if who.role is Role.RESIDENT and not identity.assured and is_change(rpc):
            raise assurance_low()
        return who

    async def chosen(
        self, identity: Identity, header: str | None, *, fresh: bool
    ) -> tuple[Holdings, Post | None]:
        """The post of a call: what is remembered may allow it, only what is read now refuses it."""
        holdings, moment = await self.held(identity.account, fresh=fresh)
        try:
            return holdings, choose(identity, holdings, moment, header)
        except Refusal:
            if fresh:
                raise
        holdings, moment = await self.held(identity.account, fresh=True)
        return holdings, choose(identity, holdings, moment, header)

    async def account(self, request: Request) -> str:
        """The account that signed on; Refusal 401 otherwise."""
        identity = await self.identity(request)
        if identity is None:
            raise unauthenticated()
        return identity.account

    async def identity(self, request: Request) -> Identity | None:
        """Who signed on; None without `Authorization`."""
        header = request.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated()
        return await self.tokens.verify(token.strip())

    async def held(self, account: str, *, fresh: bool) -> tuple[Holdings, Moment]:
        """Posts of an account, at most a second old."""
        read, holdings, moment = self._held.get(account, (float("-inf"), None, None))
        if fresh or holdings is None or moment is None or time.monotonic() - read > POSTS_KEPT:
            started = time.monotonic()
            holdings, moment = await self.posts.held(account)
            if len(self._held) >= KEPT:
                self._held.clear()
            self._held[account] = (started, holdings, moment)
        return holdings, moment


def choose(
    identity: Identity, holdings: Holdings, moment: Moment, header: str | None
) -> Post | None:
    """The post a call is made under; None for the resident.

    Without header: the only post; the resident where posts at organizations are all there is.
    """
    held = holdings.in_force(moment.today)
    if header and header.strip() != SELF:
        return _stated(held, header.strip().lower())
    offices = [post for post in held if post.role not in ORGANIZATION]
    if not identity.machine and (header or not offices):
        return None
    if header or not held:
        raise forbidden("common.no_post", "该系统账号没有岗位，请联系安全管理员授予。")
    if len(held) > 1:
        raise choose_post(held, identity)
    return held[0]


def _stated(held: Sequence[Post], post_id: str) -> Post:
    post = next((post for post in held if post.post_id == post_id), None)
    if post is None:
        raise forbidden("common.post_not_held", "您没有所选的岗位，或该岗位已到期、已撤销。")
    return post


def choose_post(held: Sequence[Post], identity: Identity) -> Refusal:
    """403 that lists what the header may say."""
    options = [Violation(POST, post.post_id, title(post)) for post in held]
    if not identity.machine:
        options.append(Violation(POST, SELF, "以本人（居民）身份办理"))
    detail = f"您有多个岗位，请在请求头 {POST} 中注明本次使用的岗位编号。"
    return Refusal(Kind.FORBIDDEN, "common.choose_post", detail, options)


def title(post: Post) -> str:
    """Chinese name of a post with its place."""
    return f"{view.role_name(post.role)}·{view.region(post.region_code).full_name}"


def caller_of(holdings: Holdings, post: Post | None) -> Caller:
    """The caller under a post, or as resident."""
    who = Caller(
        subject=holdings.account,
        role=Role.RESIDENT,
        grants_version=holdings.version,
        person_key=holdings.person_key,
    )
    if post is None:
        return who
    return replace(
        who,
        role=Role[post.role],
        post_id=post.post_id,
        region_code=post.region_code,
        region_path=post.region_path,
        organization_id=post.organization_id,
        delegator=post.delegator,
        delegator_key=post.delegator_key,
    )


def is_change(rpc: Rpc) -> bool:
    """The RPC has a route that is no reading."""
    return any(route.pattern is None or route.pattern.field != "get" for route in rpc.routes)


def assurance_low() -> Refusal:
    """403: a resident acts only after real-name verification."""
    return forbidden("common.assurance_low", "请先完成实名认证，再办理该事项。")
