"""A whole platform with demo data and a browser in front of it: the distribution's Chromium."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from tests.platform import Platform
from tests.portal.portal import Portal

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""The tests may run as root, whom Chromium refuses to keep in a sandbox."""
NONE = "SKIPPED, NOT GREEN: no Chromium (apt-get install chromium fonts-noto-cjk)"


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with the demo data of a first start."""
    if not CHROMIUM:
        pytest.skip(NONE)
    folder: Path = tmp_path_factory.mktemp("portal")
    with Platform.prepare(folder / "var", MINZHENG_DEMO="1").serving() as running:
        yield running


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """The driver of browsers."""
    async with async_playwright() as running:
        yield running


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, platform: Platform) -> AsyncIterator[Browser]:
    """One browser; every test gets profiles of its own."""
    environment = {"LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}
    running = await playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, env=environment
    )
    yield running
    await running.close()


@pytest.fixture
async def portal(platform: Platform, browser: Browser) -> AsyncIterator[Portal]:
    """The pages, to be visited as anybody; at the end nothing may have gone wrong in a browser."""
    found = Portal(platform, browser)
    yield found
    await found.close()
    assert found.accidents == []
