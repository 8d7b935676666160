"""From the sign-on to the internal call: who calls, under which post, with which token of ours.

Of the inbound request only `Authorization`, `Minzheng-Post` and the session's cookie with what proves
its page are looked at, so internal headers sent from outside have no effect.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from gateway.channels import Metadata
from gateway.posts import view
from gateway.posts.domain import ORGANIZATION, Holdings, Post
from gateway.posts.store import Posts
from gateway.session.domain import POST_ENDED, SELF, Session, stepped_up
from gateway.session.sessions import Sessions
from gateway.tokens import Identity, Tokens
from kit import access
from kit.calendar import Moment
from kit.contracts import Rpc
from kit.errors import Kind, Refusal, Violation, forbidden
from kit.identity import ANONYMOUS, Caller, Minter, unauthenticated
from kit.places import region
from proto.gen.minzheng.common.v1.access_pb import Role

POST = "Minzheng-Post"
POSTS_KEPT = 1.0
"""Seconds for which the posts of an account are remembered; never for a fresh action."""
KEPT = 10_000
VISITOR = "minzheng.visitor"
"""Place in a request's scope for who a page has found to be there: it asks several services."""


@dataclass
class SignedCaller:
    """Makes the metadata of internal calls."""

    tokens: Tokens
    posts: Posts
    minter: Minter
    sessions: Sessions | None = None
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
        header = stated(identity, request.headers.get(POST))
        who = caller_of(*await self.chosen(identity, header, fresh=rpc.access.fresh or anew))
        if not access.may_call(rpc.access, who.role):
            raise access.no_function(rpc.access)
        if rpc.access.step_up and not stepped_up(identity.acr, identity.authenticated, time.time()):
            raise step_up_needed()
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
        """The account that signed on; Refusal 401 otherwise, 403 where it is disabled."""
        identity = await self.identity(request)
        if identity is None:
            raise unauthenticated()
        holdings, _ = await self.held(identity.account, fresh=False)
        expect_enabled(holdings)
        return identity.account

    async def identity(self, request: Request) -> Identity | None:
        """Who signed on; None without `Authorization` and without a live session."""
        if VISITOR in request.scope:
            found: Identity | None = request.scope[VISITOR]
            return found
        header = request.headers.get("authorization")
        if header is None:
            return await self.by_cookie(request)
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated()
        return await self.tokens.verify(token.strip())

    async def by_cookie(self, request: Request, form_value: str | None = None) -> Identity | None:
        """Who a session names; one whose post is gone ends here. Forms carry their value."""
        found = await self.sessions.of(request, form_value) if self.sessions else None
        if found is None or self.sessions is None:
            return None
        session = found.session
        holdings, moment = await self.held(session.account, fresh=False, version=found.grants)
        held = {post.post_id for post in holdings.in_force(moment.today)}
        if holdings.disabled_by or not session.may_act(held):
            await self.sessions.rows.end(session, found.now, POST_ENDED)
            return None
        return identity_of(session)

    async def held(self, account: str, *, fresh: bool, version: int = 0) -> tuple[Holdings, Moment]:
        """Posts of an account, at most a second old and in no version before that one."""
        read, holdings, moment = self._held.get(account, (float("-inf"), None, None))
        old = time.monotonic() - read > POSTS_KEPT
        if fresh or old or holdings is None or moment is None or holdings.version < version:
            started = time.monotonic()
            holdings, moment = await self.posts.held(account)
            if len(self._held) >= KEPT:
                self._held.clear()
            self._held[account] = (started, holdings, moment)
        return holdings, moment


def identity_of(session: Session) -> Identity:
    """Who a session names; its limits are its own."""
    return Identity(
        account=session.account,
        machine=False,
        assured=session.assured,
        expires=float("inf"),
        acr=session.acr,
        authenticated=session.authenticated_at.timestamp(),
        session=session,
    )


def expect_enabled(holdings: Holdings) -> None:
    """Refusal 403 for an account that may do nothing."""
    if holdings.disabled_by:
        raise forbidden("common.account_disabled", "该账号已停用，请联系本单位安全管理员。")


def stated(identity: Identity, header: str | None) -> str | None:
    """The post a call states: by header, or by its session, which a header may only repeat."""
    if identity.session is None:
        return header
    if not identity.session.post:
        raise forbidden("session.no_post", "请先选择本次办理使用的岗位。")
    if header and header.strip().lower() != identity.session.post:
        raise forbidden("session.other_post", "本次登录使用的是另一岗位，请先切换岗位。")
    return identity.session.post


def choose(
    identity: Identity, holdings: Holdings, moment: Moment, header: str | None
) -> Post | None:
    """The post a call is made under; None for the resident.

    Without header: the only post; the resident where posts at organizations are all there is.
    """
    expect_enabled(holdings)
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


def title(post: Post, organization: str = "") -> str:
    """Chinese name of a post with its organization where that is known, else with its place."""
    return f"{view.role_name(post.role)}·{organization or region(post.region_code).full_name}"


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


def step_up_needed() -> Refusal:
    """403: the action asks for the second factor, given no more than five minutes ago."""
    return forbidden("common.step_up", "该事项须在办理前五分钟内再次验证身份，请重新验证后办理。")


def assurance_low() -> Refusal:
    """403: a resident acts only after real-name verification."""
    return forbidden("common.assurance_low", "请先完成实名认证，再办理该事项。")
