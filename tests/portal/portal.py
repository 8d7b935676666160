"""Visits to the pages in a real browser: as nobody, or as somebody of the demo realm."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from gateway.demo.client import PASSWORD
from gateway.portal.assets.build import FOR_TESTS, build
from tests.platform import Platform

ROOT = Path(__file__).parents[2]
USERS = ROOT / "deploy" / "keycloak" / "demo_users.csv"
PLACE = "460106"
"""Whose people act unless a test says otherwise: 龙华区."""
DESKTOP, MOBILE = (1440, 900), (390, 844)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CHECK = "async (rules) => (await axe.run({runOnly: rules, resultTypes: ['violations']})).violations"
IGNORED = ("favicon",)


def username(role: str, place: str = PLACE) -> str:
    """Somebody of the demo realm with a role, in the place where there is one."""
    with USERS.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["role"] == role]
    near = [row for row in rows if row["region_code"].startswith(place)]
    return str((near or rows)[0]["username"])


@dataclass
class Portal:
    """The pages of a platform."""

    platform: Platform
    browser: Browser
    accidents: list[str] = field(default_factory=list)
    """Errors on the console, scripts that failed, answers of 500 and more."""
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self,
        path: str = "/",
        *,
        size: tuple[int, int] = DESKTOP,
        scripts: bool = True,
        display: str = "",
        watched: bool = True,
        proxy: str = "",
    ) -> Page:
        """A page in a fresh profile; `display`: e.g. `elder.contrast` or `en`; all goes through `proxy`."""
        context = await self.browser.new_context(
            base_url=self.platform.url,
            locale="zh-CN",
            java_script_enabled=scripts,
            viewport={"width": size[0], "height": size[1]},
            proxy={"server": proxy, "bypass": "<-loopback>"} if proxy else None,
        )
        self._contexts.append(context)
        if display:
            cookie = {"name": "display", "value": display, "url": self.platform.url}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        page.set_default_timeout(15_000)
        if watched:
            self.watch(page)
        await page.goto(path)
        return page

    def watch(self, page: Page) -> None:
        """Note what goes wrong on a page; a refusal (4xx) is not an accident."""

        def console(message: Any) -> None:
            if message.type == "error" and "the server responded with a status of 4" not in message.text:  # fmt: skip
                self.accidents.append(f"{page.url}: {message.text}")

        page.on("console", console)
        page.on("pageerror", lambda error: self.accidents.append(f"{page.url}: {error}"))

        def failure(answer: Any) -> None:
            if answer.status >= 500:
                self.accidents.append(f"{answer.url}: {answer.status}")

        page.on("response", failure)

    async def as_user(self, name: str, path: str = "/me", **options: Any) -> Page:
        """A page as a person of the demo realm, signed in by the pages of the sign-on."""
        page = await self.open(f"/sign-in?level=high&next={path}", **options)
        await page.fill("input[name=username]", name)
        await page.fill("input[name=password]", PASSWORD)
        await page.locator("input[name=password]").press("Enter")
        await page.wait_for_url(f"{self.platform.url}/**")
        return page

    async def as_role(self, role: str, path: str = "/me", place: str = PLACE, **options: Any) -> Page:  # fmt: skip
        """A page as somebody with that role."""
        return await self.as_user(username(role, place), path, **options)

    async def close(self) -> None:
        """Close every profile."""
        for context in self._contexts:
            await context.close()


UNTOLD = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { textContent: text, parentElement: at } = walk.currentNode;
    if (/[\\u4e00-\\u9fff]/.test(text) && at.closest("[lang]").lang === "en") found.push(text.trim());
  }
  return found;
}"""


async def untold(page: Page) -> Sequence[str]:
    """Chinese on an English page that does not say that it is."""
    found: Sequence[str] = await page.evaluate(UNTOLD)
    return found


async def axe(page: Page) -> Sequence[str]:
    """What breaks a rule of accessibility; empty is good. Styles in motion are let come to rest."""
    assert build(tests=True), "axe-core was not fetched"
    script = (FOR_TESTS / "axe.js").read_text(encoding="utf-8")
    await page.evaluate(script)
    found = await page.evaluate(CHECK, list(RULES))
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"]
    ]
