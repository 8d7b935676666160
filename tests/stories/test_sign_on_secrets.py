"""Nothing that signs a person on is found where others may read: pages, addresses, files, dumps."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from gateway.session.cookies import FLOW, SESSION
from gateway.session.store import SEALED
from kit.embedded.sign_in import open_browser
from kit.ids import uuid7
from kit.secrets import Keyring
from kit.settings import Settings
from tests.platform import Platform
from tests.stories.test_canaries import DATABASES, dump, files, settled
from tests.stories.test_sign_on import MINE, own_page, sign_in


@dataclass
class Watched:
    """A browser whose pages and addresses are kept."""

    client: httpx.AsyncClient
    pages: list[bytes] = field(default_factory=list)
    addresses: list[bytes] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    async def keep(self, response: httpx.Response) -> None:
        """What a person would see, and what the browser was told to keep to itself."""
        self.pages.append(await response.aread())
        self.addresses.append(str(response.url).encode())
        jar = {cookie.name: cookie.value or "" for cookie in self.client.cookies.jar}
        self.secrets |= {jar[name] for name in (FLOW, SESSION) if jar.get(name)}
        if "code" in response.url.params:
            self.secrets.add(response.url.params["code"])


@pytest.fixture
async def browser(platform: Platform) -> AsyncIterator[Watched]:
    async with open_browser(base_url=platform.url) as client:
        watched = Watched(client)
        client.event_hooks["response"].append(watched.keep)
        yield watched


async def tokens(platform: Platform) -> list[str]:
    """What the issuer gave for the sessions there are."""
    keyring = Keyring.load(Settings(var=platform.var))
    database = await platform.database("gateway")
    rows = await database.fetch("SELECT session_id, tokens FROM session")
    await database.close()
    found = []
    for row in rows:
        place = SEALED.place("tokens", str(row["session_id"]))
        kept = json.loads(keyring.decrypt(bytes(row["tokens"]), place))
        found += [kept["access"].rpartition(".")[2], kept["refresh"].rpartition(".")[2]]
    return found


async def visit(platform: Platform, browser: Watched) -> None:
    """Sign in, ask, be refused, step up, choose another post, ask for what is not there."""
    client = browser.client
    await sign_in(client, "lead.datong")
    await client.get(MINE)
    who = (await client.get("/api/v1/session")).json()
    headers = own_page(platform, who["formValue"])
    await client.post(f"/api/v1/filings/{uuid7()}:decide", json={"agree": True}, headers=headers)
    browser.secrets.update(await tokens(platform))
    await sign_in(client, "lead.datong", "/sign-in?level=high")
    who = (await client.get("/api/v1/session")).json()
    form = {"form_value": who["formValue"], "post": "self"}
    await client.post("/sign-in/post", data=form, headers=own_page(platform, who["formValue"]))
    await client.get("/sign-in/callback?code=forged&state=forged")
    await client.get(MINE, headers={"cookie": f"{SESSION}=forged"})
    browser.secrets.update(await tokens(platform))
    browser.secrets.discard("forged")


async def test_no_secret_of_a_sign_on_is_found(platform: Platform, browser: Watched) -> None:
    await visit(platform, browser)
    trace = (await browser.client.get("/api/v1/messages")).headers["x-trace-id"]
    await settled(platform, trace)
    marks = [secret.encode() for secret in browser.secrets]
    assert len(marks) >= 8, "cookies before and after, a code each, tokens"
    codes = {mark for mark in marks if any(b"code=" + mark in one for one in browser.addresses)}
    assert len(codes) == 2, "the code alone goes through an address, once a sign-in"
    places = {f"page {number}": page for number, page in enumerate(browser.pages)}
    places |= {
        str(path.relative_to(platform.var)): path.read_bytes() for path in files(platform.var)
    }
    for name in DATABASES:
        places[name] = await asyncio.to_thread(dump, platform, name)
    leaks = {name for name, text in places.items() if any(mark in text for mark in marks)}
    leaks |= {a.decode() for a in browser.addresses if any(m in a for m in marks if m not in codes)}
    assert leaks == set()
