"""The endpoints under `/realms/{realm}`, with Keycloak's URLs."""

from pathlib import Path
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kit.embedded.issuer import pages
from kit.embedded.issuer.clients import OAuthError, authenticate
from kit.embedded.issuer.farewell import Farewell
from kit.embedded.issuer.realm import Realm, read_realm
from kit.embedded.issuer.sessions import Sessions
from kit.embedded.issuer.sign_in import COOKIE, SCOPES, SignIn, html
from kit.embedded.issuer.token_endpoint import TokenEndpoint, form_of
from kit.embedded.issuer.tokens import Tokens, signing_key


def issuer_app(
    realm_file: Path,
    keys: Path,
    base_url: str,
    *,
    profile: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The issuer; `transport` carries its logout calls. RuntimeError in production: use Keycloak."""
    if profile == "production":
        raise RuntimeError("the embedded issuer refuses to run in production: use Keycloak")
    realm = read_realm(realm_file)
    root = f"/realms/{realm.name}"
    tokens = Tokens(signing_key(keys), realm, f"{base_url.rstrip('/')}{root}")
    sessions = Sessions(realm)
    signing_in = SignIn(realm, sessions, tokens.issuer)
    login = Around(realm, tokens, Farewell(sessions, tokens, realm.clients, transport))
    token = TokenEndpoint(realm, tokens, sessions)
    oidc = f"{root}/protocol/openid-connect"
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, exception_handlers={OAuthError: _refused}
    )
    app.router.routes += [
        Route(f"{root}/.well-known/openid-configuration", login.discovery),
        Route(f"{oidc}/certs", login.certs),
        Route(f"{oidc}/auth", signing_in.ask, methods=["GET"]),
        Route(f"{oidc}/auth", signing_in.enter, methods=["POST"]),
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


class Around:
    """Discovery, keys, logout."""

    def __init__(self, realm: Realm, tokens: Tokens, farewell: Farewell) -> None:
        self.realm = realm
        self.tokens = tokens
        self.farewell = farewell

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
                "authorization_response_iss_parameter_supported": True,
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                ],
            }
        )

    async def logout(self, request: Request) -> Response:
        """RP-initiated logout; by POST also with a refresh token."""
        form = await form_of(request)
        query = dict(request.query_params) | form
        if "refresh_token" in form:
            return await self._by_refresh_token(request, form)
        frame = pages.frame_of(self.realm)
        hint = self.tokens.read(query.get("id_token_hint", ""), "ID")
        client = self.realm.clients.get(query.get("client_id", "") or (hint or {}).get("azp", ""))
        target = query.get("post_logout_redirect_uri", "")
        if target and (client is None or not client.allows_logout(target)):
            return html(pages.message_page(frame, "退出后的跳转地址未登记。"), 400)
        if hint is None and request.method == "GET":
            return html(pages.logout_page(frame, f"{request.url.path}?{request.url.query}"))
        session = hint["sid"] if hint else request.cookies.get(COOKIE, "")
        login = self.farewell.sessions.live(session)
        await self.farewell.end(session, login.user.account if login else "")
        state = f"?{urlencode({'state': query['state']})}" if "state" in query else ""
        if target:
            return RedirectResponse(target + state, 302)
        return html(pages.message_page(frame, "您已退出登录。"))

    async def _by_refresh_token(self, request: Request, form: dict[str, str]) -> Response:
        client = authenticate(self.realm, request, form)
        claims = self.tokens.read(form["refresh_token"], "Refresh")
        if claims is None or claims["azp"] != client.client_id:
            raise OAuthError(400, "invalid_grant", "Invalid refresh token")
        self.farewell.sessions.join(claims["sid"], client.client_id)
        await self.farewell.end(claims["sid"], claims["sub"])
        return Response(status_code=204)
