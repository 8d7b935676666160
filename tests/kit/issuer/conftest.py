"""The embedded issuer under the acceptance script; `tests/real/issuer` puts Keycloak there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs

import httpx
import pytest

from deploy.keycloak.demo_realm import strict_realm
from kit.embedded.issuer import issuer_app
from kit.embedded.issuer.realm import User
from kit.embedded.issuer.sessions import Sessions
from kit.embedded.sign_in import open_browser

BASE = "http://127.0.0.1:8081"
BACK_CHANNEL = "http://127.0.0.1:8080/sign-out/back-channel"
REALM = Path(__file__).parents[3] / "deploy/keycloak/minzheng-realm.demo.json"


@dataclass(frozen=True)
class Issuer:
    """Where an issuer is and how to reach it."""

    url: str
    transport: httpx.AsyncBaseTransport | None = None

    def browser(self) -> httpx.AsyncClient:
        """A client that keeps cookies and does not follow redirects."""
        return open_browser(self.transport, f"{self.url}/protocol/openid-connect/")


class Heard(Protocol):
    """What a client hears at its back-channel address."""

    tokens: list[str]
    """Logout tokens, in order."""

    def go_away(self) -> None:
        """Answer no more."""


class Listener(httpx.AsyncBaseTransport):
    """The back-channel address of the portal, without sockets."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.away = False

    def go_away(self) -> None:
        """Answer no more."""
        self.away = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """A call of the issuer."""
        assert str(request.url) == BACK_CHANNEL
        if self.away:
            raise httpx.ConnectError("away")
        form = parse_qs((await request.aread()).decode())
        self.tokens.append(form["logout_token"][0])
        return httpx.Response(200)


@pytest.fixture
def heard() -> Listener:
    """What the portal hears."""
    return Listener()


@pytest.fixture
def told(issuer_folder: Path, heard: Listener) -> Issuer:
    """An issuer whose logout calls are listened to."""
    app = issuer_app(REALM, issuer_folder, BASE, profile="test", transport=heard)
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))


@pytest.fixture
def issuer(issuer_folder: Path) -> Issuer:
    """The embedded issuer, without sockets."""
    app = issuer_app(REALM, issuer_folder, BASE, profile="test")
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))


@pytest.fixture
def strict(issuer_folder: Path) -> Issuer:
    """The same with the realm of production: staff owe a one-time code."""
    return of_realm(strict_realm(), issuer_folder)


@pytest.fixture
def briefly_locking(issuer_folder: Path) -> Issuer:
    """The same, where an account is locked for a second."""
    return of_realm(strict_realm() | {"waitIncrementSeconds": 1}, issuer_folder)


def of_realm(realm: dict[str, Any], folder: Path) -> Issuer:
    """The embedded issuer of a realm."""
    file = folder / "realm.json"
    file.write_text(json.dumps(realm), encoding="utf-8")
    app = issuer_app(file, folder, BASE, profile="test")
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many passwords were looked at while the account was open."""
    seen: list[str] = []
    check = Sessions.check

    def counted(sessions: Sessions, username: str, password: str) -> User | None:
        if not sessions._locked(username):
            seen.append(username)
        return check(sessions, username, password)

    monkeypatch.setattr(Sessions, "check", counted)
    return lambda: len(seen)
