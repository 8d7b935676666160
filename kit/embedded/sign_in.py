"""Signing in by program, as a browser would: works against the embedded issuer and Keycloak alike."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

REDIRECT = "http://127.0.0.1:8085/callback"
_ACTION = re.compile(r"<form[^>]*\saction=\"([^\"]+)\"", re.IGNORECASE)


class SignInError(Exception):
    """Signing in failed; the text says at which step."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in brings."""

    access_token: str
    refresh_token: str
    id_token: str
    expires_in: int


async def sign_in(
    issuer: str,
    username: str,
    password: str,
    *,
    client_id: str = "minzheng-cli",
    redirect_uri: str = REDIRECT,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Tokens:
    """Authorization code with PKCE: open the login page, post its form, redeem the code.

    Raises SignInError when the page, the password or the code is refused.
    """
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "state": secrets.token_urlsafe(8),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    async with _browser(transport) as browser:
        page = await browser.get(f"{issuer}/protocol/openid-connect/auth", params=query)
        action = _ACTION.search(page.text)
        if page.status_code != 200 or action is None:
            raise SignInError(f"no login page: {page.status_code}")
        target = urljoin(str(page.url), html.unescape(action[1]))
        sent = await browser.post(target, data={"username": username, "password": password})
        code = parse_qs(urlsplit(sent.headers.get("location", "")).query).get("code")
        if sent.status_code != 302 or code is None:
            raise SignInError("user name or password refused")
        form = {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "code": code[0],
            "code_verifier": verifier,
        }
        return _tokens(await browser.post(f"{issuer}/protocol/openid-connect/token", data=form))


async def client_token(
    issuer: str,
    client_id: str,
    client_secret: str,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> str:
    """Access token of a client of its own (client credentials)."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    async with _browser(transport) as browser:
        return _tokens(
            await browser.post(f"{issuer}/protocol/openid-connect/token", data=form)
        ).access_token


def _browser(transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    async def insecure(response: httpx.Response) -> None:
        # Keycloak marks its cookies Secure also on plain loopback http; httpx would drop them.
        for cookie in response.cookies.jar:
            cookie.secure = False

    return httpx.AsyncClient(transport=transport, timeout=20, event_hooks={"response": [insecure]})


def _tokens(response: httpx.Response) -> Tokens:
    answer = response.json()
    if response.is_error:
        raise SignInError(f"{answer.get('error')}: {answer.get('error_description')}")
    return Tokens(
        answer["access_token"],
        answer.get("refresh_token", ""),
        answer.get("id_token", ""),
        answer["expires_in"],
    )
