"""X17: Keycloak is killed; who is signed in works on, nobody new comes in until it is back."""

import asyncio
import os
import signal

import httpx
import pytest

from kit.embedded.sign_in import SignInError, open_browser
from tests.platform import Platform
from tests.real.watching import process, restarted, until
from tests.stories.people import Town
from tests.stories.test_sign_on import MINE, sign_in

BACK_SECONDS = 300.0
AWAY = (SignInError, httpx.HTTPError)


async def test_it_is_away(platform: Platform) -> None:
    async with (
        httpx.AsyncClient(base_url=platform.url, timeout=20) as http,
        open_browser(base_url=platform.url) as browser,
        open_browser(base_url=platform.url) as stranger,
    ):
        town = Town(platform, http)
        clerk = await town.person("clerk.datong")
        await sign_in(browser, "lead.datong")
        before = process(platform, "keycloak")
        os.kill(before["pid"], signal.SIGKILL)
        for _ in range(3):
            assert "filings" in await clerk.get("/api/v1/filing-inbox")
            assert (await browser.get(MINE)).status_code == 200
        with pytest.raises(AWAY):
            await town.person("village.datongli")
        with pytest.raises(httpx.HTTPError):
            await sign_in(stranger, "village.datongli")
        assert (await stranger.get(MINE)).status_code == 401

        async def signs_in() -> bool:
            try:
                await sign_in(stranger, "village.datongli")
            except AWAY:
                return False
            return (await stranger.get(MINE)).status_code == 200

        seconds = await until(signs_in, BACK_SECONDS, "nobody can sign in")
        print(f"Keycloak is back after {seconds:.0f} s")
        assert await asyncio.to_thread(restarted, platform, before)
        assert (await browser.get(MINE)).status_code == 200, "who was signed in still is"
