"""Sixty token mutants of keys that Keycloak publishes, at every route of a running gateway (G21)."""

import time
from collections.abc import Iterator

import httpx
import pytest
from joserfc.jwk import RSAKey
from keycloak import KeycloakAdmin

from kit.settings import Settings
from tests.gateway.caller.conftest import Issuer
from tests.gateway.caller.mutants import let_in, mutants
from tests.gateway.session.routing import Call, calls
from tests.platform import Platform
from tests.real.keycloak import publish_key, published

MINE = Call("GET", "/api/v1/my/posts")
KNOWN_SECONDS = 60.0


@pytest.fixture
def signing(config: Settings, admin: KeycloakAdmin) -> Iterator[Issuer]:
    """Whoever holds keys of the issuer: one for signatures, one for encryption."""
    sig, enc = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    made = [
        publish_key(admin, "rsa", "RS256", sig),
        publish_key(admin, "rsa-enc", "RSA-OAEP", enc),
    ]
    yield Issuer(config.issuer, published(config, sig), published(config, enc), "nobody-known")
    for component in made:
        admin.delete_component(component)


async def test_no_mutant_is_let_in_at_any_route(platform: Platform, signing: Issuer) -> None:
    known = mutants(signing)
    assert len(known) >= 60
    async with httpx.AsyncClient(base_url=platform.url, timeout=30) as http:
        end = time.monotonic() + KNOWN_SECONDS
        while not await let_in(http, [signing.sign()], [MINE]):
            assert time.monotonic() < end, "control: the good one is let in"
        assert await let_in(http, list(known.values()), list(calls())) == []
