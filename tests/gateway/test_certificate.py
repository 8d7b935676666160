"""HTTP with a certificate of the settings, renewed while it serves."""

import asyncio
import ssl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway import certificate
from gateway.app import HttpServer, listener
from kit.embedded.apart import free_ports
from kit.settings import settings
from tests.certified import lay
from tests.sink import Authority

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def url(monkeypatch, tmp_path, authority):
    port = free_ports(1)[0]
    folder = lay(tmp_path / "tls", authority, "127.0.0.1")
    for name, value in {"TLS": str(folder), "HTTP_PORT": str(port), "HTTP_HOST": "127.0.0.1"}.items():  # fmt: skip
        monkeypatch.setenv(f"MINZHENG_{name}", value)
    monkeypatch.setattr(certificate, "LOOK_SECONDS", 0.05)
    settings.cache_clear()
    yield f"https://127.0.0.1:{port}/"
    settings.cache_clear()


async def get(url, authority):
    trust = ssl.create_default_context(cafile=str(authority.file))
    async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
        return (await client.get(url)).text


async def test_http_is_tls_and_a_renewed_certificate_is_shown(url, authority, tmp_path):
    async def here(_):
        return PlainTextResponse("here")

    server, stop = HttpServer(Starlette(routes=[Route("/", here)])), asyncio.Event()
    serving = asyncio.create_task(server.serve([listener()]))
    await asyncio.wait_for(server.listening.wait(), 5)
    following = asyncio.create_task(certificate.follow(server.config.ssl, stop))
    assert await get(url, authority) == "here"
    (tmp_path / "next").mkdir()
    later = Authority(tmp_path / "next")
    with pytest.raises(httpx.ConnectError):
        await get(url, later)
    lay(settings().tls, later, "127.0.0.1")
    await asyncio.sleep(0.3)
    assert await get(url, later) == "here"
    (settings().tls / "tls.crt").write_text("no certificate")
    await asyncio.sleep(0.2)
    assert await get(url, later) == "here"
    stop.set()
    server.should_exit = True
    await asyncio.gather(serving, following)


def test_without_one_http_is_plain(monkeypatch):
    settings.cache_clear()
    assert certificate.files() == (None, None)
