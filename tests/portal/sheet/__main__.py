"""`make contact-sheet` and `make pictures`: a platform is started once, shown in every state and pictured.

ONLY=gov,apply pictures some rooms. `python -m tests.portal.sheet readme` makes the README's. Needs Chromium.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import async_playwright

from tests.platform import ROOT, Platform
from tests.portal.chromium import CHROMIUM, NONE, launched
from tests.portal.portal import Portal
from tests.portal.sheet import look, readme
from tests.portal.sheet.scene import scene
from tests.portal.sheet.shoot import WAYS, Camera, Way
from tests.portal.sheet.views import VIEWS, View
from tests.sink import Authority

FOLDER = ROOT / "var" / "contact-sheet"


async def taken(
    platform: Platform,
    authority: Authority,
    folder: Path,
    views: Sequence[View],
    ways: Sequence[Way],
) -> list[str]:
    """Views into a folder; what could not be taken."""
    async with scene(platform, authority) as ids, async_playwright() as playwright:
        browser = await launched(playwright)
        camera = Camera(Portal(platform, browser), ids, folder)
        await camera.take(views, ways)
        await browser.close()
    return camera.missed


def asked() -> list[View]:
    """The views of the rooms asked for."""
    rooms = tuple(f"{room}/" for room in os.environ.get("ONLY", "").split(",") if room)
    return [view for view in VIEWS if not rooms or view.name.startswith(rooms)]


def sheet(platform: Platform, authority: Authority, _: Path) -> list[str]:
    """Everything for people to look through."""
    views = asked()
    missed = asyncio.run(taken(platform, authority, FOLDER, views, WAYS))
    look.write(FOLDER, views)
    print(f"{FOLDER}/index.html")
    return missed


def of_readme(platform: Platform, authority: Authority, folder: Path) -> list[str]:
    """The few that the README shows."""
    views = list(readme.SHOWN.values())
    missed = asyncio.run(taken(platform, authority, folder, views, [readme.WAY]))
    if not missed:
        readme.write(folder)
    return missed


def main() -> None:
    """Start, picture, say what could not be taken."""
    if not CHROMIUM:
        sys.exit(NONE)
    with tempfile.TemporaryDirectory(prefix="minzheng-sheet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        authority = Authority(folder)
        trusted = {"MINZHENG_DEPARTMENT_CA": str(authority.file)}
        prepared = Platform.prepare(folder / "var", MINZHENG_DEMO="1", **trusted)
        with prepared.serving() as platform:
            make = of_readme if sys.argv[1:] == ["readme"] else sheet
            missed = make(platform, authority, folder / "taken")
    sys.exit("\n".join(missed) or 0)


if __name__ == "__main__":
    main()
