"""The issuer as the gateway speaks to it (OpenID Connect): code with PKCE, refresh, logout both ways.

The same for the embedded issuer and Keycloak: everything is read from the discovery document.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt

from gateway.session.cookies import Flow, equal
from gateway.session.domain import HIGH
from gateway.session.store import Tokens
from gateway.tokens import (
    LEEWAY,
    UNREADABLE,
    Identity,
    Keys,
    discover,
    expect,
    number,
    sign_on_away,
    text,
)
from gateway.tokens import Tokens as AccessTokens
from kit.identity import unauthenticated

log = logging.getLogger(__name__)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 300
"""Age up to which a logout token counts."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code or refresh token brought: who, at which level and when, tokens for how long."""

    identity: Identity
    issuer_session: str
    acr: str
    authenticated: float
    tokens: Tokens
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """Whom a logout token speaks of: one single sign-on, or all of an account; the other is empty."""

    account: str
    issuer_session: str


@dataclass
class Provider:
    """One issuer, for one confidential client of it."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str
    access: AccessTokens
    http: httpx.AsyncClient
    _told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> Keys:
        """The issuer's signing keys."""
        return self.access.keys

    async def sign_in_url(self, flow: Flow, *, high: bool) -> str:
        """Where the browser goes to sign in; `high` asks for the second factor now.

        Refusal UNAVAILABLE where the issuer is away: better said by a page of ours than by the
        browser, which would find nobody there.
        """
        digest = hashlib.sha256(flow.verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | ({"acr_values": HIGH} if high else {})
        await self._ask()
        return f"{self._told['authorization_endpoint']}?{urlencode(query)}"

    async def redeem(self, code: str, flow: Flow) -> Granted:
        """Tokens for a code; Refusal UNAUTHENTICATED where code or tokens are not what was asked for."""
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri,
            "code": code,
            "code_verifier": flow.verifier,
        }
        answer = await self._tokens(form)
        if answer is None:
            raise unauthenticated()
        claims = await self._id_claims(answer)
        if not equal(flow.nonce, str(claims.get("nonce", ""))):
            raise unauthenticated()
        return await self._granted(answer, claims)

    async def refresh(self, token: str) -> Granted | None:
        """New tokens for a refresh token; None when the issuer does not know the person any more."""
        answer = await self._tokens({"grant_type": "refresh_token", "refresh_token": token})
        return (
            None if answer is None else await self._granted(answer, await self._id_claims(answer))
        )

    async def log_out(self, refresh_token: str) -> None:
        """End the single sign-on behind a refresh token; an issuer that is away is only noted."""
        try:
            await self._post("end_session_endpoint", {"refresh_token": refresh_token})
        except httpx.HTTPError as error:
            log.warning("the issuer was not told of a logout: %s", type(error).__name__)

    async def ended(self, token: str) -> Ended:
        """Whom a logout token speaks of; Refusal UNAUTHENTICATED for any other token."""
        read = await self.keys.verify(token)
        try:
            return self._ended(read)
        except UNREADABLE as error:
            raise unauthenticated() from error

    def _ended(self, read: jwt.Token) -> Ended:
        claims = read.claims
        expect(claims | {"typ": ""}, self.issuer, self.client_id, "")
        age = time.time() - number(claims["iat"])
        good = (
            str(read.header.get("typ", "")).lower() == "logout+jwt"
            and EVENT in claims["events"]
            and "nonce" not in claims
            and -LEEWAY <= age <= LOGOUT_SECONDS
            and number(claims.get("exp", time.time())) + LEEWAY >= time.time()
        )
        found = Ended(str(claims.get("sub", "")), str(claims.get("sid", "")))
        if not good or not (found.account or found.issuer_session):
            raise unauthenticated()
        return Ended("", found.issuer_session) if found.issuer_session else found

    async def _granted(self, answer: Mapping[str, Any], claims: Mapping[str, Any]) -> Granted:
        try:
            identity = await self.access.verify(text(answer["access_token"]))
            if identity.account != claims["sub"] or identity.machine:
                raise unauthenticated()
            return Granted(
                identity=identity,
                issuer_session=text(claims["sid"]),
                acr=str(claims.get("acr", "")),
                authenticated=number(claims["auth_time"]),
                tokens=Tokens(
                    answer["access_token"],
                    text(answer["refresh_token"]),
                    str(claims.get("name", "")),
                ),
                seconds=number(answer["expires_in"]),
            )
        except UNREADABLE as error:
            raise unauthenticated() from error

    async def _id_claims(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            claims = (await self.keys.verify(text(answer.get("id_token")))).claims
            expect(claims, self.issuer, self.client_id, "ID")
            if number(claims["exp"]) + LEEWAY < time.time() or claims["azp"] != self.client_id:
                raise unauthenticated()
        except UNREADABLE as error:
            raise unauthenticated() from error
        return claims

    async def _tokens(self, form: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The answer of the token endpoint, None where it refuses; Refusal UNAVAILABLE without one."""
        try:
            found = await self._post("token_endpoint", form)
            if found.status_code in (400, 401):
                log.warning("the issuer refused: %s", str(found.json().get("error", ""))[:60])
                return None
            answer: Mapping[str, Any] = found.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise sign_on_away() from error
        return answer

    async def _post(self, endpoint: str, form: Mapping[str, str]) -> httpx.Response:
        client = {"client_id": self.client_id, "client_secret": self.secret}
        return await self.http.post(await self._endpoint(endpoint), data={**form, **client})

    async def _endpoint(self, name: str) -> str:
        if not self._told:
            await self._ask()
        return str(self._told[name])

    async def _ask(self) -> None:
        try:
            self._told = await discover(self.http, self.issuer)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise sign_on_away() from error
