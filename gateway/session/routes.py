"""Addresses of signing on and off, and who a page speaks to.

Nothing here tells a token: browsers are sent a cookie and, in forms, a value that follows from it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.caller import SignedCaller, choose, expect_enabled, identity_of, title
from gateway.calling import Calling
from gateway.csp import small_body
from gateway.posts.domain import Holdings, Post
from gateway.problems import HttpError, Problem
from gateway.session import cookies, pages
from gateway.session.cookies import Flow
from gateway.session.domain import ABSOLUTE, HIGH, IDLE, SELF, STEP_UP, local_path
from gateway.session.oidc import Ended
from gateway.session.organizations import NO_NAMES, names
from gateway.session.pages import Choice
from gateway.session.sessions import HEADER, Sessions
from gateway.session.store import Found
from gateway.tokens import Identity
from kit.calendar import Moment
from kit.errors import Kind, Refusal, invalid
from kit.identity import unauthenticated
from kit.unit import Stale

CALLBACK = "/sign-in/callback"
HERE = "/sign-in/post"
DESK = "/desk"
"""Where a sign-in leads that was asked for without a place to go on to: on to the post's first page."""
NO_STORE = {"Cache-Control": "no-store"}
CLEAR = {"Clear-Site-Data": '"cache", "cookies", "storage"'}
NOT_A_FORM = Problem(
    415, "session.not_a_form", "媒体类型不支持", "请求正文应为表单，且不超过 16 KB。"
)
RESIDENT = "以本人（居民）身份办理"
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class SignOn:
    """The endpoints."""

    caller: SignedCaller
    sessions: Sessions
    calling: Calling

    def routes(self) -> list[Route]:
        """Go before `api_routes`."""
        return [
            Route("/sign-in", told(self.sign_in), methods=["GET"]),
            Route(CALLBACK, told(self.callback), methods=["GET"]),
            Route(HERE, told(self.posts), methods=["GET"]),
            Route(HERE, self.choose_post, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/sign-out/back-channel", self.back_channel, methods=["POST"]),
            Route("/api/v1/session", self.session, methods=["GET"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """On to the issuer; `next` is a path of ours, `level=high` asks for the second factor."""
        query = request.query_params
        flow = Flow.begin(local_path(query.get("next", ""), DESK))
        high = query.get("level") == HIGH
        url = await self.sessions.provider.sign_in_url(flow, high=high)
        response = RedirectResponse(url, 303, NO_STORE)
        sealed = flow.sealed(self.sessions.keyring)
        cookies.put(response, cookies.FLOW, sealed, cookies.FLOW_SECONDS)
        return response

    async def callback(self, request: Request) -> Response:
        """Back from the issuer: a new session under a new cookie, the one before is over."""
        query, provider = request.query_params, self.sessions.provider
        flow = Flow.read(self.sessions.keyring, request.cookies.get(cookies.FLOW, ""))
        expected = flow is not None and cookies.equal(flow.state, query.get("state", ""))
        if flow is None or not expected or query.get("iss") != provider.issuer:
            raise not_finished()
        if "code" not in query:
            raise not_finished()
        granted = await provider.redeem(query["code"], flow)
        holdings, moment = await self.caller.held(granted.identity.account, fresh=True)
        expect_enabled(holdings)
        before = await self.sessions.of(request)
        post = post_after(before, granted.identity, holdings, moment)
        value = await self.sessions.open(granted, post, moment.at)
        if before is not None:
            await self.sessions.rows.end(before.session, before.now, "signed in anew")
        go_on = flow.next if post else f"{HERE}?{urlencode({'next': flow.next})}"
        return with_cookie(RedirectResponse(go_on, 303, NO_STORE), value)

    async def posts(self, request: Request) -> Response:
        """Who is signed in; the posts to choose from."""
        identity = await self.caller.identity(request)
        if identity is None or identity.session is None:
            return RedirectResponse(f"/sign-in?{urlencode({'next': HERE})}", 303, NO_STORE)
        holdings, moment = await self.caller.held(identity.account, fresh=False)
        kept = await self.sessions.rows.tokens(identity.session)
        held = holdings.in_force(moment.today)
        known = await names(self.calling, request, [one.organization_id for one in held])
        return pages.posts(
            request,
            kept.name if kept else "",
            choices(held, identity.session.post, known),
            self.sessions.form_value(request),
            local_path(request.query_params.get("next", ""), DESK),
        )

    async def choose_post(self, request: Request) -> Response:
        """Act under another post, with another cookie. Refusal 403 for a post not held."""
        form = await read_form(request)
        found = await self.sessions.of(request, form.get("form_value", ""))
        if found is None:
            raise unauthenticated()
        post = form.get("post", "")
        if not post:
            raise invalid("session.no_choice", "请选择一个岗位。")
        holdings, moment = await self.caller.held(found.session.account, fresh=True)
        choose(identity_of(found.session), holdings, moment, post)
        try:
            value = await self.sessions.move(found, post.lower())
        except Stale as error:
            raise unauthenticated() from error
        target = local_path(form.get("next", ""), DESK)
        return with_cookie(RedirectResponse(target, 303, NO_STORE), value)

    async def sign_out(self, request: Request) -> Response:
        """End the session here and the single sign-on at the issuer."""
        form = await read_form(request)
        found = await self.sessions.of(request, form.get("form_value", ""))
        if found is not None:
            kept = await self.sessions.rows.tokens(found.session)
            await self.sessions.rows.end(found.session, found.now, "signed out")
            if kept is not None:
                await self.sessions.provider.log_out(kept.refresh)
        response = RedirectResponse("/", 303, {**NO_STORE, **CLEAR})
        cookies.drop(response, cookies.SESSION)
        return response

    async def back_channel(self, request: Request) -> Response:
        """The issuer says that a single sign-on ended (OpenID Connect Back-Channel Logout)."""
        form = await read_form(request)
        try:
            ended = await self.sessions.provider.ended(form.get("logout_token", ""))
        except Refusal as refusal:
            if refusal.kind is not Kind.UNAUTHENTICATED:
                raise
            return JSONResponse({"error": "invalid_request"}, 400, NO_STORE)
        await self.end_named(ended)
        return Response(status_code=200, headers=NO_STORE)

    async def end_named(self, ended: Ended) -> None:
        """End the sessions a logout token speaks of."""
        named = await self.sessions.rows.of(ended.account, ended.issuer_session)
        for session in named:
            _, moment = await self.caller.held(session.account, fresh=False)
            await self.sessions.rows.end(session, moment.at, "logged out at the issuer")

    async def session(self, request: Request) -> Response:
        """Who is signed in, for a page's script; Refusal 401 without a session."""
        identity = await self.caller.identity(request)
        if identity is None or identity.session is None:
            raise unauthenticated()
        session = identity.session
        holdings, moment = await self.caller.held(identity.account, fresh=False)
        kept = await self.sessions.rows.tokens(session)
        found = choices(holdings.in_force(moment.today), session.post)
        body = {
            "account": session.account,
            "name": kept.name if kept else "",
            "post": session.post,
            "posts": [{"post": one.post, "title": one.title} for one in found],
            "formHeader": HEADER,
            "formValue": self.sessions.form_value(request),
            "idleSeconds": IDLE.seconds,
            "endsAt": (session.started_at + ABSOLUTE).isoformat(),
            "stepUpUntil": stepped_up_until(identity),
        }
        return JSONResponse(body, headers=NO_STORE)


def told(endpoint: Endpoint) -> Endpoint:
    """A page for people says a refusal as a page."""

    async def tell(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return pages.failed(request, refusal.detail, refusal.kind.http)

    return tell


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; HttpError 415 for anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HttpError(NOT_A_FORM)
    body = await small_body(request)
    if body is None:
        raise HttpError(NOT_A_FORM)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def with_cookie(response: Response, value: str) -> Response:
    """The answer with a session's new cookie; the sign-in under way is over."""
    cookies.put(response, cookies.SESSION, value)
    cookies.drop(response, cookies.FLOW)
    return response


def post_after(before: Found | None, identity: Identity, holdings: Holdings, moment: Moment) -> str:
    """The post a new session begins with: the one before, the only one, or none to be chosen."""
    held = {post.post_id for post in holdings.in_force(moment.today)}
    same = before is not None and before.session.account == identity.account
    if before is not None and same and before.session.may_act(held) and before.session.post:
        return before.session.post
    try:
        post = choose(identity, holdings, moment, None)
    except Refusal:
        return ""
    return post.post_id if post else SELF


def choices(
    held: Sequence[Post], present: str, known: Mapping[str, str] = NO_NAMES
) -> list[Choice]:
    """The posts in force and the resident; `known`: organizations by id, told instead of places."""
    told = [(one.post_id, title(one, known.get(one.organization_id, ""))) for one in held]
    return [Choice(post, name, post == present) for post, name in (*told, (SELF, RESIDENT))]


def stepped_up_until(identity: Identity) -> str:
    """Until when decisions are open; empty where the second factor was not asked for."""
    if identity.session is None or identity.acr != HIGH:
        return ""
    return (identity.session.authenticated_at + timedelta(seconds=STEP_UP)).isoformat()


def not_finished() -> Refusal:
    """400: the answer of the issuer belongs to no sign-in of this browser, or is an error."""
    return Refusal(Kind.MALFORMED, "session.not_finished", "登录没有完成或已超时，请重新登录。")
