"""`make contact-sheet`: a platform is started once, shown in every state and pictured; needs Chromium.

ONLY=gov,apply pictures some rooms.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.platform import ROOT, Platform
from tests.portal.chromium import CHROMIUM, NONE, launched
from tests.portal.portal import Portal
from tests.portal.sheet.look import write
from tests.portal.sheet.scene import scene
from tests.portal.sheet.shoot import Camera
from tests.portal.sheet.views import VIEWS
from tests.sink import Authority

FOLDER = ROOT / "var" / "contact-sheet"


async def pictures(platform: Platform, authority: Authority) -> list[str]:
    """Every view asked for; what could not be taken."""
    rooms = tuple(f"{room}/" for room in os.environ.get("ONLY", "").split(",") if room)
    views = [view for view in VIEWS if not rooms or view.name.startswith(rooms)]
    async with scene(platform, authority) as ids, async_playwright() as playwright:
        browser = await launched(playwright)
        camera = Camera(Portal(platform, browser), ids, FOLDER)
        await camera.take(views)
        await browser.close()
    write(FOLDER, views)
    return camera.missed


def main() -> None:
    """Start, picture, say where."""
    if not CHROMIUM:
        sys.exit(NONE)
    with tempfile.TemporaryDirectory(prefix="minzheng-sheet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        authority = Authority(folder)
        trusted = {"MINZHENG_DEPARTMENT_CA": str(authority.file)}
        prepared = Platform.prepare(folder / "var", MINZHENG_DEMO="1", **trusted)
        with prepared.serving() as platform:
            missed = asyncio.run(pictures(platform, authority))
    print(f"{FOLDER}/index.html")
    sys.exit("\n".join(missed))


if __name__ == "__main__":
    main()
