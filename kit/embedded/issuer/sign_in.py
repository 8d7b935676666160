"""Signing in by page: password, one-time code where the realm asks for it, straight on where a sign-on lives."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kit.embedded.issuer import pages
from kit.embedded.issuer.clients import NO_STORE
from kit.embedded.issuer.realm import Client, Realm, User
from kit.embedded.issuer.sessions import Grant, Sessions
from kit.embedded.issuer.token_endpoint import form_of
from kit.embedded.issuer.tokens import Login

COOKIE = "KEYCLOAK_IDENTITY"
SCOPES = frozenset({"openid", "profile", "email", "roles"})
WRONG = "用户名或密码不正确，或账号已被暂时锁定。"
WRONG_CODE = "动态口令不正确或已使用，或账号已被暂时锁定。"
NO_CODE = "该账号尚未绑定动态口令，请联系管理员。"
PENDING_SECONDS = 300
TICKET = "session_code"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that can be answered."""

    query: dict[str, str]
    client: Client
    action: str
    """Address of this very request, for its forms."""

    @property
    def high(self) -> bool:
        """The second factor is asked for."""
        return "high" in self.query.get("acr_values", "").split()

    def old(self, login: Login) -> bool:
        """The request wants a newer sign-on than this one."""
        age = self.query.get("max_age", "")
        late = age.isdecimal() and time.time() - login.since > int(age)
        return late or "login" in self.query.get("prompt", "").split()


@dataclass(frozen=True, slots=True)
class Pending:
    """A person who gave the password, or whose sign-on lives, and still owes the code."""

    user: User
    session: str
    ends: float


@dataclass
class SignIn:
    """The pages under `auth`."""

    realm: Realm
    sessions: Sessions
    issuer: str
    pending: dict[str, Pending] = field(default_factory=dict)

    async def ask(self, request: Request) -> Response:
        """The page for what is missing, or straight on where the single sign-on lives."""
        asked = self._asked(request)
        if isinstance(asked, Response):
            return asked
        login = self.sessions.live(request.cookies.get(COOKIE, ""))
        again = login is None or asked.old(login) or (asked.high and not self.realm.factors.at_high)
        if login is not None and not again and not asked.high:
            return self._grant(asked, replace(login, acr="low"))
        if asked.query.get("prompt") == "none":
            return self._back(asked.query, error="login_required")
        if login is not None and not again:
            return self._code_page(asked, login.user, login.session)
        return html(pages.login_page(self._frame, asked.action))

    async def enter(self, request: Request) -> Response:
        """User name and password, or a one-time code."""
        form, asked = await form_of(request), self._asked(request)
        if isinstance(asked, Response):
            return asked
        if "otp" in form:
            return await self._by_code(asked, request.query_params.get(TICKET, ""), form["otp"])
        user = self.sessions.check(form.get("username", ""), form.get("password", ""))
        if user is None:
            await asyncio.sleep(0.05)
            return html(
                pages.login_page(self._frame, asked.action, WRONG, form.get("username", ""))
            )
        if self.realm.factors.asks(user.roles, high=asked.high):
            return self._code_page(asked, user, "")
        return self._enter(asked, user, "")

    async def _by_code(self, asked: Asked, ticket: str, code: str) -> Response:
        pending = self.pending.get(ticket)
        if pending is None or pending.ends < time.time():
            return html(pages.login_page(self._frame, asked.action))
        if not self.sessions.check_code(pending.user, code):
            await asyncio.sleep(0.05)
            action = f"{asked.action}&{urlencode({TICKET: ticket})}"
            return html(pages.code_page(self._frame, action, WRONG_CODE))
        del self.pending[ticket]
        return self._enter(asked, pending.user, pending.session)

    def _code_page(self, asked: Asked, user: User, session: str) -> Response:
        if not user.otp:
            return html(pages.message_page(self._frame, NO_CODE), 400)
        now = time.time()
        self.pending = {t: one for t, one in self.pending.items() if one.ends > now}
        ticket = secrets.token_urlsafe(18)
        self.pending[ticket] = Pending(user, session, now + PENDING_SECONDS)
        return html(pages.code_page(self._frame, f"{asked.action}&{urlencode({TICKET: ticket})}"))

    def _enter(self, asked: Asked, user: User, session: str) -> Response:
        login = self.sessions.log_in(user, "high" if asked.high else "low", session)
        response = self._grant(asked, login)
        response.set_cookie(COOKIE, login.session, httponly=True, samesite="lax", path="/realms")
        return response

    def _asked(self, request: Request) -> Asked | Response:
        """An authorization request, or the answer to a bad one."""
        query = dict(request.query_params)
        client = self.realm.clients.get(query.get("client_id", ""))
        known = client is not None and client.standard_flow
        if not known or client is None or not client.allows(query.get("redirect_uri", "")):
            sentence = "登录请求无效：客户端或回调地址未登记。"
            return html(pages.message_page(self._frame, sentence), 400)
        problem = _problem(query)
        if problem:
            return self._back(query, error=problem[0], error_description=problem[1])
        query.pop(TICKET, None)
        return Asked(query, client, f"{request.url.path}?{urlencode(query)}")

    def _grant(self, asked: Asked, login: Login) -> Response:
        query = asked.query
        code = self.sessions.code(
            Grant(
                login=login,
                client_id=asked.client.client_id,
                redirect_uri=query["redirect_uri"],
                challenge=query["code_challenge"],
                scope=query.get("scope", "openid"),
                nonce=query.get("nonce", ""),
                expires=time.time() + self.realm.code_seconds,
            )
        )
        return self._back(query, code=code, session_state=login.session)

    def _back(self, query: dict[str, str], **answer: str) -> Response:
        """Back to the client with the answer."""
        state = {"state": query["state"]} if "state" in query else {}
        target = urlencode(state | answer | {"iss": self.issuer})
        joint = "&" if "?" in query["redirect_uri"] else "?"
        return RedirectResponse(f"{query['redirect_uri']}{joint}{target}", 302, headers=NO_STORE)

    @property
    def _frame(self) -> pages.Frame:
        return pages.frame_of(self.realm)


def _problem(query: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with an authorization request, as (error, description)."""
    if query.get("response_type") != "code":
        return "unsupported_response_type", "Only the authorization code flow"
    if not set(query.get("scope", "openid").split()) <= SCOPES:
        return "invalid_scope", "Invalid scopes"
    if query.get("code_challenge_method") != "S256":
        return "invalid_request", "Missing or unsupported parameter: code_challenge_method"
    if not 43 <= len(query.get("code_challenge", "")) <= 128:
        return "invalid_request", "Missing or invalid parameter: code_challenge"
    return None


def html(text: str, status: int = 200) -> HTMLResponse:
    headers: dict[str, Any] = {"content-security-policy": pages.CSP, "x-frame-options": "DENY"}
    return HTMLResponse(text, status, headers=headers | NO_STORE)
