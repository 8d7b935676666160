"""Takes the pictures: every view in four ways, a profile per person and way."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from playwright.async_api import Browser, Page, StorageState

from tests.portal.portal import Portal
from tests.portal.sheet.views import OWNED, OWNER, View

AT_ONCE = 3
"""Pages loaded side by side: the platform has the same cores."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a page is looked at."""

    name: str
    size: tuple[int, int]
    display: str = ""


WAYS = (
    Way("desktop", (1280, 800)),
    Way("mobile", (360, 740)),
    Way("elder", (1280, 800), "elder"),
    Way("english", (1280, 800), "en"),
)


@dataclass
class Camera:
    """Takes pictures of a platform into a folder."""

    portal: Portal
    ids: Mapping[str, str]
    folder: Path
    missed: list[str] = field(default_factory=list)
    """Views that could not be taken, and why."""
    _signed: dict[str, StorageState] = field(default_factory=dict)
    _few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def take(self, views: Iterable[View], ways: Iterable[Way] = WAYS) -> None:
        """All of them."""
        people = sorted(views, key=lambda view: view.who)
        groups = [(who, list(some)) for who, some in groupby(people, lambda view: view.who)]
        for who, _ in groups:
            await self._sign_in(who)
        await asyncio.gather(
            *(self._series(who, some, way) for way in ways for who, some in groups)
        )

    async def _sign_in(self, who: str) -> None:
        """Once per person; the cookies serve every profile."""
        if not who or who in self._signed:
            return
        page = await self.portal.as_user(who)
        if who == OWNER:
            await page.goto("/sign-in/post")
            await page.get_by_role("button", name=OWNED).click()
            await page.wait_for_load_state()
        self._signed[who] = await page.context.storage_state()

    async def _series(self, who: str, views: list[View], way: Way) -> None:
        async with self._few:
            page = await self._profile(self.portal.browser, who, way)
            for view in views:
                try:
                    await self._picture(page, view, way)
                except Exception as error:
                    self.missed.append(f"{view.name} {way.name}: {str(error)[:200]}")
            await page.context.close()

    async def _profile(self, browser: Browser, who: str, way: Way) -> Page:
        context = await browser.new_context(
            base_url=self.portal.platform.url,
            locale="zh-CN",
            viewport={"width": way.size[0], "height": way.size[1]},
            storage_state=self._signed.get(who),
            reduced_motion="reduce",
        )
        if way.display:
            cookie = {"name": "display", "value": way.display, "url": self.portal.platform.url}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        page.set_default_timeout(15_000)
        return page

    async def _picture(self, page: Page, view: View, way: Way) -> None:
        await page.goto(view.path.format(**self.ids))
        if view.act:
            await view.act(page, dict(self.ids))
        file = self.folder / way.name / f"{view.name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=file, full_page=True)
