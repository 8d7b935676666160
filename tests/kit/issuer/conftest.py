"""The embedded issuer under the acceptance script; `tests/real/issuer` puts Keycloak there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.keycloak.demo_realm import strict_realm
from kit.embedded.issuer import issuer_app
from kit.embedded.sign_in import open_browser

BASE = "http://127.0.0.1:8081"
REALM = Path(__file__).parents[3] / "deploy/keycloak/minzheng-realm.demo.json"


@dataclass(frozen=True)
class Issuer:
    """Where an issuer is and how to reach it."""

    url: str
    transport: httpx.AsyncBaseTransport | None = None

    def browser(self) -> httpx.AsyncClient:
        """A client that keeps cookies and does not follow redirects."""
        return open_browser(self.transport, f"{self.url}/protocol/openid-connect/")


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    """The embedded issuer, without sockets."""
    app = issuer_app(REALM, tmp_path, BASE, profile="test")
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))


@pytest.fixture
def strict(tmp_path: Path) -> Issuer:
    """The same with the realm of production: staff owe a one-time code."""
    file = tmp_path / "strict.json"
    file.write_text(json.dumps(strict_realm()), encoding="utf-8")
    app = issuer_app(file, tmp_path, BASE, profile="test")
    return Issuer(f"{BASE}/realms/minzheng", httpx.ASGITransport(app))
