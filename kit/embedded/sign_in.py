"""Signing in by program, as a browser would: works against the embedded issuer and Keycloak alike."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Callable
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
    otp: Callable[[], str] = lambda: "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> Tokens:
    """Authorization code with PKCE: open the login page, post its form, redeem the code.

    Asks for the level that decisions need; `otp` makes the one-time code where the realm wants one.
    Raises SignInError when the page, the password or the code is refused.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "state": state,
        "acr_values": "high",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    async with open_browser(transport) as browser:
        page = await browser.get(f"{issuer}/protocol/openid-connect/auth", params=query)
        sent = await fill_in(browser, page, username, password, otp)
        answer = parse_qs(urlsplit(sent.headers.get("location", "")).query)
        if sent.status_code != 302 or "code" not in answer:
            raise SignInError("user name or password refused")
        if answer.get("state") != [state]:
            raise SignInError("the answer belongs to another request")
        form = {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "code": answer["code"][0],
            "code_verifier": verifier,
        }
        return _tokens(await browser.post(f"{issuer}/protocol/openid-connect/token", data=form))


async def fill_in(
    browser: httpx.AsyncClient,
    page: httpx.Response,
    username: str,
    password: str,
    otp: Callable[[], str] = lambda: "",
) -> httpx.Response:
    """Fill in the forms of a sign-in page by page; the answer that is none of them any more."""
    if 'name="password"' in page.text:
        person = {"username": username, "password": password}
        page = await browser.post(form_action(page), data=person)
    if page.status_code == 200 and 'name="otp"' in page.text:
        page = await browser.post(form_action(page), data={"otp": otp()})
    return page


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
    async with open_browser(transport) as browser:
        return _tokens(
            await browser.post(f"{issuer}/protocol/openid-connect/token", data=form)
        ).access_token


def form_action(page: httpx.Response) -> str:
    """Where the first form of a page is sent to; SignInError when there is no page or form."""
    action = _ACTION.search(page.text)
    if page.status_code != 200 or action is None:
        raise SignInError(f"no login page: {page.status_code}")
    return urljoin(str(page.url), html.unescape(action[1]))


def open_browser(
    transport: httpx.AsyncBaseTransport | None = None, base_url: str = ""
) -> httpx.AsyncClient:
    """A client that keeps cookies as a browser does on loopback and follows no redirect."""

    async def insecure(_: httpx.Response) -> None:
        # Keycloak marks its cookies Secure also on plain loopback http; httpx would hold them back.
        for cookie in browser.cookies.jar:
            cookie.secure = False

    hooks = {"response": [insecure]}
    browser = httpx.AsyncClient(
        transport=transport, base_url=base_url, timeout=20, event_hooks=hooks, trust_env=False
    )
    return browser


def _tokens(response: httpx.Response) -> Tokens:
    try:
        answer = response.json()
    except ValueError as error:
        raise SignInError(f"no token answer: {response.status_code}") from error
    if response.is_error:
        raise SignInError(f"{answer.get('error')}: {answer.get('error_description')}")
    return Tokens(
        answer["access_token"],
        answer.get("refresh_token", ""),
        answer.get("id_token", ""),
        answer["expires_in"],
    )
