"""The gateway asks the issuer at its address, under its name."""

import httpx
import pytest

from gateway.tokens import discover, fetch_keys, issuer_client
from kit.settings import settings

ISSUER = "https://sign-on.example/realms/minzheng"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Requests that left, and where to."""
    seen: list[httpx.Request] = []

    async def answer(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(request)
        told = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/certs", "keys": []}
        return httpx.Response(200, json=told, headers={"set-cookie": "KEPT=1"})

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    return seen


async def test_it_goes_to_the_address_and_keeps_the_name(
    asked: list[httpx.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "issuer_address", "http://keycloak:8081")
    async with issuer_client() as client:
        assert await fetch_keys(ISSUER, client)()
    assert [str(one.url) for one in asked] == [
        "http://keycloak:8081/realms/minzheng/.well-known/openid-configuration",
        "http://keycloak:8081/realms/minzheng/certs",
    ]
    assert {one.headers["host"] for one in asked} == {"sign-on.example"}


async def test_cookies_and_links_belong_to_the_name(
    asked: list[httpx.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "issuer_address", "http://keycloak:8081")
    async with issuer_client() as client:
        page = await client.get(ISSUER)
        await client.get(f"{page.url}/form")
    assert str(page.url) == ISSUER
    assert asked[1].url.host == "keycloak"
    assert asked[1].headers["cookie"] == "KEPT=1"


async def test_without_an_address_it_goes_where_the_name_says(asked: list[httpx.Request]) -> None:
    async with issuer_client() as client:
        await discover(client, ISSUER)
    assert str(asked[0].url).startswith(ISSUER)
