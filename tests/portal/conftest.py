"""A whole platform with demo data and a browser in front of it: the distribution's Chromium."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from tests.platform import Platform
from tests.portal.chromium import CHROMIUM, NONE, launched
from tests.portal.portal import Portal
from tests.portal.seeded import Seeded, seed
from tests.sink import Authority
from tests.stories.people import Town


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Platform]:
    """A platform with the demo data of a first start."""
    if not CHROMIUM:
        pytest.skip(NONE)
    folder: Path = tmp_path_factory.mktemp("portal")
    trusted = {"MINZHENG_DEPARTMENT_CA": str(authority.file)}
    with Platform.prepare(folder / "var", MINZHENG_DEMO="1", **trusted).serving() as running:
        yield running


@pytest.fixture(scope="session")
async def seeded(platform: Platform) -> Seeded:
    """What the pages are shown."""
    return await seed(platform)


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a browser around it."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """The driver of browsers."""
    async with async_playwright() as running:
        yield running


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, platform: Platform) -> AsyncIterator[Browser]:
    """One browser; every test gets profiles of its own."""
    running = await launched(playwright)
    yield running
    await running.close()


@pytest.fixture
async def portal(platform: Platform, browser: Browser) -> AsyncIterator[Portal]:
    """The pages, to be visited as anybody; at the end nothing may have gone wrong in a browser."""
    found = Portal(platform, browser)
    yield found
    await found.close()
    assert found.accidents == []


@pytest.fixture
async def town(portal: Portal) -> AsyncIterator[Town]:
    """The people of 大同街道 at the platform's API."""
    async with httpx.AsyncClient(base_url=portal.platform.url, timeout=20) as http:
        yield Town(portal.platform, http)
