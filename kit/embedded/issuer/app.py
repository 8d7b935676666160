"""The endpoints under `/realms/{realm}`, with Keycloak's URLs."""

import asyncio
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kit.embedded.issuer import pages
from kit.embedded.issuer.clients import NO_STORE, OAuthError
from kit.embedded.issuer.realm import Client, Realm, read_realm
from kit.embedded.issuer.sessions import Grant, Sessions
from kit.embedded.issuer.token_endpoint import TokenEndpoint, form_of
from kit.embedded.issuer.tokens import Login, Tokens, signing_key

COOKIE = "KEYCLOAK_IDENTITY"
SCOPES = frozenset({"openid", "profile", "email", "roles"})
WRONG = "用户名或密码不正确,或账号已被暂时锁定。"


def issuer_app(realm_file: Path, keys: Path, base_url: str, *, profile: str) -> FastAPI:
    """The issuer. RuntimeError in production, where Keycloak is the one to use."""
    if profile == "production":
        raise RuntimeError("the embedded issuer refuses to run in production: use Keycloak")
    realm = read_realm(realm_file)
    root = f"/realms/{realm.name}"
    tokens = Tokens(signing_key(keys), realm, f"{base_url.rstrip('/')}{root}")
    login = LoginPages(realm, tokens, Sessions(realm))
    token = TokenEndpoint(realm, tokens, login.sessions)
    oidc = f"{root}/protocol/openid-connect"
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, exception_handlers={OAuthError: _refused}
    )
    app.router.routes += [
        Route(f"{root}/.well-known/openid-configuration", login.discovery),
        Route(f"{oidc}/certs", login.certs),
        Route(f"{oidc}/auth", login.ask, methods=["GET"]),
        Route(f"{oidc}/auth", login.enter, methods=["POST"]),
        Route(f"{oidc}/logout", login.logout, methods=["GET", "POST"]),
        Route(f"{oidc}/token", token.token, methods=["POST"]),
        Route(f"{oidc}/token/introspect", token.introspect, methods=["POST"]),
        Route(f"{oidc}/revoke", token.revoke, methods=["POST"]),
        Route(f"{oidc}/userinfo", token.userinfo, methods=["GET", "POST"]),
        Route("/health/ready", login.health),
    ]
    return app


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    return error.response()


class LoginPages:
    """Discovery, signing in by page, logout."""

    def __init__(self, realm: Realm, tokens: Tokens, sessions: Sessions) -> None:
        self.realm = realm
        self.tokens = tokens
        self.sessions = sessions

    async def health(self, _: Request) -> Response:
        """Ready."""
        return JSONResponse({"status": "UP"})

    async def certs(self, _: Request) -> Response:
        """The public keys."""
        return JSONResponse(self.tokens.public())

    async def discovery(self, _: Request) -> Response:
        """OpenID Connect discovery."""
        issuer = self.tokens.issuer
        oidc = f"{issuer}/protocol/openid-connect"
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{oidc}/auth",
                "token_endpoint": f"{oidc}/token",
                "introspection_endpoint": f"{oidc}/token/introspect",
                "userinfo_endpoint": f"{oidc}/userinfo",
                "end_session_endpoint": f"{oidc}/logout",
                "revocation_endpoint": f"{oidc}/revoke",
                "jwks_uri": f"{oidc}/certs",
                "response_types_supported": ["code"],
                "grant_types_supported": [
                    "authorization_code",
                    "refresh_token",
                    "client_credentials",
                ],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": sorted(SCOPES),
                "acr_values_supported": ["low", "high"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                ],
            }
        )

    async def ask(self, request: Request) -> Response:
        """The login page, or straight on where the single sign-on lives."""
        query = dict(request.query_params)
        client = self._asked(query)
        if isinstance(client, Response):
            return client
        login = self.sessions.live(request.cookies.get(COOKIE, ""))
        if (
            login
            and "login" not in query.get("prompt", "")
            and "high" not in query.get("acr_values", "")
        ):
            return self._grant(query, client, login)
        if query.get("prompt") == "none":
            return self._back(query, error="login_required")
        return _html(pages.login_page(self.realm.title, f"{request.url.path}?{request.url.query}"))

    async def enter(self, request: Request) -> Response:
        """User name and password."""
        query, form = dict(request.query_params), await form_of(request)
        client = self._asked(query)
        if isinstance(client, Response):
            return client
        user = self.sessions.check(form.get("username", ""), form.get("password", ""))
        if user is None:
            await asyncio.sleep(0.05)
            action = f"{request.url.path}?{request.url.query}"
            return _html(pages.login_page(self.realm.title, action, WRONG))
        acr = "high" if "high" in query.get("acr_values", "") else "low"
        login = self.sessions.log_in(user, acr)
        response = self._grant(query, client, login)
        response.set_cookie(COOKIE, login.session, httponly=True, samesite="lax", path="/realms")
        return response

    def _asked(self, query: dict[str, str]) -> Client | Response:
        """The client of an authorization request, or the answer to a bad one."""
        client = self.realm.clients.get(query.get("client_id", ""))
        known = client is not None and client.standard_flow
        if not known or client is None or not client.allows(query.get("redirect_uri", "")):
            sentence = "登录请求无效:客户端或回调地址未登记。"
            return _html(pages.message_page(self.realm.title, sentence), 400)
        problem = _problem(query)
        if problem:
            return self._back(query, error=problem[0], error_description=problem[1])
        return client

    def _grant(self, query: dict[str, str], client: Client, login: Login) -> Response:
        code = self.sessions.code(
            Grant(
                login=login,
                client_id=client.client_id,
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
        target = urlencode(state | answer | {"iss": self.tokens.issuer})
        joint = "&" if "?" in query["redirect_uri"] else "?"
        return RedirectResponse(f"{query['redirect_uri']}{joint}{target}", 302, headers=NO_STORE)

    async def logout(self, request: Request) -> Response:
        """RP-initiated logout; by POST also with a refresh token."""
        query = dict(request.query_params) | await form_of(request)
        refresh = self.tokens.read(query.get("refresh_token", ""), "Refresh")
        if refresh:
            self.sessions.log_out(refresh["sid"])
            return Response(status_code=204)
        hint = self.tokens.read(query.get("id_token_hint", ""), "ID")
        client = self.realm.clients.get(query.get("client_id", "") or (hint or {}).get("azp", ""))
        target = query.get("post_logout_redirect_uri", "")
        if target and (client is None or not client.allows_logout(target)):
            return _html(pages.message_page(self.realm.title, "退出后的跳转地址未登记。"), 400)
        if hint is None and request.method == "GET":
            return _html(
                pages.logout_page(self.realm.title, f"{request.url.path}?{request.url.query}")
            )
        self.sessions.log_out(hint["sid"] if hint else request.cookies.get(COOKIE, ""))
        state = f"?{urlencode({'state': query['state']})}" if "state" in query else ""
        if target:
            return RedirectResponse(target + state, 302)
        return _html(pages.message_page(self.realm.title, "您已退出登录。"))


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


def _html(text: str, status: int = 200) -> HTMLResponse:
    headers: dict[str, Any] = {"content-security-policy": pages.CSP, "x-frame-options": "DENY"}
    return HTMLResponse(text, status, headers=headers | NO_STORE)
