"""X17: Keycloak is away; who is signed in works on, nobody new comes in until it is back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from kit.embedded.sign_in import SignInError, open_browser
from tests.faults.figures import note
from tests.platform import Platform
from tests.real.watching import process, until
from tests.stories.people import Town
from tests.stories.test_sign_on import MINE, sign_in

AWAY_SECONDS = float(os.environ.get("MINZHENG_FAULT_AWAY", "0"))
"""How long it is killed again whenever it was started; the full form is 600."""
TOKEN_SECONDS = 240.0
"""An access token lasts five minutes, and without Keycloak nobody gets the next one."""
LOOK_SECONDS, EVERY_SECONDS = 2.0, 5.0
BACK_SECONDS = 300.0
AWAY = (SignInError, httpx.HTTPError)


async def kill(platform: Platform, killed: list[int]) -> None:
    """End Keycloak unless this life of it was ended before."""
    now = await asyncio.to_thread(process, platform, "keycloak")
    if now["running"] and now["pid"] not in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(now["pid"], signal.SIGKILL)
            killed.append(now["pid"])


@asynccontextmanager
async def away(platform: Platform) -> AsyncIterator[list[int]]:
    """No Keycloak: killed as often as it is started; its processes. It takes longer to serve."""
    killed, enough = list[int](), asyncio.Event()

    async def again() -> None:
        while not enough.is_set():
            await kill(platform, killed)
            await asyncio.sleep(LOOK_SECONDS)

    await kill(platform, killed)
    assert killed
    killing = asyncio.create_task(again())
    try:
        yield killed
    finally:
        enough.set()
        await killing


async def test_it_is_away(platform: Platform) -> None:
    async with (
        httpx.AsyncClient(base_url=platform.url, timeout=20) as http,
        open_browser(base_url=platform.url) as browser,
        open_browser(base_url=platform.url) as stranger,
    ):
        town = Town(platform, http)
        clerk = await town.person("clerk.datong")
        await sign_in(browser, "lead.datong")
        began, answered, refused = time.monotonic(), 0, 0
        async with away(platform) as killed:
            while time.monotonic() < began + AWAY_SECONDS or answered < 3:
                assert (await browser.get(MINE)).status_code == 200
                answered += 1
                if time.monotonic() < began + TOKEN_SECONDS:
                    assert "filings" in await clerk.get("/api/v1/filing-inbox")
                    answered += 1
                page = await stranger.get("/sign-in")
                assert page.status_code == 503
                assert "登录服务暂不可用" in page.text
                with pytest.raises(AWAY):
                    await town.person("village.datongli")
                refused += 2
                await asyncio.sleep(EVERY_SECONDS)
        assert (await stranger.get(MINE)).status_code == 401
        away_for = time.monotonic() - began

        async def signs_in() -> bool:
            try:
                await sign_in(stranger, "village.datongli")
            except AWAY:
                return False
            return (await stranger.get(MINE)).status_code == 200

        seconds = await until(signs_in, BACK_SECONDS, "nobody can sign in")
        print(f"Keycloak was away for {away_for:.0f} s, people sign in {seconds:.0f} s later")
        assert (await browser.get(MINE)).status_code == 200, "who was signed in still is"
        note("sign_on", away=round(away_for), kills=len(killed), answered=answered,
             refused=refused, back=round(seconds))  # fmt: skip
