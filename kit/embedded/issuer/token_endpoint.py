"""Token, introspection, revocation, userinfo."""

import time
import uuid
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kit.embedded.issuer.clients import NO_STORE, OAuthError, authenticate
from kit.embedded.issuer.realm import Client, Realm
from kit.embedded.issuer.sessions import Sessions
from kit.embedded.issuer.tokens import Login, Tokens


async def form_of(request: Request) -> dict[str, str]:
    """The form of a request, read once; empty for anything else."""
    if request.method != "POST":
        return {}
    return dict(
        parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    )


class TokenEndpoint:
    """What clients call with tokens and secrets."""

    def __init__(self, realm: Realm, tokens: Tokens, sessions: Sessions) -> None:
        self.realm = realm
        self.tokens = tokens
        self.sessions = sessions

    async def token(self, request: Request) -> Response:
        """Code, refresh token or client credentials for tokens."""
        form = await form_of(request)
        client = authenticate(self.realm, request, form)
        match form.get("grant_type", ""):
            case "authorization_code":
                answer = self._by_code(client, form)
            case "refresh_token":
                answer = self._by_refresh(client, form)
            case "client_credentials":
                answer = self._by_credentials(client, form)
            case "":
                raise OAuthError(400, "invalid_request", "Missing form parameter: grant_type")
            case _:
                raise OAuthError(400, "unsupported_grant_type", "Unsupported grant_type")
        return JSONResponse(answer, headers=NO_STORE)

    def _by_code(self, client: Client, form: dict[str, str]) -> dict[str, Any]:
        grant = self.sessions.redeem(form.get("code", ""))
        if grant is None or grant.client_id != client.client_id:
            raise OAuthError(400, "invalid_grant", "Code not valid")
        if grant.redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "invalid_grant", "Incorrect redirect_uri")
        if not grant.proves(form.get("code_verifier", "")):
            raise OAuthError(400, "invalid_grant", "PKCE verification failed")
        if self.sessions.live(grant.login.session) is None:
            raise OAuthError(400, "invalid_grant", "Session not active")
        return self.tokens.answer(client, grant.login, grant.scope, grant.nonce, refresh=True)

    def _by_refresh(self, client: Client, form: dict[str, str]) -> dict[str, Any]:
        claims = self.tokens.read(form.get("refresh_token", ""), "Refresh")
        if claims is None or claims["azp"] != client.client_id:
            raise OAuthError(400, "invalid_grant", "Invalid refresh token")
        login = self._login(claims)
        if login is None or not self.sessions.use_refresh(claims["jti"], claims["sid"]):
            raise OAuthError(400, "invalid_grant", "Token is not active")
        return self.tokens.answer(client, login, claims["scope"], "", refresh=True)

    def _login(self, claims: dict[str, Any]) -> Login | None:
        """The single sign-on of a token, also one from before a restart."""
        user = self.realm.by_account(claims["sub"])
        too_old = time.time() - claims["auth_time"] > self.realm.session_seconds
        if user is None or too_old or claims["sid"] in self.sessions.ended:
            return None
        return Login(claims["sid"], user, claims["auth_time"], claims["acr"])

    def _by_credentials(self, client: Client, form: dict[str, str]) -> dict[str, Any]:
        user = self.realm.service_user(client)
        if client.public or not client.service_account or user is None:
            raise OAuthError(401, "unauthorized_client", "Client not enabled for service accounts")
        login = Login(str(uuid.uuid4()), user, int(time.time()))
        scope = form.get("scope", "profile")
        return self.tokens.answer(client, login, scope, "", refresh=False)

    async def introspect(self, request: Request) -> Response:
        """Whether a token is live, for a client that is in its audience."""
        form = await form_of(request)
        client = authenticate(self.realm, request, form)
        if client.public:
            raise OAuthError(401, "invalid_request", "Client not allowed.")
        claims = self.tokens.read(form.get("token", ""), "Bearer")
        audience = claims.get("aud", []) if claims else []
        ended = claims is not None and claims["sid"] in self.sessions.ended
        if claims is None or ended or client.client_id not in audience:
            return JSONResponse({"active": False}, headers=NO_STORE)
        return JSONResponse(
            claims
            | {
                "active": True,
                "client_id": claims["azp"],
                "username": claims["preferred_username"],
            },
            headers=NO_STORE,
        )

    async def revoke(self, request: Request) -> Response:
        """End a token's family; garbage is answered like success (RFC 7009)."""
        form = await form_of(request)
        client = authenticate(self.realm, request, form)
        token = form.get("token", "")
        claims = self.tokens.read(token, "Refresh") or self.tokens.read(token, "Bearer")
        if claims is None:
            return Response(status_code=200)
        if claims["azp"] != client.client_id:
            raise OAuthError(400, "invalid_token", "Unmatching clients")
        self.sessions.log_out(claims["sid"])
        return Response(status_code=200)

    async def userinfo(self, request: Request) -> Response:
        """Claims about the person of an access token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self.tokens.read(token, "Bearer") if scheme.lower() == "bearer" else None
        if claims is None or claims["sid"] in self.sessions.ended:
            raise OAuthError(401, "invalid_token", "Token verification failed")
        if "openid" not in claims["scope"].split():
            raise OAuthError(403, "insufficient_scope", "Missing openid scope")
        user = self.realm.by_account(claims["sub"])
        client = self.realm.clients[claims["azp"]]
        extra = self.tokens.mapped(client, user, "userinfo.token.claim") if user else {}
        return JSONResponse(
            {"sub": claims["sub"], "preferred_username": claims["preferred_username"]} | extra
        )
